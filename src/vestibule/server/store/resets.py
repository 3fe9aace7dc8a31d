"""Password resets: the token of a link that was mailed, good once."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, insert, select, update

from vestibule.server.store.rows import read, read_or_none
from vestibule.server.store.schema import password_resets

# Made once: building it takes SQLAlchemy longer than running it, and each sign-in needs it.
EXPIRE_ALL: Final = (
    update(password_resets)
    .where(
        password_resets.c.user_id == bindparam("user"),
        password_resets.c.consumed_at.is_(None),
        password_resets.c.expires_at > bindparam("moment"),
    )
    .values(expires_at=bindparam("moment"))
)


@dataclass(frozen=True, slots=True)
class StoredReset:
    id: str
    user_id: str
    email: str
    token_sealed: str = field(repr=False)
    expires_at: dt.datetime
    consumed_at: dt.datetime | None
    created_at: dt.datetime


class Resets:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> StoredReset:
        statement = insert(password_resets).values(**values).returning(password_resets)
        return read(StoredReset, self._connection.execute(statement).one())

    def find(self, reset_id: str) -> StoredReset | None:
        query = select(password_resets).where(password_resets.c.id == reset_id)
        return read_or_none(StoredReset, self._connection.execute(query).one_or_none())

    def find_by_token(self, token_hash: bytes) -> StoredReset | None:
        query = select(password_resets).where(password_resets.c.token_hash == token_hash)
        return read_or_none(StoredReset, self._connection.execute(query).one_or_none())

    def consume(self, token_hash: bytes, *, now: dt.datetime) -> StoredReset | None:
        """The reset, once, while it lives."""
        statement = (
            update(password_resets)
            .where(
                password_resets.c.token_hash == token_hash,
                _is_live(now),
            )
            .values(consumed_at=now)
            .returning(password_resets)
        )
        return read_or_none(StoredReset, self._connection.execute(statement).one_or_none())

    def expire_all(self, user_id: str, *, now: dt.datetime) -> int:
        """A newer link, a new address, a new password or a sign-in ends every link that is still out."""
        return self._connection.execute(EXPIRE_ALL, {"user": user_id, "moment": now}).rowcount

    def purge(self, *, expired_before: dt.datetime) -> int:
        statement = delete(password_resets).where(password_resets.c.expires_at < expired_before)
        return self._connection.execute(statement).rowcount


def _is_live(now: dt.datetime) -> ColumnElement[bool]:
    return and_(password_resets.c.consumed_at.is_(None), password_resets.c.expires_at > now)
