"""Pending authentications: somebody proved one thing and owes one more step."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from vestibule.server.store.rows import read_or_none
from vestibule.server.store.schema import pending_authentications


@dataclass(frozen=True, slots=True)
class StoredPending:
    user_id: str
    reason: str
    state: Mapping[str, Any] = field(repr=False)
    expires_at: dt.datetime
    created_at: dt.datetime


class PendingAuthentications:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> None:
        self._connection.execute(insert(pending_authentications).values(**values))

    def find(self, token_hash: bytes, *, now: dt.datetime) -> StoredPending | None:
        """None once it is used or over."""
        query = select(pending_authentications).where(*_alive(token_hash, now))
        return read_or_none(StoredPending, self._connection.execute(query).one_or_none())

    def consume(self, token_hash: bytes, *, now: dt.datetime) -> StoredPending | None:
        statement = (
            update(pending_authentications)
            .where(*_alive(token_hash, now))
            .values(consumed_at=now)
            .returning(pending_authentications)
        )
        return read_or_none(StoredPending, self._connection.execute(statement).one_or_none())

    def delete_all(self, user_id: str) -> None:
        self._connection.execute(
            delete(pending_authentications).where(pending_authentications.c.user_id == user_id)
        )

    def purge(self, *, expired_before: dt.datetime) -> int:
        statement = delete(pending_authentications).where(
            pending_authentications.c.expires_at < expired_before
        )
        return self._connection.execute(statement).rowcount


def _alive(token_hash: bytes, now: dt.datetime) -> tuple[Any, ...]:
    return (
        pending_authentications.c.token_hash == token_hash,
        pending_authentications.c.consumed_at.is_(None),
        pending_authentications.c.expires_at > now,
    )
