"""Webhooks in the dashboard: an endpoint is made, watched, tested, and told again what it missed."""

import json
import re
import time
from collections.abc import Iterator

import pytest

from tests.server.dashboard.conftest import Operators
from tests.server.dashboard.office import Office, Seat
from tests.server.outbound.receivers import Receiver, receiver
from vestibule.server.identity.paging import Page
from vestibule.server.identity.users import create_user
from vestibule.server.identity.webhook_deliveries import WebhookDelivery, list_deliveries
from vestibule.server.identity.webhooks import list_endpoints, opened

PATH = "/dashboard/webhooks"


@pytest.fixture
def app() -> Iterator[Receiver]:
    with receiver() as app:
        yield app


def add(office: Office, seat: Seat, app: Receiver) -> str:
    answer = seat.post(PATH, endpoint_url=f"{app.url}/hooks", **{"event:user.created": "on"})
    assert answer.status_code == 200, answer.text
    return list_endpoints(office.identity, Page()).data[0].id


def settled(office: Office, endpoint_id: str, *, attempts: int) -> WebhookDelivery:
    """The newest, once the server's own worker has tried it so often."""
    for _ in range(200):
        found = list_deliveries(office.identity, endpoint_id, Page(limit=1)).data
        if found and found[0].attempts >= attempts:
            return found[0]
        time.sleep(0.05)
    raise AssertionError("nothing was sent")


def test_an_endpoint_shows_its_secret_once_and_a_test_arrives_signed(
    office: Office, operator: Operators, app: Receiver
) -> None:
    admin = operator("admin")
    made = admin.post(PATH, endpoint_url=f"{app.url}/hooks", **{"event:user.deleted": "on"})
    found = re.search(r"<code>(whsec_[\w-]+)</code>", made.text)
    assert found is not None
    endpoint = list_endpoints(office.identity, Page()).data[0]
    assert endpoint.secret == found[1]
    for page in ("", f"/{endpoint.id}", f"/{endpoint.id}/edit"):
        assert found[1] not in admin.read(f"{PATH}{page}")
    assert "test event is on its way" in operator("support").done(f"{PATH}/{endpoint.id}/test")
    delivery = settled(office, endpoint.id, attempts=1)
    shown = admin.read(f"{PATH}/{endpoint.id}/deliveries/{delivery.id}")
    for text in ("webhook_endpoint.tested", "delivered", "200", "<code>ok</code>", '"object": "event"'):
        assert text in shown
    (received,) = app.received
    assert json.loads(received.body)["context"]["actor"]["name"] == "support@example.com"


def test_what_failed_is_found_and_sent_again(office: Office, operator: Operators, app: Receiver) -> None:
    admin, support = operator("admin"), operator("support")
    endpoint_id = add(office, admin, app)
    app.answer = lambda received: 500
    create_user(office.identity, email="grace@example.com")
    delivery = settled(office, endpoint_id, attempts=1)
    waiting = admin.read(f"{PATH}/{endpoint_id}", status="pending")
    assert all(text in waiting for text in (delivery.id, "<code>500</code>", "user.created"))
    assert delivery.id not in admin.read(f"{PATH}/{endpoint_id}", status="dead")
    with office.identity.store.transaction() as tx:
        tx.webhook_deliveries.give_up(
            endpoint_id, queued_before=office.identity.now, now=office.identity.now, error="gave up"
        )
    assert delivery.id in admin.read(f"{PATH}/{endpoint_id}", status="dead")
    app.answer = lambda received: 200
    assert "once more" in support.done(f"{PATH}/{endpoint_id}/replay", since="1")
    settled(office, endpoint_id, attempts=1)
    path = f"{PATH}/{endpoint_id}/deliveries/{delivery.id}"
    assert "once more" in admin.done(f"{path}/replay")
    assert "Nothing failed" in admin.done(f"{PATH}/{endpoint_id}/replay", since="72")
    assert office.events("webhook_delivery.replayed")[0].data["id"] == delivery.id
    assert [event.data["queued"] for event in office.events("webhook_endpoint.replayed")] == [0, 1]


def test_an_address_of_a_private_network_is_refused_with_the_way_to_allow_it(
    operator: Operators,
) -> None:
    admin = operator("admin")
    for url in ("https://10.0.0.7/hooks", "ftp://app.example.com"):
        answer = admin.post(PATH, endpoint_url=url, **{"event:user.created": "on"})
        assert (answer.status_code, "VESTIBULE_SERVER_WEBHOOK_NETWORKS" in answer.text) == (422, True)
        assert url in answer.text
        assert 'name="event:user.created" checked' in answer.text
    none = admin.post(PATH, endpoint_url="https://app.example.com/hooks")
    assert (none.status_code, "Choose at least one event" in none.text) == (422, True)


def test_an_endpoint_is_changed_paused_given_a_new_secret_and_deleted(
    office: Office, operator: Operators, app: Receiver
) -> None:
    admin = operator("admin")
    endpoint_id = add(office, admin, app)
    before = list_endpoints(office.identity, Page()).data[0]
    admin.done(f"{PATH}/{endpoint_id}/edit", endpoint_url=app.url, **{"event:user.deleted": "on"})
    assert "is disabled" in admin.done(f"{PATH}/{endpoint_id}/status", status="disabled")
    assert "whsec_" in admin.post(f"{PATH}/{endpoint_id}/secret").text
    after = list_endpoints(office.identity, Page()).data[0]
    assert (after.events, after.status) == (["user.deleted"], "disabled")
    assert after.secret != before.secret
    wrong = admin.post(f"{PATH}/{endpoint_id}/delete", confirmation="yes")
    assert wrong.status_code == 422
    assert "is deleted" in admin.done(f"{PATH}/{endpoint_id}/delete", confirmation=app.url)
    names = {event.event for event in office.events() if event.event.startswith("webhook_endpoint.")}
    done = {"created", "updated", "secret_replaced", "deleted"}
    assert names == {f"webhook_endpoint.{name}" for name in done}


def test_no_event_of_an_endpoint_has_its_secret(office: Office, operator: Operators, app: Receiver) -> None:
    endpoint_id = add(office, operator("admin"), app)
    with office.identity.store.read() as tx:
        stored = tx.webhook_endpoints.find(endpoint_id)
    assert stored is not None
    secret = opened(office.identity, stored).secret
    assert all(secret not in str(event.data) for event in office.events())
