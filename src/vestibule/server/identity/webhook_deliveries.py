"""What became of each event on its way to an endpoint: looked at, and sent once more."""

import datetime as dt
from typing import Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Invalid, NotFound
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.identity.webhook_outbox import delivery_row
from vestibule.server.identity.webhooks import get_endpoint
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


def replay_delivery(identity: Identity, endpoint_id: str, delivery_id: str) -> WebhookDelivery:
    """The same event with the same id, due at once, whatever became of it before."""
    with identity.store.transaction() as tx:
        get_endpoint(tx, endpoint_id)
        queued = tx.webhook_deliveries.replay(endpoint_id, now=identity.now, delivery_id=delivery_id)
    if queued is None:
        raise NotFound.of("Webhook delivery", delivery_id)
    return queued


def replay_dead(identity: Identity, endpoint_id: str) -> int:
    """How many are tried again."""
    with identity.store.transaction() as tx:
        get_endpoint(tx, endpoint_id)
        return tx.webhook_deliveries.replay_dead(endpoint_id, now=identity.now)


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
            return queued
        if queued >= MOST:
            raise Invalid.field("range_end", "range_too_long", f"At most {MOST} events at a time.")
        after = happened[-1].position
