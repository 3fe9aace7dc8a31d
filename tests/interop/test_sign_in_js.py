"""A sign-in begun in one runtime is finished in the other, and the session serves both."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.crypto.tokens import signing_key
from tests.interop.peers import PeerError, Peers
from tests.vectors.reading import vectors
from vestibule.cookies import parse_cookies
from vestibule.crypto.pkce import challenge_of
from vestibule.crypto.seal import seal, unseal
from vestibule.crypto.signing import key_id, public_jwk, sign
from vestibule.session.verifier import create_state, open_state, verifier_cookie, verifier_name

pytestmark = pytest.mark.js

AUTHKIT = "authkit-session"
PASSWORD = "correct-horse-battery-staple-0123456789"
REDIRECT_URI = "https://app.example.com/callback"
USER = next(each for each in vectors()["seals"] if each["id"] == "session_unicode")["plaintext"]["user"]


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def access_token() -> str:
    now = int(time.time())
    claims = {
        "iss": "https://id.example.com",
        "aud": "client_test",
        "sub": USER["id"],
        "sid": "session_1",
        "org_id": "org_1",
        "permissions": ["a"],
        "iat": now,
        "exp": now + 300,
    }
    return sign(claims, signing_key(), kid=key_id(signing_key()))


def session() -> dict[str, Any]:
    return {"accessToken": access_token(), "refreshToken": "R", "user": USER}


def test_we_finish_what_they_begin(peers: Peers) -> None:
    options = {"returnPathname": "/a?b=ü", "state": "custom é", "redirectUri": REDIRECT_URI}
    begun = peers.ask(AUTHKIT, "begin", password=PASSWORD, options=options)
    query = parse_qs(urlsplit(begun["url"]).query)
    state = query["state"][0]
    cookies = dict(parse_cookies(begun["setCookie"].split("; ")[0]))
    assert begun["cookieName"] == verifier_name(state)
    verifier = open_state(state, cookies[verifier_name(state)], PASSWORD, now_ms=now_ms())
    assert challenge_of(verifier.code_verifier) == query["code_challenge"][0]
    assert verifier.return_pathname == "/a?b=ü"
    assert verifier.custom_state == "custom é"
    assert verifier.redirect_uri == REDIRECT_URI


def test_we_write_the_cookie_they_write(peers: Peers) -> None:
    begun = peers.ask(AUTHKIT, "begin", password=PASSWORD, options={})
    state = parse_qs(urlsplit(begun["url"]).query)["state"][0]
    assert verifier_cookie(state, redirect_uri=REDIRECT_URI).header() == begun["setCookie"]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"return_pathname": "/a?b=%C3%BC", "custom_state": "custom é 🔐", "redirect_uri": REDIRECT_URI},
    ],
)
def test_they_finish_what_we_begin(peers: Peers, given: dict[str, Any]) -> None:
    pending = create_state(PASSWORD, now_ms=now_ms(), **given)
    done = peers.ask(
        AUTHKIT,
        "finish",
        password=PASSWORD,
        cookies={verifier_name(pending.state): pending.state},
        state=pending.state,
        answer=session(),
    )
    assert challenge_of(done["codeVerifier"]) == pending.challenge
    assert done["returnPathname"] == given.get("return_pathname", "/")
    assert done.get("state") == given.get("custom_state")
    sealed = dict(parse_cookies(done["setCookie"][0].split("; ")[0]))["wos-session"]
    opened = unseal(sealed, PASSWORD)
    assert isinstance(opened, dict)
    assert opened["user"] == USER


def test_they_refuse_our_state_in_another_browser(peers: Peers) -> None:
    state = create_state(PASSWORD, now_ms=now_ms()).state
    with pytest.raises(PeerError, match="PKCECookieMissingError"):
        peers.ask(AUTHKIT, "finish", password=PASSWORD, cookies={}, state=state, answer={})


def test_they_refuse_our_old_state(peers: Peers) -> None:
    state = create_state(PASSWORD, now_ms=now_ms() - 601_000).state
    cookies = {verifier_name(state): state}
    with pytest.raises(PeerError, match="expired"):
        peers.ask(AUTHKIT, "finish", password=PASSWORD, cookies=cookies, state=state, answer={})


def test_they_accept_our_session_and_our_token(peers: Peers) -> None:
    keys = {"keys": [public_jwk(signing_key())]}
    cookies = {"wos-session": seal(session(), PASSWORD)}
    loaded = peers.ask(AUTHKIT, "withAuth", password=PASSWORD, cookies=cookies, jwks=keys)["auth"]
    assert loaded["user"] == USER
    assert (loaded["sessionId"], loaded["organizationId"]) == ("session_1", "org_1")
    assert loaded["permissions"] == ["a"]
