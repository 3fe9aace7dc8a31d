"""How much happened on each day: counted from the events, and kept once a day is over."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, func, select

from vestibule.server.store.rows import read
from vestibule.server.store.schema import activity_days, events, users
from vestibule.server.store.upsert import insert_into

columns = activity_days.c


@dataclass(frozen=True, slots=True)
class Counted:
    """`day` is a date as ISO 8601 writes it."""

    day: str
    kind: str
    detail: str
    number: int


@dataclass(frozen=True, slots=True)
class Tallied:
    event: str
    reason: str | None
    number: int


class Activity:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tally(self, names: Collection[str], *, start: dt.datetime, end: dt.datetime) -> Sequence[Tallied]:
        """The events of these names from `start` and before `end`, by name and reason."""
        event = events.c
        query = (
            select(event.event, event.reason, func.count().label("number"))
            .where(event.event.in_(sorted(names)), event.created_at >= start, event.created_at < end)
            .group_by(event.event, event.reason)
        )
        return [read(Tallied, row) for row in self._connection.execute(query)]

    def count_signed_in_since(self, moment: dt.datetime) -> int:
        """Users, not sign-ins."""
        query = select(func.count()).select_from(users).where(users.c.last_sign_in_at >= moment)
        return int(self._connection.execute(query).scalar_one())

    def create(self, rows: Sequence[Counted]) -> None:
        """Whichever process comes first: the others counted the same."""
        statement = insert_into(self._connection, activity_days).on_conflict_do_nothing()
        self._connection.execute(statement, [asdict(row) for row in rows])

    def list(self, *, first: str, last: str) -> Sequence[Counted]:
        query = select(activity_days).where(columns.day >= first, columns.day <= last)
        return [read(Counted, row) for row in self._connection.execute(query)]

    def first_event_at(self) -> dt.datetime | None:
        """When the oldest event there is happened."""
        query = select(events.c.created_at).order_by(events.c.id).limit(1)
        found: dt.datetime | None = self._connection.execute(query).scalar_one_or_none()
        return found
