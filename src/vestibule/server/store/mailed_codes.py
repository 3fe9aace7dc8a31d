"""Codes that were mailed to somebody: the tries one has left, and whether it was used; in three tables."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, insert, select, update

from vestibule.server.store.rows import read, read_or_none

TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class StoredCode:
    """`email` is where the code went, which need not be the user's address."""

    id: str
    user_id: str
    email: str
    code_sealed: str = field(repr=False)
    code_hash: bytes = field(repr=False)
    attempts: int
    expires_at: dt.datetime
    consumed_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime


class MailedCodes:
    def __init__(self, connection: Connection, table: Table) -> None:
        self._connection = connection
        self._table = table

    def create(self, **values: Any) -> StoredCode:
        statement = insert(self._table).values(attempts=0, **values).returning(self._table)
        return read(StoredCode, self._connection.execute(statement).one())

    def find(self, code_id: str) -> StoredCode | None:
        query = select(self._table).where(self._table.c.id == code_id)
        return read_or_none(StoredCode, self._connection.execute(query).one_or_none())

    def find_newest(self, user_id: str) -> StoredCode | None:
        query = (
            select(self._table)
            .where(self._table.c.user_id == user_id)
            # Not by creation: of two made in one millisecond, the one that was ended expires first.
            .order_by(self._table.c.expires_at.desc(), self._table.c.id.desc())
            .limit(1)
        )
        return read_or_none(StoredCode, self._connection.execute(query).one_or_none())

    def spend_try(self, code_id: str, *, now: dt.datetime) -> bool:
        """Before the code is looked at: of any number of parallel guesses, five get through."""
        statement = (
            update(self._table)
            .where(self._table.c.id == code_id, self._is_live(now), self._table.c.attempts < TRIES)
            .values(attempts=self._table.c.attempts + 1, updated_at=now)
        )
        return self._connection.execute(statement).rowcount == 1

    def consume(self, code_id: str, *, now: dt.datetime) -> bool:
        """True once, for the one who used it."""
        statement = (
            update(self._table)
            .where(self._table.c.id == code_id, self._is_live(now))
            .values(consumed_at=now, updated_at=now)
        )
        return self._connection.execute(statement).rowcount == 1

    def expire_all(self, user_id: str, *, now: dt.datetime) -> int:
        """A new code, or a new address, ends every code that is still out."""
        statement = (
            update(self._table)
            .where(self._table.c.user_id == user_id, self._is_live(now))
            .values(expires_at=now, updated_at=now)
        )
        return self._connection.execute(statement).rowcount

    def purge(self, *, expired_before: dt.datetime) -> int:
        statement = delete(self._table).where(self._table.c.expires_at < expired_before)
        return self._connection.execute(statement).rowcount

    def _is_live(self, now: dt.datetime) -> ColumnElement[bool]:
        return and_(self._table.c.consumed_at.is_(None), self._table.c.expires_at > now)
