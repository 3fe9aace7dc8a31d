import json
import logging
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from workos import WorkOSClient

from tests.clocks import Clock
from tests.rude_server import RudeServer
from tests.server.deliveries import NAMES, deliver_next, deliveries, event_ids, ids
from tests.server.outbound.receivers import Receiver, receiver
from tests.server.people import make_user
from vestibule.server.identity import users, webhooks
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.webhook_outbox import LEASE, claim, deliver
from vestibule.server.identity.webhooks import WebhookEndpoint, reach_of
from vestibule.server.outbound.client import Outbound


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as there:
        yield there


@pytest.fixture
def endpoint(identity: Identity, there: Receiver) -> WebhookEndpoint:
    return webhooks.create_endpoint(identity, endpoint_url=there.url + "/hook", events=NAMES)


def test_what_happens_arrives_as_the_event_it_is(
    identity: Identity, there: Receiver, endpoint: WebhookEndpoint, clock: Clock
) -> None:
    user = make_user(identity, first_name="Zoë")
    assert there.received == []
    attempts = deliver_next(identity)
    assert attempts is not None
    assert [attempt.arrived for attempt in attempts] == [True]
    (received,) = there.received
    body = json.loads(received.body)
    assert body == {
        "object": "event",
        "id": event_ids(identity)[0],
        "event": "user.created",
        "data": body["data"],
        "created_at": "2026-01-15T12:00:00.000Z",
    }
    assert body["data"]["id"] == user.id
    assert "Zoë".encode() in received.body
    assert received.headers["content-type"] == "application/json"
    WorkOSClient(api_key="sk_test_x", client_id="client_x").webhooks.verify_event(
        event_body=received.body,
        event_signature=received.headers["workos-signature"],
        secret=endpoint.secret,
        tolerance=10**9,  # the clock of this test stands still
    )
    (delivery,) = deliveries(identity, endpoint)
    assert (delivery.status, delivery.attempts, delivery.last_status) == ("delivered", 1, 200)
    assert (delivery.delivered_at, delivery.event_id) == (identity.now, body["id"])
    assert claim(identity) is None


def test_only_what_an_endpoint_asked_for_and_only_from_then_on(identity: Identity, there: Receiver) -> None:
    make_user(identity, "before@example.com")
    endpoint = webhooks.create_endpoint(identity, endpoint_url=there.url, events=["user.deleted"])
    user = make_user(identity)
    users.delete_user(identity, user.id)
    while deliver_next(identity) is not None:
        pass
    assert [json.loads(each.body)["event"] for each in there.received] == ["user.deleted"]
    assert len(deliveries(identity, endpoint)) == 1


def test_a_change_that_is_rolled_back_is_told_to_nobody(
    identity: Identity, endpoint: WebhookEndpoint
) -> None:
    make_user(identity)
    assert deliver_next(identity)
    with pytest.raises(Invalid):
        make_user(identity)
    assert claim(identity) is None


def test_the_events_of_one_person_arrive_in_their_order(
    identity: Identity, there: Receiver, endpoint: WebhookEndpoint
) -> None:
    people = [make_user(identity, f"person{number}@example.com") for number in range(5)]
    for name in ("Ada", "Grace", "Zoë"):
        for user in people:
            users.update_user(identity, user.id, changes={"first_name": name})
    deliver_next(identity)
    arrived: dict[str, list[str | None]] = {}
    for received in there.received:
        data = json.loads(received.body)["data"]
        arrived.setdefault(data["id"], []).append(data["first_name"])
    assert arrived == {user.id: [None, "Ada", "Grace", "Zoë"] for user in people}


def test_a_refused_event_is_tried_again_later_and_lets_others_pass(
    identity: Identity, there: Receiver, endpoint: WebhookEndpoint, clock: Clock
) -> None:
    there.answer = lambda received: 500 if b"poison" in received.body else 204
    make_user(identity, "poison@example.com")
    make_user(identity, "fine@example.com")
    deliver_next(identity)
    fine, poisoned = sorted(deliveries(identity, endpoint), key=lambda each: each.status)
    assert (poisoned.status, poisoned.attempts, poisoned.last_status) == ("pending", 1, 500)
    assert poisoned.last_error == "answered 500"
    assert poisoned.due_at is not None
    assert 8 <= (poisoned.due_at - identity.now).total_seconds() <= 12
    assert fine.status == "delivered"
    assert claim(identity) is None
    clock.advance(seconds=13)
    there.answer = lambda received: 200
    deliver_next(identity)
    assert [each.status for each in deliveries(identity, endpoint)] == ["delivered", "delivered"]
    assert Counter(ids(there.received)) == {poisoned.event_id: 2, fine.event_id: 1}


def test_WH_2_a_redirect_counts_as_refused(
    identity: Identity, there: Receiver, endpoint: WebhookEndpoint
) -> None:
    there.answer = lambda received: 302
    there.headers = {"location": there.url + "/inner"}
    make_user(identity)
    deliver_next(identity)
    assert [each.path for each in there.received] == ["/hook"]
    assert deliveries(identity, endpoint)[0].last_error == "answered 302"


