"""What became of each event on its way to an endpoint: looked at, and sent once more."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Invalid, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.identity.webhook_outbox import delivery_row
from vestibule.server.identity.webhooks import get_endpoint
from vestibule.server.store.events import Event
from vestibule.server.store.transaction import Transaction
from vestibule.server.store.webhook_deliveries import Status, StoredDelivery

AT_A_TIME: Final = 1_000
MOST: Final = 100_000
WebhookDelivery = StoredDelivery


def list_deliveries(
    identity: Identity,
    endpoint_id: str,
    page: Page,
    *,
    status: Status | None = None,
    event_id: str | None = None,
) -> Slice[WebhookDelivery]:
    """Newest first. The dead ones are those that will not be tried again by themselves."""
    with identity.store.read() as tx:
        get_endpoint(tx, endpoint_id)
        return tx.webhook_deliveries.list(endpoint_id, page, status=status, event_id=event_id)


def get_delivery(identity: Identity, endpoint_id: str, delivery_id: str) -> tuple[WebhookDelivery, Event]:
    """With the event that it brings. Raises NotFound."""
    with identity.store.read() as tx:
        get_endpoint(tx, endpoint_id)
        found = tx.webhook_deliveries.find_event(endpoint_id, delivery_id)
    if found is None:
        raise NotFound.of("Webhook delivery", delivery_id)
    return found


def count_deliveries(identity: Identity, endpoint_id: str) -> Mapping[Status, int]:
    with identity.store.read() as tx:
        return tx.webhook_deliveries.count(endpoint_id)


def send_test(identity: Identity, endpoint_id: str) -> WebhookDelivery:
    """An event that says only that it is a test, to this endpoint whatever it asks for, due at once."""
    with identity.store.transaction() as tx:
        endpoint = get_endpoint(tx, endpoint_id)
        data = {"object": "webhook_endpoint", "id": endpoint.id, "endpoint_url": endpoint.endpoint_url}
        append(tx, identity, "webhook_endpoint.tested", data)
        tx.events.write()
        happened = tx.webhook_deliveries.beyond(tx.events.last_position() - 1, limit=1)[0]
        row = delivery_row(identity, endpoint_id, happened)
        tx.webhook_deliveries.queue([row])
        queued = tx.webhook_deliveries.find(endpoint_id, row["id"])
    if queued is None:
        raise NotFound.of("Webhook delivery", row["id"])
    return queued


def replay_delivery(identity: Identity, endpoint_id: str, delivery_id: str) -> WebhookDelivery:
    """The same event with the same id, due at once, whatever became of it before."""
    with identity.store.transaction() as tx:
        get_endpoint(tx, endpoint_id)
        queued = tx.webhook_deliveries.replay(endpoint_id, now=identity.now, delivery_id=delivery_id)
        if queued is None:
            raise NotFound.of("Webhook delivery", delivery_id)
        data = {"object": "webhook_delivery", "id": queued.id, "webhook_endpoint_id": endpoint_id}
        append(tx, identity, "webhook_delivery.replayed", {**data, "event_id": queued.event_id})
    return queued


def replay_dead(identity: Identity, endpoint_id: str, *, since: dt.datetime | None = None) -> int:
    """How many are tried again: all that failed, or those that did `since` then."""
    with identity.store.transaction() as tx:
        get_endpoint(tx, endpoint_id)
        queued = tx.webhook_deliveries.replay_dead(endpoint_id, now=identity.now, since=since)
        _tell(tx, identity, endpoint_id, queued=queued, failed_since=since)
    return queued


def replay_range(identity: Identity, endpoint_id: str, *, start: dt.datetime, end: dt.datetime) -> int:
    """Every event of that time which the endpoint asks for, sent before or not; how many there are.

    Raises Invalid when it is more than a hundred thousand.
    """
    if start > end:
        raise Invalid.field("range_end", "range_invalid", "range_end must not be before range_start.")
    queued, after = 0, 0
    while True:
        with identity.store.transaction() as tx:
            endpoint = get_endpoint(tx, endpoint_id)
            happened = tx.webhook_deliveries.within(
                names=endpoint.events, start=start, end=end, after=after, limit=AT_A_TIME
            )
            rows = [delivery_row(identity, endpoint_id, each) for each in happened]
            tx.webhook_deliveries.queue(rows, again=True)
        queued += len(happened)
        if len(happened) < AT_A_TIME:
            with identity.store.transaction() as tx:
                _tell(tx, identity, endpoint_id, queued=queued, range_start=start, range_end=end)
            return queued
        if queued >= MOST:
            raise Invalid.field("range_end", "range_too_long", f"At most {MOST} events at a time.")
        after = happened[-1].position


def _tell(tx: Transaction, identity: Identity, endpoint_id: str, **what: Any) -> None:
    data = {"object": "webhook_endpoint", "id": endpoint_id, **what}
    append(tx, identity, "webhook_endpoint.replayed", data)
