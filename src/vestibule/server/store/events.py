"""Events: what happened, appended in the transaction that made it happen, never changed.

They are written last, so that their positions are in the order of commits: whoever has read up to one of them
will never find an earlier one afterwards.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Select, func, insert, select, text

from vestibule.server.store.rows import Page, Slice, read
from vestibule.server.store.schema import events

LAST_IN_LINE: Final = text("SELECT pg_advisory_xact_lock(6863727412)")


def subject_of(event: str, data: Mapping[str, Any]) -> str | None:
    """The user that an event is about, for their timeline."""
    owner = data.get("owner")
    found = data.get("id") if event.startswith("user.") else data.get("user_id")
    if found is None and isinstance(owner, Mapping):
        found = owner.get("id") if owner.get("type") == "user" else None
    found = found or data.get("accepted_user_id")
    return found if isinstance(found, str) else None


def actor_of(context: Mapping[str, Any] | None) -> str | None:
    """Who caused it, when that is not the person it is about."""
    actor = (context or {}).get("actor")
    found = actor.get("id") if isinstance(actor, Mapping) else None
    return found if isinstance(found, str) else None


def reason_of(event: str, data: Mapping[str, Any]) -> str | None:
    """The code by which failures are counted."""
    error = data.get("error") if event.endswith("_failed") else None
    found = error.get("code") if isinstance(error, Mapping) else None
    return found if isinstance(found, str) else None


@dataclass(frozen=True, slots=True)
class Event:
    id: str
    event: str
    data: Mapping[str, Any] = field(repr=False)
    context: Mapping[str, Any] | None = field(repr=False)
    organization_id: str | None
    created_at: dt.datetime


class Events:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._appended: list[Mapping[str, Any]] = []
        self.written: list[str] = []

    def append(self, **values: Any) -> None:
        name, data, context = values["event"], values["data"], values.get("context")
        found = {
            "user_id": subject_of(name, data),
            "actor_id": actor_of(context),
            "reason": reason_of(name, data),
        }
        self._appended.append({"context": None, "organization_id": None, **found, **values})

    def append_all(self, rows: Sequence[Mapping[str, Any]]) -> None:
        for row in rows:
            self.append(**row)

    def write(self) -> None:
        """Called by the store before it commits."""
        if not self._appended:
            return
        if self._connection.dialect.name == "postgresql":
            # Positions are given out before the commit: without this, a later one could be seen first.
            # Taken when nothing is left to wait for, so no two transactions can wait for each other.
            self._connection.execute(LAST_IN_LINE)
        self._connection.execute(insert(events), self._appended)
        self.written.extend(row["event"] for row in self._appended)
        self._appended = []

    def last_position(self) -> int:
        return int(self._connection.execute(select(func.max(events.c.position))).scalar() or 0)

    def list(
        self,
        page: Page,
        *,
        names: Sequence[str] = (),
        organization_id: str | None = None,
        range_start: dt.datetime | None = None,
        range_end: dt.datetime | None = None,
    ) -> Slice[Event]:
        """In the order they were committed, or the reverse. An unknown cursor gives an empty page."""
        self.write()
        query = select(events)
        if names:
            query = query.where(events.c.event.in_(names))
        if organization_id is not None:
            query = query.where(events.c.organization_id == organization_id)
        if range_start is not None:
            query = query.where(events.c.created_at >= range_start)
        if range_end is not None:
            query = query.where(events.c.created_at <= range_end)
        return self._page(query, page)

    def list_about(
        self, user_id: str, *, limit: int, before: str | None = None, names: Sequence[str] = ()
    ) -> Sequence[Event]:
        """Of this user, newest first; `before` is the id of the last that was seen."""
        query = select(events).where(events.c.user_id == user_id)
        if names:
            query = query.where(events.c.event.in_(names))
        if before is not None:
            place = select(events.c.position).where(events.c.id == before).scalar_subquery()
            query = query.where(events.c.position < place)
        query = query.order_by(events.c.position.desc()).limit(limit)
        return [read(Event, row) for row in self._connection.execute(query)]

    def list_from(self, first_id: str, *, event: str, limit: int) -> Sequence[Event]:
        """Oldest first. Ids sort by time: these are the ones since the moment `first_id` was made of."""
        query = select(events).where(events.c.id >= first_id, events.c.event == event)
        rows = self._connection.execute(query.order_by(events.c.id).limit(limit))
        return [read(Event, row) for row in rows]

    def _page(self, query: Select[Any], page: Page) -> Slice[Event]:
        cursor, backwards = page.before or page.after, page.before is not None
        descending = (page.order == "desc") != backwards
        position = events.c.position
        if cursor is not None:
            place = self._connection.execute(
                select(position).where(events.c.id == cursor)
            ).scalar_one_or_none()
            if place is None:
                return Slice((), None, None)
            query = query.where(position < place if descending else position > place)
        query = query.order_by(position.desc() if descending else position.asc()).limit(page.limit + 1)
        rows = self._connection.execute(query).all()
        data = [read(Event, row) for row in rows[: page.limit]]
        return _slice(data, page, more=len(rows) > page.limit)


def _slice(data: list[Event], page: Page, *, more: bool) -> Slice[Event]:
    backwards = page.before is not None
    if not data:
        return Slice((), None, None)
    if backwards:
        data.reverse()
    has_previous = more if backwards else page.after is not None
    has_next = True if backwards else more
    return Slice(tuple(data), data[0].id if has_previous else None, data[-1].id if has_next else None)
