"""Delivering webhooks by hand, one endpoint at a time, and looking at what became of them."""

import json
from typing import Any

from tests.server.outbound.receivers import Received
from tests.server.people import events_of
from vestibule.server.identity.context import Identity
from vestibule.server.identity.paging import Page
from vestibule.server.identity.webhook_deliveries import WebhookDelivery, list_deliveries
from vestibule.server.identity.webhook_outbox import Attempt, claim, deliver
from vestibule.server.identity.webhooks import WebhookEndpoint, reach_of
from vestibule.server.outbound.client import Outbound

NAMES = ["user.created", "user.updated", "user.deleted"]


def deliver_next(identity: Identity) -> list[Attempt] | None:
    """Look after one endpoint; None when none has anything to wait for."""
    batch = claim(identity)
    return None if batch is None else deliver(identity, batch, Outbound(reach_of(identity.settings)))


def deliveries(identity: Identity, endpoint: WebhookEndpoint, **narrow: Any) -> list[WebhookDelivery]:
    """Oldest first."""
    return list(list_deliveries(identity, endpoint.id, Page(limit=100, order="asc"), **narrow).data)


def ids(received: list[Received]) -> list[str]:
    return [json.loads(each.body)["id"] for each in received]


def event_ids(identity: Identity) -> list[str]:
    return [event.id for event in events_of(identity, *NAMES)]
