"""API keys, kept as digests."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, case, insert, literal, or_, select, update

from vestibule.server.store.columns import Moment
from vestibule.server.store.rows import read, read_or_none
from vestibule.server.store.schema import api_keys

# Made once: building it takes SQLAlchemy longer than running it, and each request of an app needs it.
FIND: Final = select(api_keys).where(
    api_keys.c.key_hash == bindparam("hash"),
    api_keys.c.revoked_at.is_(None),
    or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > bindparam("moment")),
)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`hint` is the end of the key: enough to recognize it by, useless to anybody else."""

    id: str
    name: str
    hint: str
    last_used_at: dt.datetime | None
    revoked_at: dt.datetime | None
    expires_at: dt.datetime | None
    created_at: dt.datetime


class ApiKeys:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> ApiKey:
        return read(
            ApiKey, self._connection.execute(insert(api_keys).values(**values).returning(api_keys)).one()
        )

    def find(self, key_hash: bytes, *, now: dt.datetime) -> ApiKey | None:
        """None for a revoked one, and for one whose time is over."""
        values = {"hash": key_hash, "moment": now}
        return read_or_none(ApiKey, self._connection.execute(FIND, values).one_or_none())

    def list(self) -> Sequence[ApiKey]:
        query = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)
        return [read(ApiKey, row) for row in self._connection.execute(query)]

    def record_use(self, key_id: str, *, now: dt.datetime) -> None:
        self._connection.execute(update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=now))

    def revoke(self, key_id: str, *, now: dt.datetime) -> ApiKey | None:
        """None when there is none, or it was revoked before."""
        statement = (
            update(api_keys)
            .where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
            .values(revoked_at=now)
            .returning(api_keys)
        )
        return read_or_none(ApiKey, self._connection.execute(statement).one_or_none())

    def expire(self, key_id: str, *, expires_at: dt.datetime, now: dt.datetime) -> ApiKey | None:
        """Never later than it would have ended anyway. None when it has ended."""
        live = or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > now)
        sooner = case(
            (api_keys.c.expires_at < expires_at, api_keys.c.expires_at), else_=literal(expires_at, Moment)
        )
        statement = (
            update(api_keys)
            .where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None), live)
            .values(expires_at=sooner)
            .returning(api_keys)
        )
        return read_or_none(ApiKey, self._connection.execute(statement).one_or_none())
