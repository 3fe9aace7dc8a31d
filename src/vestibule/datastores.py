"""Where `auth.data` can live on the app's side: a table of its database, or a Redis.

Auth(app, data=Cart, data_store=SqlDataStore(lambda: sqlite3.connect("app.db")))
Auth(app, data=Cart, data_store=RedisDataStore(redis.Redis()))
"""

import contextlib
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from vestibule.errors import ConfigError

__all__ = ["RedisDataStore", "SqlDataStore"]

AN_HOUR = 3600
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}", re.ASCII)
PLACEHOLDERS = {"qmark": "?", "format": "%s", "pyformat": "%s"}


class Connection(Protocol):
    """A connection of the DB-API (PEP 249)."""

    def cursor(self) -> Any: ...

    def commit(self) -> object: ...

    def rollback(self) -> object: ...

    def close(self) -> object: ...


class SqlDataStore:
    """For SQLite and PostgreSQL. `connect` gives a connection, which is closed after each use: one of a pool
    goes back to it then. The table is made with the first use. `placeholder` is for a connection that does
    not show which driver it is of. Raises ConfigError."""

    def __init__(
        self,
        connect: Callable[[], Connection],
        *,
        table: str = "vestibule_data",
        placeholder: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if NAME.fullmatch(table) is None:
            raise ConfigError(f"{table!r} cannot be the name of a table.")
        self._connect = connect
        self._table = table
        self._placeholder = placeholder
        self._clock = clock
        self._is_made = False
        self._purge_at = clock() + AN_HOUR
        self._lock = threading.Lock()

    def find(self, key: str, /) -> str | None:
        rows = self._run("SELECT value FROM {table} WHERE id = ? AND expires_at > ?", key, int(self._clock()))
        return None if not rows else str(rows[0][0])

    def update(self, key: str, text: str, /, *, max_age: int) -> None:
        self._run(
            "INSERT INTO {table} (id, value, expires_at) VALUES (?, ?, ?) ON CONFLICT (id) "
            "DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at",
            key,
            text,
            int(self._clock()) + max_age,
        )
        if self._clock() >= self._purge_at:
            self._purge_at = self._clock() + AN_HOUR
            self.purge()

    def delete(self, key: str, /) -> None:
        self._run("DELETE FROM {table} WHERE id = ?", key)

    def purge(self) -> int:
        """Deletes what has expired, and says how much that was. Happens by itself once an hour."""
        expired = self._run("SELECT count(*) FROM {table} WHERE expires_at <= ?", int(self._clock()))
        self._run("DELETE FROM {table} WHERE expires_at <= ?", int(self._clock()))
        return int(expired[0][0])

    def _run(self, statement: str, *values: object) -> list[Any]:
        with self._connection() as connection:
            self._make_table(connection)
            placeholder = self._placeholder or _placeholder_of(connection)
            cursor = connection.cursor()
            cursor.execute(statement.format(table=self._table).replace("?", placeholder), values)
            rows = list(cursor.fetchall()) if cursor.description else []
            connection.commit()
            return rows

    @contextlib.contextmanager
    def _connection(self) -> Iterator[Connection]:
        connection = self._connect()
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        finally:
            connection.close()

    def _make_table(self, connection: Connection) -> None:
        if self._is_made:
            return
        with self._lock:
            cursor = connection.cursor()
            try:
                cursor.execute(
                    f"CREATE TABLE IF NOT EXISTS {self._table} (id VARCHAR(64) PRIMARY KEY, "
                    "value TEXT NOT NULL, expires_at BIGINT NOT NULL)"
                )
                cursor.execute(
                    f"CREATE INDEX IF NOT EXISTS {self._table}_expires_at ON {self._table} (expires_at)"
                )
                connection.commit()
            except Exception:
                # PostgreSQL fails when two processes make it at the same time: then it is there.
                connection.rollback()
                connection.cursor().execute(f"SELECT 1 FROM {self._table} WHERE 1 = 0")  # noqa: S608 - checked
            self._is_made = True


class RedisClient(Protocol):
    """What is used of `redis.Redis`."""

    def get(self, name: str, /) -> Any: ...

    def set(self, name: str, value: str, /, *, ex: int) -> Any: ...

    def delete(self, name: str, /) -> Any: ...


class RedisDataStore:
    """With a client of your own, so that its pool, timeouts and TLS are yours too. Redis forgets what has
    expired; give it no eviction policy that forgets more."""

    def __init__(self, client: RedisClient, *, prefix: str = "vestibule:data:") -> None:
        self._client = client
        self._prefix = prefix

    def find(self, key: str, /) -> str | None:
        found = self._client.get(self._prefix + key)
        return found.decode() if isinstance(found, bytes) else found

    def update(self, key: str, text: str, /, *, max_age: int) -> None:
        self._client.set(self._prefix + key, text, ex=max_age)

    def delete(self, key: str, /) -> None:
        self._client.delete(self._prefix + key)


def _placeholder_of(connection: Connection) -> str:
    driver = sys.modules.get(type(connection).__module__.partition(".")[0])
    placeholder = PLACEHOLDERS.get(getattr(driver, "paramstyle", ""))
    if placeholder is None:
        raise ConfigError(
            f"How {type(connection).__qualname__} marks values in a statement is not known. "
            "Say it: SqlDataStore(…, placeholder='%s'), or '?'."
        )
    return placeholder
