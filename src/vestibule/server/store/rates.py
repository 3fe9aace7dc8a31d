"""Rate windows: how often something happened since its window began, counted in one statement."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, delete

from vestibule.server.store.rows import read
from vestibule.server.store.schema import rate_windows
from vestibule.server.store.upsert import insert_into


@dataclass(frozen=True, slots=True)
class RateWindow:
    started_at: dt.datetime
    count: int


class Rates:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hit(self, key_hash: bytes, *, now: dt.datetime, window: dt.timedelta) -> RateWindow:
        """Count one more, in a new window when the last one is over."""
        statement = insert_into(self._connection, rate_windows).values(
            key_hash=key_hash, started_at=now, count=1
        )
        over = rate_windows.c.started_at <= now - window
        changed: dict[str, Any] = {
            "count": case((over, 1), else_=rate_windows.c.count + 1),
            "started_at": case((over, statement.excluded.started_at), else_=rate_windows.c.started_at),
        }
        counted = statement.on_conflict_do_update(index_elements=["key_hash"], set_=changed)
        return read(RateWindow, self._connection.execute(counted.returning(rate_windows)).one())

    def forget(self, key_hash: bytes) -> None:
        self._connection.execute(delete(rate_windows).where(rate_windows.c.key_hash == key_hash))

    def purge(self, *, before: dt.datetime) -> int:
        """Windows that began before this moment say nothing any more."""
        return self._connection.execute(
            delete(rate_windows).where(rate_windows.c.started_at < before)
        ).rowcount
