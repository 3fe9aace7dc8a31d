"""Events as somebody looks for them: newest first, by what they are called, whom they concern and when.

Each single wish is a range of an index, so a page costs the same among ten events and ten million.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, false, select, true, union_all

from vestibule.server.store.events import Event
from vestibule.server.store.rows import Page, Slice, read
from vestibule.server.store.schema import events

columns = events.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    names: Sequence[str] = ()
    user_id: str | None = None
    organization_id: str | None = None
    actor_ids: Sequence[str] = ()
    start: dt.datetime | None = None
    """With `start_id`: an id of a moment before it, as much as commits may be late."""
    end: dt.datetime | None = None
    """With `end_id`, of a moment after it."""
    start_id: str = ""
    end_id: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """An event and what its columns say of it beside."""

    event: Event
    user_id: str | None
    actor_id: str | None


class EventSearches:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, event_id: str) -> Found | None:
        row = self._connection.execute(select(events).where(columns.id == event_id)).one_or_none()
        return None if row is None else Found(read(Event, row), row.user_id, row.actor_id)

    def list(self, wanted: Wanted, page: Page) -> Slice[Event]:
        """`page.order` is of no account. An unknown cursor gives an empty page."""
        where = [*self._wishes(wanted)]
        newer, cursor = page.before is not None, page.before or page.after
        if cursor is not None:
            place = self._place_of(cursor)
            if place is None:
                return Slice((), None, None)
            where.append(columns.position > place if newer else columns.position < place)
        order = columns.position.asc() if newer else columns.position.desc()
        query = select(events).where(*where)
        many = wanted.names or wanted.actor_ids
        if many and wanted.user_id is None and wanted.organization_id is None:
            query = _merged(wanted, where, order, limit=page.limit + 1)
        rows = self._connection.execute(query.order_by(order).limit(page.limit + 1)).all()
        return _slice([read(Event, row) for row in rows[: page.limit]], page, more=len(rows) > page.limit)

    def _wishes(self, wanted: Wanted) -> Sequence[Any]:
        where: list[Any] = []
        if wanted.user_id is not None:
            where.append(columns.user_id == wanted.user_id)
        if wanted.organization_id is not None:
            where.append(columns.organization_id == wanted.organization_id)
        if wanted.names:
            where.append(columns.event.in_(wanted.names))
        if wanted.actor_ids:
            where.append(columns.actor_id.in_(wanted.actor_ids))
        return [*where, *self._within(wanted)]

    def _within(self, wanted: Wanted) -> Sequence[Any]:
        """Ids begin with the time, so the index of ids knows where in the row of positions a time is."""
        where: list[Any] = []
        if wanted.start is not None:
            earliest = self._first_from(wanted.start_id)
            where.append(columns.created_at >= wanted.start)
            where.append(false() if earliest is None else columns.position >= earliest)
        if wanted.end is not None:
            latest = self._first_from(wanted.end_id)
            where.append(columns.created_at < wanted.end)
            where.append(true() if latest is None else columns.position <= latest)
        return where

    def _first_from(self, event_id: str) -> int | None:
        query = select(columns.position).where(columns.id >= event_id).order_by(columns.id).limit(1)
        found: int | None = self._connection.execute(query).scalar_one_or_none()
        return found

    def _place_of(self, event_id: str) -> int | None:
        query = select(columns.position).where(columns.id == event_id)
        found: int | None = self._connection.execute(query).scalar_one_or_none()
        return found


def _merged(wanted: Wanted, where: Sequence[Any], order: Any, *, limit: int) -> Select[Any]:
    """The newest of each name or actor, of which the newest are taken: one look into an index for each."""
    column, each_of = (columns.actor_id, wanted.actor_ids)
    if not each_of:
        column, each_of = columns.event, wanted.names
    parts = [
        select(columns.position).where(column == each, *where).order_by(order).limit(limit).subquery()
        for each in each_of
    ]
    return select(events).where(columns.position.in_(union_all(*[select(part.c.position) for part in parts])))


def _slice(data: list[Event], page: Page, *, more: bool) -> Slice[Event]:
    newer = page.before is not None
    if not data:
        return Slice((), None, None)
    if newer:
        data.reverse()
    has_newer = more if newer else page.after is not None
    has_older = True if newer else more
    return Slice(tuple(data), data[0].id if has_newer else None, data[-1].id if has_older else None)
