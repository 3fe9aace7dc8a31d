"""Rate windows: how often something happened since its window began, counted in one statement."""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, bindparam, case, delete

from vestibule.server.store.rows import read
from vestibule.server.store.schema import rate_windows
from vestibule.server.store.upsert import insert_for

FORGET: Final = delete(rate_windows).where(rate_windows.c.key_hash == bindparam("key"))


@dataclass(frozen=True, slots=True)
class RateWindow:
    started_at: dt.datetime
    count: int


class Rates:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hit(self, key_hash: bytes, *, now: dt.datetime, window: dt.timedelta) -> RateWindow:
        """Count one more, in a new window when the last one is over."""
        values = {"key_hash": key_hash, "started_at": now, "count": 1, "began_by": now - window}
        row = self._connection.execute(_hit(self._connection.dialect.name), values).one()
        return read(RateWindow, row)

    def forget(self, key_hash: bytes) -> None:
        self._connection.execute(FORGET, {"key": key_hash})

    def purge(self, *, before: dt.datetime) -> int:
        """Windows that began before this moment say nothing any more."""
        return self._connection.execute(
            delete(rate_windows).where(rate_windows.c.started_at < before)
        ).rowcount


@cache
def _hit(dialect: str) -> Any:
    """Made once: building it takes SQLAlchemy longer than running it, and each sign-in needs it."""
    statement = insert_for(dialect, rate_windows)
    over = rate_windows.c.started_at <= bindparam("began_by", type_=rate_windows.c.started_at.type)
    changed: dict[str, Any] = {
        "count": case((over, 1), else_=rate_windows.c.count + 1),
        "started_at": case((over, statement.excluded.started_at), else_=rate_windows.c.started_at),
    }
    return statement.on_conflict_do_update(index_elements=["key_hash"], set_=changed).returning(rate_windows)
