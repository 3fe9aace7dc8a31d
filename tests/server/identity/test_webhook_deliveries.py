import logging
from collections.abc import Iterator

import pytest

from tests.clocks import Clock
from tests.server.deliveries import NAMES, deliver_next, deliveries, event_ids, ids
from tests.server.outbound.receivers import Receiver, receiver
from tests.server.people import make_user
from vestibule.server.identity import webhooks
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Invalid, NotFound
from vestibule.server.identity.paging import Page
from vestibule.server.identity.webhook_deliveries import (
    list_deliveries,
    replay_dead,
    replay_delivery,
    replay_range,
)
from vestibule.server.identity.webhooks import WebhookEndpoint


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as there:
        yield there


@pytest.fixture
def endpoint(identity: Identity, there: Receiver) -> WebhookEndpoint:
    return webhooks.create_endpoint(identity, endpoint_url=there.url + "/hook", events=NAMES)


def test_one_delivery_is_replayed_with_the_same_id(
    identity: Identity, there: Receiver, endpoint: WebhookEndpoint, clock: Clock
) -> None:
    make_user(identity)
    deliver_next(identity)
    (before,) = deliveries(identity, endpoint)
    clock.advance(hours=1)
    queued = replay_delivery(identity, endpoint.id, before.id)
    assert (queued.status, queued.attempts, queued.due_at) == ("pending", 0, identity.now)
    deliver_next(identity)
    assert ids(there.received) == [before.event_id] * 2
    assert deliveries(identity, endpoint)[0].delivered_at == identity.now


def test_dead_letters_are_replayed_together(
    identity: Identity,
    there: Receiver,
    endpoint: WebhookEndpoint,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.CRITICAL, "vestibule.server.webhooks")
    there.answer = lambda received: 500
    for number in range(3):
        make_user(identity, f"person{number}@example.com")
    deliver_next(identity)
    clock.advance(days=4)
    deliver_next(identity)
    assert [each.status for each in deliveries(identity, endpoint)] == ["dead"] * 3
    there.answer = lambda received: 200
    assert replay_dead(identity, endpoint.id) == 3
    deliver_next(identity)
    assert [each.status for each in deliveries(identity, endpoint)] == ["delivered"] * 3
    assert replay_dead(identity, endpoint.id) == 0


def test_a_span_of_time_is_replayed_sent_before_or_not(
    identity: Identity, there: Receiver, clock: Clock
) -> None:
    made = []
    for number in range(4):
        made.append(clock())
        make_user(identity, f"person{number}@example.com")
        clock.advance(minutes=1)
    endpoint = webhooks.create_endpoint(identity, endpoint_url=there.url, events=["user.created"])
    assert replay_range(identity, endpoint.id, start=made[1], end=made[2]) == 2
    deliver_next(identity)
    assert sorted(ids(there.received)) == sorted(event_ids(identity)[1:3])
    assert replay_range(identity, endpoint.id, start=made[2], end=made[3]) == 2
    deliver_next(identity)
    assert sorted(ids(there.received)) == sorted([*event_ids(identity)[1:], event_ids(identity)[2]])
    with pytest.raises(Invalid):
        replay_range(identity, endpoint.id, start=made[2], end=made[1])


def test_deliveries_of_another_endpoint_are_none_of_this_one(
    identity: Identity, there: Receiver, endpoint: WebhookEndpoint
) -> None:
    make_user(identity)
    deliver_next(identity)
    (delivery,) = deliveries(identity, endpoint)
    other = webhooks.create_endpoint(identity, endpoint_url=there.url + "/other", events=NAMES)
    with pytest.raises(NotFound):
        replay_delivery(identity, other.id, delivery.id)
    with pytest.raises(NotFound):
        list_deliveries(identity, "we_1", Page())
    assert deliveries(identity, other) == []
    assert deliveries(identity, endpoint, event_id=delivery.event_id) == [delivery]
    assert deliveries(identity, endpoint, event_id="event_1") == []