def test_WH_3_after_three_days_of_errors_it_is_a_dead_letter(
    identity: Identity,
    there: Receiver,
    endpoint: WebhookEndpoint,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.CRITICAL, "vestibule.server.webhooks")
    there.answer = lambda received: 500
    make_user(identity)
    began, waits = clock(), []
    while deliver_next(identity) is not None:
        (delivery,) = deliveries(identity, endpoint)
        if delivery.due_at is not None:
            waits.append((delivery.due_at - clock()).total_seconds())
            clock.now = delivery.due_at
    assert (delivery.status, delivery.failed_at) == ("dead", identity.now)
    assert 15 <= delivery.attempts == len(there.received) <= 25
    assert 60 <= (identity.now - began).total_seconds() / 3600 <= 72
    assert waits[:5] == sorted(waits[:5])
    assert max(waits) <= 6 * 3600 * 1.2
    assert len(set(ids(there.received))) == 1
    assert deliveries(identity, endpoint, status="dead") == [delivery]
    assert deliveries(identity, endpoint, status="pending") == []


def test_WH_3_a_silent_endpoint_is_left_alone_for_longer_and_longer(
    identity: Identity, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "vestibule.server.webhooks")
    url = "http://localhost:1/"  # nobody listens there
    endpoint = webhooks.create_endpoint(identity, endpoint_url=url, events=NAMES)
    for number in range(30):
        make_user(identity, f"person{number}@example.com")
    first = deliver_next(identity)
    assert first
    assert len(first) <= 8  # one for each thread: the others would only have waited as long
    rests = []
    for _ in range(4):
        with identity.store.read() as tx:
            stored = tx.webhook_endpoints.find(endpoint.id)
        assert stored is not None
        assert stored.rests_until is not None
        rests.append((stored.rests_until - identity.now).total_seconds())
        assert claim(identity) is None
        clock.now = stored.rests_until
        again = deliver_next(identity)
        assert again is not None
        assert len(again) == 1  # a probe
    assert rests == sorted(rests)
    clock.advance(days=3, hours=1)
    deliver_next(identity)
    assert {each.status for each in deliveries(identity, endpoint)} == {"dead"}
    assert claim(identity) is None


def test_WH_3_the_trouble_of_one_endpoint_is_not_that_of_another(
    identity: Identity, there: Receiver, endpoint: WebhookEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    """Its receiver takes the connection and never answers; the other one's worker does not wait for it."""
    caplog.set_level(logging.CRITICAL, "vestibule.server.webhooks")
    rude = RudeServer()

    def hold(connection: socket.socket) -> None:
        rude.release.wait(20)
        connection.shutdown(socket.SHUT_RDWR)

    rude.answers["/"] = hold
    webhooks.create_endpoint(identity, endpoint_url=rude.url("/"), events=NAMES)
    make_user(identity)
    workers = [threading.Thread(target=deliver_next, args=(identity,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    assert rude.arrived.acquire(timeout=10)
    for _ in range(200):
        if there.received:
            break
        threading.Event().wait(0.05)
    assert len(there.received) == 1
    assert any(worker.is_alive() for worker in workers)
    rude.close()
    for worker in workers:
        worker.join(30)


def test_a_receiver_says_when_to_come_again(
    identity: Identity, there: Receiver, endpoint: WebhookEndpoint, clock: Clock
) -> None:
    there.answer = lambda received: 429
    there.headers = {"retry-after": "120"}
    make_user(identity)
    deliver_next(identity)
    clock.advance(seconds=119)
    assert claim(identity) is None
    clock.advance(seconds=1)
    assert claim(identity) is not None


def test_many_workers_send_each_event_once(
    identity: Identity, there: Receiver, endpoint: WebhookEndpoint
) -> None:
    others = [
        webhooks.create_endpoint(identity, endpoint_url=f"{there.url}/{number}", events=NAMES)
        for number in range(3)
    ]
    for number in range(12):
        make_user(identity, f"person{number}@example.com")

    def work() -> None:
        while deliver_next(identity) is not None:
            pass

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    seen = Counter((each.path, json.loads(each.body)["id"]) for each in there.received)
    assert len(seen) == 12 * (1 + len(others))
    assert set(seen.values()) == {1}


def test_what_a_dead_worker_had_is_taken_up_when_its_lease_is_over(
    identity: Identity, there: Receiver, endpoint: WebhookEndpoint, clock: Clock
) -> None:
    make_user(identity)
    abandoned = claim(identity)
    assert abandoned is not None
    assert claim(identity) is None
    clock.advance(seconds=LEASE.total_seconds())
    deliver_next(identity)
    assert ids(there.received) == event_ids(identity)
    # It was only slow: what it sends again has the same id, and its record changes nothing any more.
    deliver(identity, abandoned, Outbound(reach_of(identity.settings)))
    assert ids(there.received) == event_ids(identity) * 2
    (delivery,) = deliveries(identity, endpoint)
    assert (delivery.status, delivery.attempts) == ("delivered", 1)


def test_under_another_secret_nothing_is_sent_and_nothing_lost(
    identity: Identity,
    there: Receiver,
    endpoint: WebhookEndpoint,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    make_user(identity)
    settings = replace(identity.settings, secret="another-secret-that-opens-nothing-here")
    assert deliver_next(Identity(identity.store, settings, clock)) == []
    assert "VESTIBULE_SERVER_SECRET" in caplog.text
    assert there.received == []
    clock.advance(hours=2)
    deliver_next(identity)
    assert len(there.received) == 1


def test_neither_address_nor_secret_nor_content_is_logged(
    identity: Identity, there: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    there.answer = lambda received: 500
    url = there.url + "/hook?token=canary-of-the-url"
    endpoint = webhooks.create_endpoint(identity, endpoint_url=url, events=NAMES)
    make_user(identity, "canary@example.com")
    deliver_next(identity)
    assert endpoint.id in caplog.text
    for secret in ("canary-of-the-url", endpoint.secret, "canary@example.com"):
        assert secret not in caplog.text
