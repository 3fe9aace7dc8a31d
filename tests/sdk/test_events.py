"""Events, and the refusals that both SDKs turn into errors of their own."""

import pytest
from workos import (
    BadRequestError,
    RateLimitExceededError,
    UnprocessableEntityError,
    WorkOSClient,
)
from workos._errors import AuthenticationError

from tests.sdk.conftest import new_email
from tests.sdk.node import PACKAGES, Node, NodeError, running_node
from tests.servers import Running

NAMES = ["user.created", "user.deleted"]


@pytest.mark.covers("GET /events")
def test_events_are_read_in_python(sdk: WorkOSClient) -> None:
    user = sdk.user_management.create_user(email=new_email())
    sdk.user_management.delete_user(user.id)
    page = sdk.events.list_events(events=NAMES, limit=2, order="desc")
    assert [(each.event, each.data.id) for each in page.data] == [  # type: ignore[union-attr]
        ("user.deleted", user.id),
        ("user.created", user.id),
    ]
    oldest = sdk.events.list_events(events=NAMES, limit=2, order="asc")
    assert oldest.data[0].created_at < page.data[0].created_at


@pytest.mark.covers("GET /events")
def test_events_are_read_in_node(node: Node) -> None:
    user = node("userManagement.createUser", {"email": new_email()})["id"]
    node("userManagement.deleteUser", user)
    page = node("events.listEvents", {"events": NAMES, "limit": 2, "order": "desc"})["data"]
    assert [(each["event"], each["data"]["id"]) for each in page] == [
        ("user.deleted", user),
        ("user.created", user),
    ]


def test_refusals_are_those_that_python_knows(sdk: WorkOSClient) -> None:
    users = sdk.user_management
    with pytest.raises(UnprocessableEntityError):
        users.create_user(email="not an address")
    taken = users.create_user(email=new_email()).email
    with pytest.raises(BadRequestError) as twice:
        users.create_user(email=taken)
    assert twice.value.code == "user_creation_error"
    with pytest.raises(UnprocessableEntityError):
        users.list_users(limit=1000)
    for _ in range(3):
        users.reset_password(email=taken)
    with pytest.raises(RateLimitExceededError) as often:
        users.reset_password(email=taken)
    assert 0 < (often.value.retry_after or 0) <= 60


@pytest.mark.js
@pytest.mark.parametrize("version", PACKAGES)
def test_refusals_are_those_that_node_knows(server: Running, version: str) -> None:
    with running_node(version, server, maxRetries=0) as node:  # else it waits for as long as we say
        with pytest.raises(NodeError) as invalid:
            node("userManagement.createUser", {"email": "not an address"})
        assert (invalid.value.name, invalid.value.status) == ("UnprocessableEntityException", 422)
        taken = {"email": new_email()}
        node("userManagement.createUser", taken)
        with pytest.raises(NodeError) as twice:
            node("userManagement.createUser", taken)
        assert (twice.value.name, twice.value.code) == ("BadRequestException", "user_creation_error")
        for _ in range(3):
            node("userManagement.createPasswordReset", taken)
        with pytest.raises(NodeError) as often:
            node("userManagement.createPasswordReset", taken)
        assert often.value.name == "RateLimitExceededException"
        assert 0 < (often.value.retry_after or 0) <= 60


def test_a_wrong_key_is_an_authentication_error(server: Running) -> None:
    with (
        WorkOSClient(api_key="sk_test_wrong", client_id=server.client_id, base_url=server.url) as stranger,
        pytest.raises(AuthenticationError),
    ):
        stranger.user_management.list_users()
