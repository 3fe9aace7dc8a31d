"""The three outcomes, with the tokens the JavaScript libraries were tried on."""

import json
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.session.browser import NOON
from vestibule.crypto.seal import seal
from vestibule.errors import TokenError, Unreachable
from vestibule.flow import HttpRequest, HttpResponse, run
from vestibule.session.access_tokens import AccessTokens, sealed_claims
from vestibule.session.config import Config
from vestibule.session.sessions import Sessions
from vestibule.testing import Clock, TestIssuer

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "session-vectors.json").read_text("utf-8"))
CLOCK: Callable[[], float] = lambda: float(VECTORS["jwt_clock_s"])  # noqa: E731
KEYS = HttpResponse(200, json.dumps(VECTORS["jwks"]).encode())
# Refused on purpose: an access token without an end would be a session without one.
STRICTER = {"no_exp"}
TOKENS = {each["name"]: each for each in VECTORS["jwts"]}


def workos() -> Config:
    return Config(
        client_id="client_test",
        redirect_uri="https://app.example.com/callback",
        cookie_passwords=(secrets.token_urlsafe(32),),
    )


def keys(request: HttpRequest) -> HttpResponse:
    assert request.url == "https://api.workos.com/sso/jwks/client_test"
    return KEYS


@pytest.mark.parametrize("name", TOKENS)
def test_the_verdict_is_the_one_of_the_javascript_libraries(name: str) -> None:
    tokens = AccessTokens(workos(), clock=CLOCK)
    flow = tokens.verify(TOKENS[name]["token"])
    if TOKENS[name]["jose"]["valid"] and name not in STRICTER:
        assert run(flow, keys).raw == TOKENS[name]["jose"]["claims"]
    else:
        with pytest.raises(TokenError):
            run(flow, keys)


def test_without_keys_nothing_can_be_told() -> None:
    tokens = AccessTokens(workos(), clock=CLOCK)
    with pytest.raises(Unreachable):
        run(
            tokens.verify(TOKENS["valid"]["token"]),
            lambda _: HttpResponse(503),
        )


def test_a_session_sealed_by_javascript_is_read() -> None:
    config = workos()
    sealed = next(each for each in VECTORS["seals"] if each["id"] == "session_basic_iron_session")
    cookie = seal(sealed["plaintext"], config.cookie_passwords[0])
    loaded = run(Sessions(config, clock=CLOCK).load([("wos-session", cookie)]), keys)
    assert loaded.session is not None
    assert loaded.session.user.name == "Ada Lovelace"
    assert loaded.session.organization_id == "org_01TEST"
    assert loaded.session.roles == {"admin", "member"}
    assert loaded.session.allows("posts:read", "posts:write")
    assert loaded.session.authentication_method == "GoogleOAuth"


def test_a_token_without_our_type_is_refused_outside_the_workos_profile() -> None:
    clock = Clock(NOON)
    issuer = TestIssuer(clock=clock)
    payload = issuer.cookies()
    loaded = run(Sessions(issuer.config, clock=clock).load(payload.items()), issuer.send)
    assert loaded.session is not None
    plain = AccessTokens(issuer.config, clock=CLOCK)
    with pytest.raises(TokenError) as caught:
        run(plain.verify(TOKENS["valid"]["token"]), lambda _: KEYS)
    assert caught.value.code == "token_type"


def test_what_is_no_token_says_nothing() -> None:
    assert sealed_claims("opaque") is None
    claims = sealed_claims(TOKENS["expired_1s"]["token"])
    assert claims is not None
    assert claims.organization_id == "org_01TEST"
