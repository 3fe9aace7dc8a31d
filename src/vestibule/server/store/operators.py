"""Operators, found by the user they are, and the links that make the first."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from vestibule.server.store.rows import read, read_or_none
from vestibule.server.store.schema import operators, setup_links

columns = operators.c


@dataclass(frozen=True, slots=True)
class Operator:
    """`user_id` is None until somebody with this address has signed in."""

    id: str
    email: str
    user_id: str | None
    role: str
    last_seen_at: dt.datetime | None
    created_at: dt.datetime


class Operators:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> Operator:
        statement = insert(operators).values(**values).returning(operators)
        return read(Operator, self._connection.execute(statement).one())

    def find(self, operator_id: str) -> Operator | None:
        return self._find(columns.id == operator_id)

    def find_by_email_key(self, email_key: str) -> Operator | None:
        return self._find(columns.email_key == email_key)

    def find_of(self, user_id: str, email_key: str) -> Operator | None:
        """The one who is this user, or who will be when they first sign in."""
        return self._find(columns.user_id == user_id) or self._find(_awaited(email_key))

    def claim(self, user_id: str, email_key: str, *, now: dt.datetime) -> Operator | None:
        """Noted as seen, and bound to the user from here on."""
        known = self._note(columns.user_id == user_id, user_id, now)
        return known or self._note(_awaited(email_key), user_id, now)

    def _note(self, condition: Any, user_id: str, now: dt.datetime) -> Operator | None:
        statement = update(operators).where(condition).values(user_id=user_id, last_seen_at=now)
        return read_or_none(Operator, self._connection.execute(statement.returning(operators)).one_or_none())

    def list(self) -> Sequence[Operator]:
        query = select(operators).order_by(columns.created_at, columns.id)
        return [read(Operator, row) for row in self._connection.execute(query)]

    def count(self, role: str | None = None) -> int:
        query = select(func.count()).select_from(operators)
        return int(
            self._connection.execute(
                query if role is None else query.where(columns.role == role)
            ).scalar_one()
        )

    def update_role(self, operator_id: str, *, role: str, now: dt.datetime) -> Operator | None:
        statement = update(operators).where(columns.id == operator_id).values(role=role, updated_at=now)
        return read_or_none(Operator, self._connection.execute(statement.returning(operators)).one_or_none())

    def delete(self, operator_id: str) -> Operator | None:
        statement = delete(operators).where(columns.id == operator_id).returning(operators)
        return read_or_none(Operator, self._connection.execute(statement).one_or_none())

    def create_link(self, token_hash: bytes, *, expires_at: dt.datetime, now: dt.datetime) -> None:
        """Those made before work on: each process of a server prints its own."""
        self._connection.execute(delete(setup_links).where(setup_links.c.expires_at <= now))
        self._connection.execute(
            insert(setup_links).values(token_hash=token_hash, expires_at=expires_at, created_at=now)
        )

    def find_link(self, token_hash: bytes, *, now: dt.datetime) -> bool:
        query = select(setup_links.c.created_at).where(
            setup_links.c.token_hash == token_hash, setup_links.c.expires_at > now
        )
        return self._connection.execute(query).one_or_none() is not None

    def consume_link(self, token_hash: bytes, *, now: dt.datetime) -> bool:
        statement = delete(setup_links).where(
            setup_links.c.token_hash == token_hash, setup_links.c.expires_at > now
        )
        return self._connection.execute(statement).rowcount == 1

    def _find(self, condition: Any) -> Operator | None:
        return read_or_none(
            Operator, self._connection.execute(select(operators).where(condition)).one_or_none()
        )


def _awaited(email_key: str) -> Any:
    return columns.user_id.is_(None) & (columns.email_key == email_key)
