"""Webhook endpoints."""

import json
import time

import pytest
from workos import NotFoundError, WorkOSClient

from tests.sdk.conftest import new_email, numbers
from tests.sdk.node import Node, NodeError
from tests.server.outbound.receivers import receiver

LIFE = (
    "POST /webhook_endpoints",
    "GET /webhook_endpoints",
    "PATCH /webhook_endpoints/{id}",
    "DELETE /webhook_endpoints/{id}",
)


def address() -> str:
    return f"https://hooks{next(numbers)}.example.com/vestibule"


@pytest.mark.covers(*LIFE)
def test_a_webhook_endpoint_lives_in_python(sdk: WorkOSClient) -> None:
    webhooks, url = sdk.webhooks, address()
    made = webhooks.create_webhook_endpoint(endpoint_url=url, events=["user.created", "user.deleted"])
    assert (made.endpoint_url, made.status, made.events) == (url, "enabled", ["user.created", "user.deleted"])
    assert made.secret
    changed = webhooks.update_webhook_endpoint(made.id, status="disabled", events=["user.created"])
    assert (changed.status, changed.events, changed.endpoint_url) == ("disabled", ["user.created"], url)
    assert made.id in [each.id for each in webhooks.list_webhook_endpoints(limit=100).data]
    webhooks.delete_webhook_endpoint(made.id)
    assert made.id not in [each.id for each in webhooks.list_webhook_endpoints(limit=100).data]
    with pytest.raises(NotFoundError):
        webhooks.delete_webhook_endpoint(made.id)


@pytest.mark.covers(*LIFE)
def test_a_webhook_endpoint_lives_in_node(node: Node) -> None:
    given = {"endpointUrl": address(), "events": ["user.created", "user.deleted"]}
    made = node("webhooks.createWebhookEndpoint", given)
    assert (made["endpointUrl"], made["status"]) == (given["endpointUrl"], "enabled")
    more = {"id": made["id"], "status": "disabled", "events": ["user.created"]}
    changed = node("webhooks.updateWebhookEndpoint", more)
    assert (changed["status"], changed["events"]) == ("disabled", ["user.created"])
    listed = node("webhooks.listWebhookEndpoints", {"limit": 100})["data"]
    assert made["id"] in [each["id"] for each in listed]
    node("webhooks.deleteWebhookEndpoint", {"id": made["id"]})
    with pytest.raises(NodeError) as gone:
        node("webhooks.deleteWebhookEndpoint", {"id": made["id"]})
    assert gone.value.name == "NotFoundException"


def test_both_sdks_accept_what_is_delivered(sdk: WorkOSClient, node: Node) -> None:
    with receiver() as there:
        made = sdk.webhooks.create_webhook_endpoint(endpoint_url=there.url + "/hook", events=["user.created"])
        user = sdk.user_management.create_user(email=new_email())
        until = time.monotonic() + 30
        while not there.received and time.monotonic() < until:
            time.sleep(0.05)
        (arrived,) = there.received
        sdk.webhooks.delete_webhook_endpoint(made.id)
    signature = arrived.headers["workos-signature"]
    event = sdk.webhooks.verify_event(
        event_body=arrived.body, event_signature=signature, secret=str(made.secret)
    )
    assert (event.event, event.data.id) == ("user.created", user.id)  # type: ignore[union-attr]
    given = {"payload": json.loads(arrived.body), "sigHeader": signature, "secret": made.secret}
    assert node("webhooks.constructEvent", given)["data"]["id"] == user.id
    with pytest.raises(NodeError) as forged:
        node("webhooks.constructEvent", given | {"secret": "whsec_of_somebody_else"})
    assert forged.value.name == "SignatureVerificationException"
