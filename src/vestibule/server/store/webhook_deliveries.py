"""Webhook deliveries: what became of each event on its way to each endpoint."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from vestibule.server.store.columns import Moment
from vestibule.server.store.events import Event
from vestibule.server.store.rows import Page, Slice, list_page, read, read_or_none
from vestibule.server.store.schema import events, webhook_deliveries
from vestibule.server.store.upsert import insert_into

Status = Literal["pending", "delivered", "dead"]
D = webhook_deliveries.c

STATUSES: Final[Mapping[str, ColumnElement[bool]]] = {
    "pending": D.due_at.is_not(None),
    "delivered": D.delivered_at.is_not(None),
    "dead": D.failed_at.is_not(None),
}
RECORD: Final = (
    update(webhook_deliveries)
    # `attempts` fences a worker whose lease ran out, and one that was under way during a replay.
    .where(D.id == bindparam("of"), D.attempts == bindparam("before"))
    .values(
        attempts=D.attempts + 1,
        due_at=bindparam("due", type_=Moment),
        delivered_at=bindparam("delivered", type_=Moment),
        failed_at=bindparam("failed", type_=Moment),
        last_status=bindparam("status"),
        last_error=bindparam("error"),
        last_milliseconds=bindparam("milliseconds"),
        last_excerpt=bindparam("excerpt", type_=Text),
        updated_at=bindparam("now", type_=Moment),
    )
)


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    id: str
    endpoint_id: str
    event_id: str
    event: str
    attempts: int
    due_at: dt.datetime | None
    queued_at: dt.datetime
    delivered_at: dt.datetime | None
    failed_at: dt.datetime | None
    last_status: int | None
    last_error: str | None
    last_milliseconds: int | None
    last_excerpt: str | None = field(repr=False)
    created_at: dt.datetime
    updated_at: dt.datetime

    @property
    def status(self) -> Status:
        if self.due_at is not None:
            return "pending"
        return "delivered" if self.delivered_at is not None else "dead"


@dataclass(frozen=True, slots=True)
class Happened:
    """An event, as far as it matters for who gets it."""

    position: int
    id: str
    event: str


class WebhookDeliveries:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def beyond(self, position: int, *, limit: int) -> Sequence[Happened]:
        """What happened after this, oldest first."""
        query = select(events).where(events.c.position > position).order_by(events.c.position).limit(limit)
        return [read(Happened, row) for row in self._connection.execute(query)]

    def within(
        self, *, names: Sequence[str], start: dt.datetime, end: dt.datetime, after: int, limit: int
    ) -> Sequence[Happened]:
        """What happened in a span of time, oldest first."""
        query = (
            select(events)
            .where(
                events.c.event.in_(names),
                events.c.created_at.between(start, end),
                events.c.position > after,
            )
            .order_by(events.c.position)
            .limit(limit)
        )
        return [read(Happened, row) for row in self._connection.execute(query)]

    def queue(self, rows: Sequence[Mapping[str, Any]], *, again: bool = False) -> None:
        """An event comes to an endpoint once, unless it is wanted `again`: then it begins anew."""
        if not rows:
            return
        statement = insert_into(self._connection, webhook_deliveries)
        if again:
            new = statement.excluded
            over = {"due_at": new.due_at, "queued_at": new.queued_at, "updated_at": new.updated_at}
            anew = statement.on_conflict_do_update(
                index_elements=["endpoint_id", "event_id"],
                set_={"attempts": 0, "delivered_at": None, "failed_at": None, **over},
            )
            self._connection.execute(anew, rows)
        else:
            self._connection.execute(statement.on_conflict_do_nothing(), rows)

    def due(
        self, endpoint_id: str, *, now: dt.datetime, limit: int
    ) -> Sequence[tuple[StoredDelivery, Event]]:
        query = _with_event().where(D.endpoint_id == endpoint_id, D.due_at <= now)
        query = query.order_by(D.position).limit(limit)
        return [(read(StoredDelivery, row), _event_of(row)) for row in self._connection.execute(query)]

    def record(self, results: Sequence[Mapping[str, Any]]) -> None:
        """`of`, `before`, `due`, `delivered`, `failed`, `status`, `error`, `milliseconds`, `excerpt` and
        `now` of each attempt."""
        if results:
            self._connection.execute(RECORD, results)

    def give_up(self, endpoint_id: str, *, queued_before: dt.datetime, now: dt.datetime, error: str) -> int:
        old = and_(D.endpoint_id == endpoint_id, D.due_at.is_not(None), D.queued_at <= queued_before)
        statement = (
            update(webhook_deliveries)
            .where(old)
            .values(due_at=None, failed_at=now, last_error=error, updated_at=now)
        )
        return self._connection.execute(statement).rowcount

    def find(self, endpoint_id: str, delivery_id: str) -> StoredDelivery | None:
        query = select(webhook_deliveries).where(D.id == delivery_id, D.endpoint_id == endpoint_id)
        return read_or_none(StoredDelivery, self._connection.execute(query).one_or_none())

    def find_event(self, endpoint_id: str, delivery_id: str) -> tuple[StoredDelivery, Event] | None:
        query = _with_event().where(D.id == delivery_id, D.endpoint_id == endpoint_id)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else (read(StoredDelivery, row), _event_of(row))

    def count(self, endpoint_id: str) -> Mapping[Status, int]:
        """How many of the endpoint wait, and how many failed: those that somebody may have to look after."""
        wanted: tuple[Status, ...] = ("pending", "dead")
        return {status: self._count(endpoint_id, status) for status in wanted}

    def _count(self, endpoint_id: str, status: Status) -> int:
        query = select(func.count()).where(D.endpoint_id == endpoint_id, STATUSES[status])
        return int(self._connection.execute(query).scalar_one())

    def list(
        self, endpoint_id: str, page: Page, *, status: Status | None = None, event_id: str | None = None
    ) -> Slice[StoredDelivery]:
        where: list[ColumnElement[bool]] = [D.endpoint_id == endpoint_id]
        if status is not None:
            where.append(STATUSES[status])
        if event_id is not None:
            where.append(D.event_id == event_id)
        return list_page(self._connection, webhook_deliveries, StoredDelivery, page, *where)

    def replay(self, endpoint_id: str, *, now: dt.datetime, delivery_id: str) -> StoredDelivery | None:
        statement = (
            update(webhook_deliveries)
            .where(D.endpoint_id == endpoint_id, D.id == delivery_id)
            .values(_anew(now))
            .returning(webhook_deliveries)
        )
        return read_or_none(StoredDelivery, self._connection.execute(statement).one_or_none())

    def replay_dead(self, endpoint_id: str, *, now: dt.datetime, since: dt.datetime | None = None) -> int:
        dead = and_(D.endpoint_id == endpoint_id, D.failed_at.is_not(None))
        if since is not None:
            dead = and_(dead, D.failed_at >= since)
        return self._connection.execute(update(webhook_deliveries).where(dead).values(_anew(now))).rowcount

    def count_waiting(self) -> Mapping[str, int]:
        """Deliveries that are due some time, and dead letters."""
        pending = select(func.count()).where(D.due_at.is_not(None))
        dead = select(func.count()).where(D.failed_at.is_not(None))
        return {
            "webhooks": int(self._connection.execute(pending).scalar_one()),
            "dead_webhooks": int(self._connection.execute(dead).scalar_one()),
        }

    def purge(self, *, done_before: dt.datetime) -> int:
        done = or_(D.delivered_at < done_before, D.failed_at < done_before)
        return self._connection.execute(delete(webhook_deliveries).where(done)).rowcount


def _with_event() -> Select[Any]:
    happened = [column.label(f"happened_{column.name}") for column in events.c]
    return select(webhook_deliveries, *happened).join(events, events.c.id == D.event_id)


def _anew(now: dt.datetime) -> dict[str, Any]:
    return {
        "attempts": 0,
        "due_at": now,
        "queued_at": now,
        "delivered_at": None,
        "failed_at": None,
        "updated_at": now,
    }


def _event_of(row: Any) -> Event:
    return Event(
        id=row.happened_id,
        event=row.happened_event,
        data=row.happened_data,
        context=row.happened_context,
        organization_id=row.happened_organization_id,
        created_at=row.happened_created_at,
    )
