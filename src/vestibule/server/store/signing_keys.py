"""Signing keys: published before they sign, signing for a while, published a little longer."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from vestibule.server.store.rows import read, read_or_none
from vestibule.server.store.schema import signing_keys


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`signs_until` and `published_until` are None for the newest key."""

    kid: str
    private_sealed: str = field(repr=False)
    public_jwk: dict[str, Any] = field(repr=False)
    signs_from: dt.datetime
    signs_until: dt.datetime | None
    published_until: dt.datetime | None
    created_at: dt.datetime


class SigningKeys:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> SigningKey:
        statement = insert(signing_keys).values(**values).returning(signing_keys)
        return read(SigningKey, self._connection.execute(statement).one())

    def find_signing(self, now: dt.datetime) -> SigningKey | None:
        columns = signing_keys.c
        query = (
            select(signing_keys)
            .where(columns.signs_from <= now, or_(columns.signs_until.is_(None), columns.signs_until > now))
            .order_by(columns.signs_from.desc(), columns.kid)
            .limit(1)
        )
        return read_or_none(SigningKey, self._connection.execute(query).one_or_none())

    def list(self) -> Sequence[SigningKey]:
        query = select(signing_keys).order_by(signing_keys.c.signs_from, signing_keys.c.kid)
        return [read(SigningKey, row) for row in self._connection.execute(query)]

    def retire_others(self, kid: str, *, signs_until: dt.datetime, published_until: dt.datetime) -> None:
        """Those that have not been retired yet."""
        columns = signing_keys.c
        statement = (
            update(signing_keys)
            .where(columns.kid != kid, columns.signs_until.is_(None))
            .values(signs_until=signs_until, published_until=published_until)
        )
        self._connection.execute(statement)

    def withdraw_others(self, kid: str, *, now: dt.datetime) -> None:
        """All of them, whatever was planned for them."""
        columns = signing_keys.c
        statement = (
            update(signing_keys)
            .where(columns.kid != kid, or_(columns.published_until.is_(None), columns.published_until > now))
            .values(signs_until=now, published_until=now)
        )
        self._connection.execute(statement)
