"""The cookie an adapter sets is a session for the official JavaScript library too, and the reverse."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.adapters.conftest import Build
from tests.adapters.rigs import FETCH, Rig
from tests.interop.peers import Peers, running
from vestibule.crypto.signing import public_jwk
from vestibule.testing import sign_in

pytestmark = pytest.mark.js

AUTHKIT = "authkit-session"


@pytest.fixture(scope="module")
def peers() -> Iterator[Peers]:
    with running() as started:
        yield started


def ask(peers: Peers, rig: Rig, line: str) -> dict[str, object]:
    name, _, value = line.partition(";")[0].partition("=")
    answer = peers.ask(
        AUTHKIT,
        "withAuth",
        password=rig.issuer.config.cookie_passwords[0],
        cookies={name: value},
        jwks={"keys": [public_jwk(rig.issuer.key)]},
    )
    assert isinstance(answer["auth"], dict)
    return answer["auth"]


def test_javascript_reads_the_cookie_of_a_sign_in(rig: Rig, peers: Peers) -> None:
    back = rig.follow_sign_in(
        email="zoë@example.com", organization_id="org_1", permissions=["a"], user={"first_name": "Zoë 🚪"}
    )
    auth = ask(peers, rig, back.session_cookies()[0])
    assert auth["user"]["email"] == "zoë@example.com"  # type: ignore[index]
    assert auth["user"]["firstName"] == "Zoë 🚪"  # type: ignore[index]
    assert (auth["organizationId"], auth["permissions"]) == ("org_1", ["a"])


def test_javascript_reads_the_cookie_of_a_refresh(rig: Rig, peers: Peers) -> None:
    sign_in(rig.client, auth=rig.auth, email="ada@example.com", expires_in=-1)
    (line,) = rig.get("/me").session_cookies()
    assert ask(peers, rig, line)["user"]["email"] == "ada@example.com"  # type: ignore[index]


def test_a_cookie_that_javascript_sealed_is_a_session_here(make: Build, peers: Peers) -> None:
    rig = make()
    password = rig.issuer.config.cookie_passwords[0]
    user = {
        "object": "user",
        "id": "user_1",
        "email": "ada@example.com",
        "emailVerified": True,
        "metadata": {},
    }
    grant = rig.issuer._grant("ada@example.com", {})
    grant = replace(grant, user=replace(grant.user, id="user_1"))
    payload = {
        "accessToken": rig.issuer.access_token(grant),
        "refreshToken": rig.issuer.refresh_token(grant),
        "user": user,
    }
    sealed = peers.ask(AUTHKIT, "seal", payload=payload, password=password, ttl=0)
    answer = rig.get("/me", {**FETCH, "Cookie": f"wos-session={sealed}"})
    assert answer.json["email"] == "ada@example.com"
