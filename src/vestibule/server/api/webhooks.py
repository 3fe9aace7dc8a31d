"""Webhook endpoints, and what became of each event on its way to them."""

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, Meta, Struct

from vestibule.server.answers import message, moment, moment_or_none
from vestibule.server.api.bodies import Body, Line, Text, Unset, given
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import list_of
from vestibule.server.identity import webhook_deliveries, webhooks
from vestibule.server.identity.errors import Invalid, NotFound
from vestibule.server.identity.webhook_deliveries import WebhookDelivery
from vestibule.server.identity.webhooks import WebhookEndpoint

operations = Operations("webhooks")

Moment = Annotated[dt.datetime, Meta(tz=True)]
STATUSES: Final = ("pending", "delivered", "dead")


class WebhookEndpointShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["webhook_endpoint"] = "webhook_endpoint"
    id: str
    endpoint_url: str
    secret: str
    status: Literal["enabled", "disabled"]
    events: list[str]
    created_at: str
    updated_at: str


class WebhookDeliveryShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["webhook_delivery"] = "webhook_delivery"
    id: str
    webhook_endpoint_id: str
    event_id: str
    event: str
    status: Literal["pending", "delivered", "dead"]
    attempts: int
    next_attempt_at: str | None
    delivered_at: str | None
    failed_at: str | None
    last_status_code: int | None
    last_error: str | None
    created_at: str
    updated_at: str


class WebhookReplayShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["webhook_replay"] = "webhook_replay"
    queued: int


class CreateEndpoint(Body):
    endpoint_url: Text
    events: list[Line]


class UpdateEndpoint(Body):
    endpoint_url: Text | Unset = UNSET
    events: list[Line] | Unset = UNSET
    status: Literal["enabled", "disabled"] | Unset = UNSET


class ReplayEvents(Body):
    status: Literal["dead"] | Unset = UNSET
    range_start: Moment | Unset = UNSET
    range_end: Moment | Unset = UNSET


def names_what_is_missing(run: Callable[[Call[Any]], Any]) -> Callable[[Call[Any]], Any]:
    """The published interface has a code in the 404 of these operations."""

    @wraps(run)
    def named(call: Call[Any]) -> Any:
        try:
            return run(call)
        except NotFound as error:
            return message(404, error.message, code=error.code)

    return named


@operations.get("/webhook_endpoints", answers=WebhookEndpointShape, lists=True)
def list_webhook_endpoints(call: Call[None]) -> dict[str, Any]:
    """List webhook endpoints, newest first."""
    found = webhooks.list_endpoints(call.identity, call.listing.page)
    return list_of([show_endpoint(each) for each in found.data], call.listing.metadata(found))


@operations.post("/webhook_endpoints", body=CreateEndpoint, answers=WebhookEndpointShape, status=201)
def create_webhook_endpoint(call: Call[CreateEndpoint]) -> WebhookEndpointShape:
    """Create a webhook endpoint, which is told what happens from now on."""
    body = call.body
    made = webhooks.create_endpoint(call.identity, endpoint_url=body.endpoint_url, events=body.events)
    return show_endpoint(made)


@operations.patch("/webhook_endpoints/{id}", body=UpdateEndpoint, answers=WebhookEndpointShape)
@names_what_is_missing
def update_webhook_endpoint(call: Call[UpdateEndpoint]) -> WebhookEndpointShape:
    """Update the address, the events or the status of a webhook endpoint."""
    return show_endpoint(webhooks.update_endpoint(call.identity, call.path["id"], **given(call.body)))


@operations.delete("/webhook_endpoints/{id}", status=204)
@names_what_is_missing
def delete_webhook_endpoint(call: Call[None]) -> None:
    """Delete a webhook endpoint, with the record of its deliveries."""
    webhooks.delete_endpoint(call.identity, call.path["id"])


@operations.get(
    "/webhook_endpoints/{id}/deliveries",
    answers=WebhookDeliveryShape,
    lists=True,
    filters=("status", "event_id"),
)
@names_what_is_missing
def list_webhook_deliveries(call: Call[None]) -> dict[str, Any]:
    """List what became of each event, newest first. `status=dead`: those that nobody took for three days."""
    asked = call.query.text("status")
    status = next((each for each in STATUSES if each == asked), None)
    if asked is not None and status is None:
        raise Invalid.field("status", "status_invalid", f"status must be among {', '.join(STATUSES)}.")
    found = webhook_deliveries.list_deliveries(
        call.identity,
        call.path["id"],
        call.listing.page,
        status=status,
        event_id=call.query.text("event_id"),
    )
    return list_of([show_delivery(each) for each in found.data], call.listing.metadata(found))


@operations.post("/webhook_endpoints/{id}/deliveries/{delivery_id}/replay", answers=WebhookDeliveryShape)
@names_what_is_missing
def replay_webhook_delivery(call: Call[None]) -> WebhookDeliveryShape:
    """Send an event to an endpoint once more, whatever became of it."""
    path = call.path
    return show_delivery(webhook_deliveries.replay_delivery(call.identity, path["id"], path["delivery_id"]))


@operations.post("/webhook_endpoints/{id}/replay", body=ReplayEvents, answers=WebhookReplayShape)
@names_what_is_missing
def replay_webhook_events(call: Call[ReplayEvents]) -> WebhookReplayShape:
    """Send all dead letters once more (`status`), or everything that happened in a span of time."""
    body, identity, endpoint_id = call.body, call.identity, call.path["id"]
    if isinstance(body.range_start, dt.datetime) and isinstance(body.range_end, dt.datetime):
        start, end = body.range_start, body.range_end
        return WebhookReplayShape(
            queued=webhook_deliveries.replay_range(identity, endpoint_id, start=start, end=end)
        )
    if body.status == "dead":
        return WebhookReplayShape(queued=webhook_deliveries.replay_dead(identity, endpoint_id))
    text = "Send range_start and range_end, or status: dead."
    raise Invalid.field("range_start", "range_start_required", text)


def show_endpoint(endpoint: WebhookEndpoint) -> WebhookEndpointShape:
    return WebhookEndpointShape(
        id=endpoint.id,
        endpoint_url=endpoint.endpoint_url,
        secret=endpoint.secret,
        status="enabled" if endpoint.status == "enabled" else "disabled",
        events=list(endpoint.events),
        created_at=moment(endpoint.created_at),
        updated_at=moment(endpoint.updated_at),
    )


def show_delivery(delivery: WebhookDelivery) -> WebhookDeliveryShape:
    return WebhookDeliveryShape(
        id=delivery.id,
        webhook_endpoint_id=delivery.endpoint_id,
        event_id=delivery.event_id,
        event=delivery.event,
        status=delivery.status,
        attempts=delivery.attempts,
        next_attempt_at=moment_or_none(delivery.due_at),
        delivered_at=moment_or_none(delivery.delivered_at),
        failed_at=moment_or_none(delivery.failed_at),
        last_status_code=delivery.last_status,
        last_error=delivery.last_error,
        created_at=moment(delivery.created_at),
        updated_at=moment(delivery.updated_at),
    )
