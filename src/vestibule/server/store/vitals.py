"""What the database says of itself, and how much waits in it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select, text

from vestibule.server.store.columns import EPOCH
from vestibule.server.store.migration import is_current, revision_of
from vestibule.server.store.schema import mails, rate_windows, webhook_deliveries


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """`clock` None: it has that of this machine."""

    kind: str
    version: str
    revision: str
    is_current: bool
    size: int
    clock: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Queue:
    waiting: int
    failed: int
    oldest: dt.datetime | None
    """Since when the one that waits longest does."""


class Vitals:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def database(self) -> DatabaseFacts:
        postgres = self._connection.dialect.name == "postgresql"
        version, size = ("current_setting('server_version')", "pg_database_size(current_database())")
        if not postgres:
            version, size = "sqlite_version()", "(SELECT page_count * page_size"
            size += " FROM pragma_page_count(), pragma_page_size())"
        row = self._connection.execute(text(f"SELECT {version} AS version, {size} AS size")).one()
        return DatabaseFacts(
            kind="PostgreSQL" if postgres else "SQLite",
            version=str(row.version),
            revision=revision_of(self._connection) or "none",
            is_current=is_current(self._connection),
            size=int(row.size),
            clock=self._clock() if postgres else None,
        )

    def mails(self) -> Queue:
        column = mails.c
        waiting = (column.sent_at.is_(None), column.failed_at.is_(None))
        failed = select(func.count()).where(column.failed_at.is_not(None))
        return self._queue(select(func.count(), func.min(column.created_at)).where(*waiting), failed)

    def webhooks(self) -> Queue:
        column = webhook_deliveries.c
        failed = select(func.count()).where(column.failed_at.is_not(None))
        return self._queue(
            select(func.count(), func.min(column.queued_at)).where(column.due_at.is_not(None)), failed
        )

    def limits(self, *, since: dt.datetime) -> int:
        """How many counters were begun since."""
        query = select(func.count()).where(rate_windows.c.started_at >= since)
        return int(self._connection.execute(query).scalar_one())

    def _queue(self, waiting: Select[*tuple[Any, ...]], failed: Select[int]) -> Queue:
        number, oldest = self._connection.execute(waiting).one()
        return Queue(int(number), int(self._connection.execute(failed).scalar_one()), oldest)

    def _clock(self) -> dt.datetime:
        seconds = self._connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one()
        return EPOCH + dt.timedelta(seconds=float(seconds))
