import json

import pytest

from tests.clocks import Clock
from tests.server.people import make_user
from vestibule.server.identity import webhooks
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Conflict, Invalid, NotFound
from vestibule.server.identity.event_names import KNOWN, OWN, PUBLISHED
from vestibule.server.identity.paging import Page
from vestibule.server.identity.webhook_outbox import claim
from vestibule.server.store.schema import webhook_endpoints

URL = "https://hooks.example.com/vestibule"


def test_the_names_of_events_are_those_of_the_interface_and_ours() -> None:
    with open("tests/vectors/open-api-spec.json") as file:
        shapes = json.load(file)["components"]["schemas"]
    published = shapes["CreateWebhookEndpointDto"]["properties"]["events"]["items"]["enum"]
    assert frozenset(published) == PUBLISHED
    assert not PUBLISHED & OWN


def test_an_endpoint_is_made_changed_listed_and_deleted(identity: Identity, clock: Clock) -> None:
    made = webhooks.create_endpoint(identity, endpoint_url=URL, events=["user.created", "user.created"])
    assert made.id.startswith("we_")
    assert made.secret.startswith("whsec_")
    assert (made.status, made.events, made.created_at) == ("enabled", ["user.created"], identity.now)
    assert made.secret not in repr(made)
    clock.advance(seconds=1)
    changed = webhooks.update_endpoint(identity, made.id, status="disabled", events=["user.deleted"])
    assert (changed.status, changed.events, changed.secret) == ("disabled", ["user.deleted"], made.secret)
    assert changed.updated_at == identity.now > changed.created_at
    assert list(webhooks.list_endpoints(identity, Page()).data) == [changed]
    webhooks.delete_endpoint(identity, made.id)
    assert webhooks.list_endpoints(identity, Page()).data == []


def test_the_secret_is_not_in_the_database(identity: Identity) -> None:
    made = webhooks.create_endpoint(identity, endpoint_url=URL, events=["user.created"])
    with identity.store.read() as tx:
        (row,) = tx.connection.execute(webhook_endpoints.select()).all()
    assert made.secret.removeprefix("whsec_") not in repr(tuple(row))


def test_an_address_has_one_endpoint(identity: Identity) -> None:
    webhooks.create_endpoint(identity, endpoint_url=URL, events=[])
    other = webhooks.create_endpoint(identity, endpoint_url=URL + "/2", events=[])
    with pytest.raises(Conflict) as refused:
        webhooks.create_endpoint(identity, endpoint_url=URL, events=[])
    assert refused.value.code == "duplicate_endpoint"
    with pytest.raises(Conflict):
        webhooks.update_endpoint(identity, other.id, endpoint_url=URL, status="disabled")
    assert [each.status for each in webhooks.list_endpoints(identity, Page()).data] == ["enabled", "enabled"]


@pytest.mark.parametrize("url", ["ftp://example.com/", "https://10.0.0.1/", "https://localhost.internal/"])
def test_WH_1_an_inner_address_is_refused_when_saved(identity: Identity, url: str) -> None:
    made = webhooks.create_endpoint(identity, endpoint_url=URL, events=[])
    with pytest.raises(Invalid) as refused:
        webhooks.create_endpoint(identity, endpoint_url=url, events=[])
    assert (refused.value.code, refused.value.errors) == ("invalid_url", ())
    with pytest.raises(Invalid):
        webhooks.update_endpoint(identity, made.id, endpoint_url=url)


def test_an_unknown_event_or_status_is_refused(identity: Identity) -> None:
    with pytest.raises(Invalid) as refused:
        webhooks.create_endpoint(identity, endpoint_url=URL, events=["user.created", "user.vanished"])
    assert [error["code"] for error in refused.value.errors] == ["unknown_event_type"]
    made = webhooks.create_endpoint(identity, endpoint_url=URL, events=sorted(KNOWN))
    with pytest.raises(Invalid):
        webhooks.update_endpoint(identity, made.id, events=["*"])
    with pytest.raises(Invalid):
        webhooks.update_endpoint(identity, made.id, status="paused")


def test_what_is_unknown_is_not_found(identity: Identity) -> None:
    with pytest.raises(NotFound):
        webhooks.update_endpoint(identity, "we_1", status="enabled")
    with pytest.raises(NotFound):
        webhooks.delete_endpoint(identity, "we_1")


def test_a_disabled_endpoint_is_told_nothing_then_or_later(identity: Identity) -> None:
    made = webhooks.create_endpoint(identity, endpoint_url=URL, events=["user.created"])
    webhooks.update_endpoint(identity, made.id, status="disabled")
    make_user(identity)
    assert claim(identity) is None
    webhooks.update_endpoint(identity, made.id, status="enabled")
    grace = make_user(identity, "grace@example.com")
    webhooks.update_endpoint(identity, made.id, status="enabled")  # was enabled: nothing is skipped
    batch = claim(identity)
    assert batch is not None
    assert [event.data["id"] for _, event in batch.due] == [grace.id]
