"""Password credentials: at most one for each user, kept as a salted hash."""

import datetime as dt
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, select, update

from vestibule.server.store.schema import password_credentials
from vestibule.server.store.upsert import insert_for, insert_unless_exists

# Made once: each sign-in asks.
FIND: Final = select(password_credentials.c.hash).where(password_credentials.c.user_id == bindparam("user"))


class Passwords:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, user_id: str) -> str | None:
        return self._connection.execute(FIND, {"user": user_id}).scalar_one_or_none()

    def find_set_at(self, user_id: str) -> dt.datetime | None:
        query = select(password_credentials.c.updated_at).where(password_credentials.c.user_id == user_id)
        found: dt.datetime | None = self._connection.execute(query).scalar_one_or_none()
        return found

    def set(self, user_id: str, *, hash: str, now: dt.datetime) -> None:
        values = {"user_id": user_id, "hash": hash, "updated_at": now}
        self._connection.execute(_put(self._connection.dialect.name), values)

    def add(self, user_id: str, *, hash: str, now: dt.datetime) -> bool:
        """False when the user has one."""
        values = {"user_id": user_id, "hash": hash, "updated_at": now}
        return insert_unless_exists(self._connection, password_credentials, **values)

    def replace(self, user_id: str, *, old: str, new: str, now: dt.datetime) -> bool:
        """A better hash of the same password; loses against a password set in between."""
        statement = (
            update(password_credentials)
            .where(password_credentials.c.user_id == user_id, password_credentials.c.hash == old)
            .values(hash=new, updated_at=now)
        )
        return self._connection.execute(statement).rowcount == 1

    def delete(self, user_id: str) -> bool:
        statement = delete(password_credentials).where(password_credentials.c.user_id == user_id)
        return self._connection.execute(statement).rowcount == 1


@cache
def _put(dialect: str) -> Any:
    """Made once: an import runs it for each row."""
    statement = insert_for(dialect, password_credentials)
    changed = {"hash": statement.excluded.hash, "updated_at": statement.excluded.updated_at}
    return statement.on_conflict_do_update(index_elements=["user_id"], set_=changed)
