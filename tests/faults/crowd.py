"""Very many users, each with a session and its refresh token, put straight into the tables."""

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg

from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import get_client_id
from vestibule.server.identity.secrets import digest

DAY = 24 * 60 * 60 * 1000
BATCH = 20_000

USERS = ("id", "email", "email_key", "email_verified", "metadata", "created_at", "updated_at")
SESSIONS = (
    "id",
    "client_id",
    "user_id",
    "authentication_method",
    "authenticated_at",
    "expires_at",
    "created_at",
    "updated_at",
)
TOKENS = ("token_hash", "session_id", "generation", "created_at")
COLUMNS = {"users": USERS, "sessions": SESSIONS, "refresh_tokens": TOKENS}


@dataclass(frozen=True, slots=True)
class Crowd:
    """Person `n` has the session `n`. One more has `many` sessions; `old` sessions ended long ago."""

    size: int
    now: dt.datetime
    client_id: str
    many: int = 10_000
    old: int = 1_000

    def user(self, number: int) -> str:
        return f"user_{number:026d}"

    def token(self, number: int) -> str:
        return f"refresh-token-{number}"

    @property
    def busy(self) -> str:
        return self.user(self.size)

    def rows(self, table: str) -> Iterator[tuple[Any, ...]]:
        now = int(self.now.timestamp() * 1000)
        if table == "users":
            for number in range(self.size + 1):
                email, at = f"user{number}@example.com", now - (self.size - number) * 10
                yield self.user(number), email, email, True, "{}", at, at
            return
        for number in range(self.size + self.many + self.old):
            session, at = f"session_{number:026d}", now - 1000
            is_old = number >= self.size + self.many
            ends = now - 40 * DAY - number if is_old else now + 29 * DAY + number
            owner = self.user(min(number, self.size) if not is_old else number % self.size)
            if table == "sessions":
                yield session, self.client_id, owner, "Password", at, ends, at, at
            else:
                yield digest(self.token(number)), session, 0, at


def gather(
    identity: Identity, database: str, size: int, *, tables: tuple[str, ...] = tuple(COLUMNS), **numbers: int
) -> Crowd:
    crowd = Crowd(size, identity.now, get_client_id(identity), **numbers)
    fill = _fill_sqlite if database.startswith("sqlite") else _fill_postgresql
    fill(database, crowd, tables)
    return crowd


def _fill_sqlite(database: str, crowd: Crowd, tables: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
        for table in tables:
            columns = COLUMNS[table]
            marks = ",".join("?" * len(columns))
            statement = f"INSERT INTO {table} ({','.join(columns)}) VALUES ({marks})"  # noqa: S608
            connection.executemany(statement, crowd.rows(table))
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _fill_postgresql(database: str, crowd: Crowd, tables: tuple[str, ...]) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        for table in tables:
            columns = COLUMNS[table]
            copy = f"COPY {table} ({','.join(columns)}) FROM STDIN"
            with connection.cursor().copy(copy.encode()) as writer:
                for row in crowd.rows(table):
                    writer.write_row(row)
        connection.execute("VACUUM ANALYZE")
