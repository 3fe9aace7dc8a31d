"""Webhook endpoints: where events are sent, and which worker looks after each."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from vestibule.server.store.rows import Page, Slice, list_page, read, read_or_none
from vestibule.server.store.schema import events, webhook_deliveries, webhook_endpoints
from vestibule.server.store.upsert import insert_unless_exists

E = webhook_endpoints.c


class Duplicate(Exception):
    """Another endpoint has this URL."""


@dataclass(frozen=True, slots=True)
class StoredEndpoint:
    id: str
    endpoint_url: str
    secret_sealed: str = field(repr=False)
    status: str
    events: Sequence[str]
    position: int
    lease: str | None = field(repr=False)
    failures: int
    rests_until: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime


class WebhookEndpoints:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> StoredEndpoint:
        """Raises Duplicate."""
        if not insert_unless_exists(self._connection, webhook_endpoints, failures=0, **values):
            raise Duplicate
        return read(StoredEndpoint, self._connection.execute(_by_id(values["id"])).one())

    def find(self, endpoint_id: str) -> StoredEndpoint | None:
        return read_or_none(StoredEndpoint, self._connection.execute(_by_id(endpoint_id)).one_or_none())

    def list(self, page: Page) -> Slice[StoredEndpoint]:
        return list_page(self._connection, webhook_endpoints, StoredEndpoint, page)

    def update(self, endpoint_id: str, **changes: Any) -> StoredEndpoint | None:
        """Raises Duplicate."""
        statement = (
            update(webhook_endpoints)
            .where(E.id == endpoint_id)
            .values(**changes)
            .returning(webhook_endpoints)
        )
        try:
            with self._connection.begin_nested():
                row = self._connection.execute(statement).one_or_none()
        except IntegrityError:
            raise Duplicate from None
        return read_or_none(StoredEndpoint, row)

    def enable(self, endpoint_id: str, *, position: int) -> None:
        """From here on: what happened while it was disabled is not sent. No effect on an enabled one."""
        statement = (
            update(webhook_endpoints)
            .where(E.id == endpoint_id, E.status == "disabled")
            .values(status="enabled", position=position, failures=0, rests_until=None)
        )
        self._connection.execute(statement)

    def delete(self, endpoint_id: str) -> bool:
        statement = delete(webhook_endpoints).where(E.id == endpoint_id)
        return self._connection.execute(statement).rowcount == 1

    def has_work(self, *, now: dt.datetime) -> bool:
        """Whether `claim` would find one: a look that takes no lock."""
        return self._connection.execute(select(E.id).where(*_claimable(now)).limit(1)).first() is not None

    def claim(self, *, now: dt.datetime, lease: str, until: dt.datetime) -> StoredEndpoint | None:
        """The one with work that was looked after longest ago. Whoever gets it has it alone until then."""
        chosen = (
            select(E.id)
            .where(*_claimable(now))
            .order_by(E.leased_until.is_not(None), E.leased_until, E.id)
            .limit(1)
            .with_for_update(skip_locked=True)
            .cte("chosen")
        )
        statement = (
            update(webhook_endpoints)
            .where(E.id.in_(select(chosen.c.id)))
            .values(lease=lease, leased_until=until)
            .returning(webhook_endpoints)
        )
        return read_or_none(StoredEndpoint, self._connection.execute(statement).one_or_none())

    def advance(self, endpoint: StoredEndpoint, *, position: int) -> bool:
        return self._of_lease(endpoint, position=position)

    def release(self, endpoint: StoredEndpoint, *, now: dt.datetime, **changes: Any) -> bool:
        """False when the lease had run out: it is somebody else's by now, or nobody's."""
        return self._of_lease(endpoint, lease=None, leased_until=now, **changes)

    def _of_lease(self, endpoint: StoredEndpoint, **values: Any) -> bool:
        mine = (E.id == endpoint.id, E.lease == endpoint.lease)
        return self._connection.execute(update(webhook_endpoints).where(*mine).values(**values)).rowcount == 1


def _by_id(endpoint_id: str) -> Select[Any]:
    return select(webhook_endpoints).where(E.id == endpoint_id)


def _claimable(now: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    newest = select(func.max(events.c.position)).scalar_subquery()
    due = (
        select(webhook_deliveries.c.id)
        .where(webhook_deliveries.c.endpoint_id == E.id, webhook_deliveries.c.due_at <= now)
        .exists()
    )
    return (
        E.status == "enabled",
        or_(E.leased_until.is_(None), E.leased_until <= now),
        or_(E.rests_until.is_(None), E.rests_until <= now),
        or_(E.position < newest, due),
    )
