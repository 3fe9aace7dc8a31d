"""The option for apps that cannot wait for an access token to end: which sessions have ended meanwhile."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.clocks import Clock
from tests.server.api.conftest import PASSWORD
from tests.servers import Running, running_server
from vestibule.crypto.jwt import decode_unverified
from vestibule.server.identity.context import utc_now

ADA = "ada@example.com"
PATH = "/user_management/sessions/revoked"


@pytest.fixture
def clock() -> Clock:
    return Clock(utc_now())


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[Running]:
    seed = {"users": [{"email": ADA, "password": PASSWORD, "email_verified": True}]}
    with running_server(tmp_path_factory.mktemp("revoked"), clock=clock, seed=seed) as running:
        yield running


@pytest.fixture
def api(server: Running) -> Iterator[httpx2.Client]:
    with server.client() as client:
        yield client


def sign_in(server: Running, api: httpx2.Client) -> str:
    signed_in = server.authenticate(api, grant_type="password", email=ADA, password=PASSWORD).json()
    return str(decode_unverified(signed_in["access_token"])["sid"])


def test_LO_1_an_ended_session_is_listed_for_as_long_as_its_tokens_live(
    server: Running, api: httpx2.Client, clock: Clock
) -> None:
    ended, kept = sign_in(server, api), sign_in(server, api)
    nothing = api.get(PATH)
    assert nothing.json() == {"object": "revoked_sessions", "session_ids": [], "complete": True}
    assert api.get(PATH, headers={"if-none-match": nothing.headers["etag"]}).status_code == 304
    api.post("/user_management/sessions/revoke", json={"session_id": ended})
    changed = api.get(PATH, headers={"if-none-match": nothing.headers["etag"]})
    assert (changed.status_code, changed.json()["session_ids"]) == (200, [ended])
    assert kept not in changed.text
    unchanged = api.get(PATH, headers={"if-none-match": changed.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    clock.advance(seconds=300 + 59)
    assert api.get(PATH).json()["session_ids"] == [ended]
    clock.advance(seconds=2)
    assert api.get(PATH).json()["session_ids"] == []


def test_LO_1_sessions_that_went_with_their_user_are_listed_too(server: Running, api: httpx2.Client) -> None:
    ended = sign_in(server, api)
    user = api.get("/user_management/users", params={"email": ADA}).json()["data"][0]
    assert api.delete(f"/user_management/users/{user['id']}").is_success
    assert api.get(PATH).json()["session_ids"] == [ended]


def test_it_is_for_servers_only(server: Running) -> None:
    with httpx2.Client(base_url=server.url) as stranger:
        assert stranger.get(PATH).status_code == 401
