"""Webhook endpoints: where an app is told what happened, each with a secret to know us by."""

import datetime as dt
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Conflict, Invalid, NotFound
from vestibule.server.identity.event_names import KNOWN
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.identity.secrets import new_token, open_at_rest, seal_at_rest
from vestibule.server.outbound.addresses import Reach
from vestibule.server.settings import Settings
from vestibule.server.store.transaction import Transaction
from vestibule.server.store.webhooks import Duplicate, StoredEndpoint

PREFIX: Final = "whsec_"
STATUSES: Final = ("enabled", "disabled")


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    id: str
    endpoint_url: str
    secret: str = field(repr=False)
    status: str
    events: Sequence[str]
    created_at: dt.datetime
    updated_at: dt.datetime


def create_endpoint(
    identity: Identity,
    *,
    endpoint_url: str,
    events: Sequence[str],
    endpoint_id: str | None = None,
    secret: str | None = None,
) -> WebhookEndpoint:
    """It is told what happens from now on. An id and a secret are given to one that exists elsewhere.

    Raises Invalid and Conflict.
    """
    _check_url(identity, endpoint_url)
    now = identity.now
    with identity.store.transaction() as tx:
        try:
            made = tx.webhook_endpoints.create(
                id=endpoint_id or new_id("we", now),
                endpoint_url=endpoint_url,
                secret_sealed=seal_at_rest(secret or PREFIX + new_token(), identity.settings.secret),
                status="enabled",
                events=_checked_events(events),
                position=0,
                created_at=now,
                updated_at=now,
            )
        except Duplicate:
            raise _duplicate() from None
        append(tx, identity, "webhook_endpoint.created", _data(made))
        tx.events.write()
        tx.webhook_endpoints.update(made.id, position=tx.events.last_position())
    return opened(identity, made)


def update_endpoint(identity: Identity, endpoint_id: str, **changes: Any) -> WebhookEndpoint:
    """`endpoint_url`, `events` and `status`. What happens while it is disabled is not sent to it afterwards,
    unless it is replayed. Raises Invalid, Conflict and NotFound."""
    if "endpoint_url" in changes:
        _check_url(identity, changes["endpoint_url"])
    if "events" in changes:
        changes["events"] = _checked_events(changes["events"])
    if changes.get("status", "enabled") not in STATUSES:
        raise Invalid.field("status", "status_invalid", "status must be enabled or disabled.")
    with identity.store.transaction() as tx:
        if changes.get("status") == "enabled":
            tx.webhook_endpoints.enable(endpoint_id, position=tx.events.last_position())
        try:
            changed = tx.webhook_endpoints.update(endpoint_id, **changes, updated_at=identity.now)
        except Duplicate:
            raise _duplicate() from None
        endpoint = _existing(changed, endpoint_id)
        append(tx, identity, "webhook_endpoint.updated", {**_data(endpoint), "changed": sorted(changes)})
        return opened(identity, endpoint)


def replace_secret(identity: Identity, endpoint_id: str) -> WebhookEndpoint:
    """From the next delivery on. What the app refuses until it knows the new one is tried again for three
    days, so nothing is lost meanwhile. Raises NotFound."""
    sealed = seal_at_rest(PREFIX + new_token(), identity.settings.secret)
    with identity.store.transaction() as tx:
        changed = tx.webhook_endpoints.update(endpoint_id, secret_sealed=sealed, updated_at=identity.now)
        endpoint = _existing(changed, endpoint_id)
        append(tx, identity, "webhook_endpoint.secret_replaced", _data(endpoint))
    return opened(identity, endpoint)


def find_endpoint(identity: Identity, endpoint_id: str) -> StoredEndpoint:
    """Without its secret. Raises NotFound."""
    with identity.store.read() as tx:
        return get_endpoint(tx, endpoint_id)


def list_endpoints(identity: Identity, page: Page) -> Slice[WebhookEndpoint]:
    with identity.store.read() as tx:
        found = tx.webhook_endpoints.list(page)
    return Slice([opened(identity, each) for each in found.data], found.before, found.after)


def delete_endpoint(identity: Identity, endpoint_id: str) -> None:
    """With its deliveries; one under way may still arrive."""
    with identity.store.transaction() as tx:
        endpoint = get_endpoint(tx, endpoint_id)
        if not tx.webhook_endpoints.delete(endpoint_id):
            raise _unknown(endpoint_id)
        append(tx, identity, "webhook_endpoint.deleted", _data(endpoint))


def get_endpoint(tx: Transaction, endpoint_id: str) -> StoredEndpoint:
    return _existing(tx.webhook_endpoints.find(endpoint_id), endpoint_id)


def opened(identity: Identity, stored: StoredEndpoint) -> WebhookEndpoint:
    """Raises ConfigError when the database was written under another secret."""
    return WebhookEndpoint(
        id=stored.id,
        endpoint_url=stored.endpoint_url,
        secret=str(open_at_rest(stored.secret_sealed, identity.settings.secret)),
        status=stored.status,
        events=stored.events,
        created_at=stored.created_at,
        updated_at=stored.updated_at,
    )


def reach_of(settings: Settings) -> Reach:
    """Where this server may be sent to by those who name an address."""
    networks = [ipaddress.ip_network(each, strict=False) for each in settings.webhook_networks]
    return Reach(development=settings.development, networks=networks)


def _check_url(identity: Identity, url: str) -> None:
    problem = reach_of(identity.settings).problem_of(url)
    if problem is not None:
        raise Invalid(f"This endpoint_url cannot be used: {problem}.", code="invalid_url")


def _checked_events(events: Sequence[str]) -> Sequence[str]:
    unknown = [name for name in dict.fromkeys(events) if name not in KNOWN]
    if unknown:
        errors = [
            {"field": "events", "code": "unknown_event_type", "message": f"There is no event {name[:100]!r}."}
            for name in unknown[:20]
        ]
        raise Invalid(errors=errors)
    return list(dict.fromkeys(events))


def _data(endpoint: StoredEndpoint) -> dict[str, Any]:
    return {
        "object": "webhook_endpoint",
        "id": endpoint.id,
        "endpoint_url": endpoint.endpoint_url,
        "status": endpoint.status,
        "events": list(endpoint.events),
        "created_at": endpoint.created_at,
        "updated_at": endpoint.updated_at,
    }


def _existing(found: StoredEndpoint | None, endpoint_id: str) -> StoredEndpoint:
    if found is None:
        raise _unknown(endpoint_id)
    return found


def _unknown(endpoint_id: str) -> NotFound:
    return NotFound.of("Webhook endpoint", endpoint_id)


def _duplicate() -> Conflict:
    return Conflict("Another webhook endpoint has this endpoint_url.", code="duplicate_endpoint")
