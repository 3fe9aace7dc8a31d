"""Every fault by its name, and what a correct app does about it, in every framework."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.project.tree import ROOT
from tests.testing.sites import Site
from vestibule.errors import Unreachable
from vestibule.flow import HttpRequest
from vestibule.testing import FAULTS, Lab, TestIssuer

EXPIRED = -1
UNREACHABLE = (503, "unreachable")
SIGNED_OUT = (401, "signed_out")


def come_back(site: Site, issuer: TestIssuer) -> tuple[int, str | None]:
    """A whole sign-in: the status of the callback, and the code if it failed."""
    begun = site.get("/auth/sign-in", page=True)
    callback = issuer.authorize(begun.location or "")
    answer = site.get(callback.removeprefix(site.origin))
    return answer.status, answer.json["error"]["code"] if answer.json else None


def test_key_set_down(site: Site, auth_lab: Lab) -> None:
    auth_lab.sign_in(site.client)
    with auth_lab.fault("key_set_down"):
        assert site.me() == UNREACHABLE, "an app that has just started has no keys yet"
    assert site.me()["email"] == "ada@example.com"
    with auth_lab.fault("key_set_down"):
        auth_lab.clock.advance(minutes=20)
        assert site.me()["email"] == "ada@example.com", "it knows them by now"


def test_key_set_slow(site: Site, auth_lab: Lab) -> None:
    auth_lab.sign_in(site.client)
    began = auth_lab.clock()
    with auth_lab.fault("key_set_slow"):
        assert site.me() == UNREACHABLE
    assert auth_lab.clock() - began == 3.0, "nobody waited, but the time is gone"
    assert site.me()["email"] == "ada@example.com"


def test_key_rotated(site: Site, auth_lab: Lab) -> None:
    issuer = auth_lab.sign_in(site.client)
    assert site.me()["email"] == "ada@example.com"
    with auth_lab.fault("key_rotated"):
        assert site.me()["email"] == "ada@example.com"
        auth_lab.clock.advance(minutes=11)
        assert site.me()["email"] == "ada@example.com"
    assert len(issuer.requests_to("jwks")) == 2, "the new key was fetched"


def test_refresh_refused(site: Site, auth_lab: Lab) -> None:
    auth_lab.sign_in(site.client)
    with auth_lab.fault("refresh_refused"):
        assert site.me()["email"] == "ada@example.com", "the token is good for five minutes"
        auth_lab.clock.advance(minutes=6)
        assert site.me() == SIGNED_OUT
    assert site.me() == SIGNED_OUT, "and the cookie is gone"


def test_refresh_rate_limited(site: Site, auth_lab: Lab) -> None:
    auth_lab.sign_in(site.client, expires_in=EXPIRED)
    with auth_lab.fault("refresh_rate_limited"):
        assert site.me() == UNREACHABLE
    assert site.me()["email"] == "ada@example.com", "nobody was signed out"


def test_refresh_reply_lost(site: Site, auth_lab: Lab) -> None:
    auth_lab.sign_in(site.client, expires_in=EXPIRED)
    with auth_lab.fault("refresh_reply_lost"):
        assert site.me() == UNREACHABLE
    assert site.me()["email"] == "ada@example.com", "the reply is given again for half a minute"


def test_a_reply_that_was_lost_for_too_long_ends_the_session(site: Site, auth_lab: Lab) -> None:
    auth_lab.sign_in(site.client, expires_in=EXPIRED)
    with auth_lab.fault("refresh_reply_lost"):
        assert site.me() == UNREACHABLE
    auth_lab.clock.advance(seconds=31)
    assert site.me() == SIGNED_OUT


def test_state_mismatch(site: Site, auth_lab: Lab) -> None:
    issuer = auth_lab.use(site.client)
    with auth_lab.fault("state_mismatch"):
        assert come_back(site, issuer) == (400, "state_mismatch")
        assert site.me() == SIGNED_OUT
    assert come_back(site, issuer) == (303, None)
    assert site.me()["email"] == "ada@example.com"


def test_cookie_stripped(site: Site, auth_lab: Lab) -> None:
    issuer = auth_lab.use(site.client)
    with auth_lab.fault("cookie_stripped"):
        assert come_back(site, issuer) == (400, "verifier_cookie_missing")
    assert come_back(site, issuer) == (303, None)


def test_a_refreshed_cookie_that_is_stripped_signs_nobody_out_for_half_a_minute(
    site: Site, auth_lab: Lab
) -> None:
    issuer = auth_lab.sign_in(site.client, expires_in=EXPIRED)
    with auth_lab.fault("cookie_stripped"):
        assert [site.me()["email"], site.me()["email"]] == ["ada@example.com"] * 2
    assert len(issuer.requests_to("/authenticate")) == 2
    auth_lab.clock.advance(seconds=31)
    assert site.me() == SIGNED_OUT


def test_clock_skew(site: Site, auth_lab: Lab) -> None:
    issuer = auth_lab.use(site.client)
    with auth_lab.fault("clock_skew"):
        assert come_back(site, issuer) == (400, "token_invalid"), "the token is from the future"
    with auth_lab.fault("clock_skew", seconds=-600):
        assert come_back(site, issuer) == (400, "token_invalid"), "it had expired when it came"
    with auth_lab.fault("clock_skew", seconds=20):
        assert come_back(site, issuer) == (303, None), "clocks are never quite the same"
    assert site.me()["email"] == "ada@example.com"


@pytest.mark.parametrize("name", ["server_down", "server_slow"])
def test_an_outage_signs_nobody_out(site: Site, auth_lab: Lab, name: str) -> None:
    auth_lab.sign_in(site.client)
    assert site.me()["email"] == "ada@example.com"
    with auth_lab.fault(name):  # type: ignore[arg-type]
        assert site.me()["email"] == "ada@example.com", "a token is checked without the server"
        assert site.get("/auth/sign-in", page=True).status in (302, 303)
        auth_lab.clock.advance(minutes=6)
        assert site.me() == UNREACHABLE
    assert site.me()["email"] == "ada@example.com"


def test_a_fault_lasts_until_it_is_taken_back(site: Site, auth_lab: Lab) -> None:
    auth_lab.inject("server_down")
    auth_lab.inject("cookie_stripped")
    auth_lab.sign_in(site.client, expires_in=EXPIRED)
    assert site.me() == UNREACHABLE
    auth_lab.recover("server_down")
    assert site.me()["email"] == "ada@example.com"
    auth_lab.recover()
    assert site.me()["email"] == "ada@example.com"


def test_a_name_that_is_none_is_told(auth_lab: Lab) -> None:
    with pytest.raises(ValueError, match="key_set_down"):
        auth_lab.inject("coffee_spilled")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"lab\.fault"):
        TestIssuer().inject("cookie_stripped")


def test_a_test_issuer_knows_the_names_too() -> None:
    issuer = TestIssuer()
    issuer.inject("server_slow")
    with pytest.raises(Unreachable):
        issuer.send(HttpRequest("GET", f"{issuer.config.url}/sso/jwks/client_test"))
    issuer.recover("server_slow")
    issuer.inject("state_mismatch")
    url = f"{issuer.config.url}/?redirect_uri=http%3A%2F%2Fx%2Fcb&state=s&code_challenge=c"
    assert dict(parse_qsl(urlsplit(issuer.authorize(url)).query))["state"] != "s"


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_documented(name: str) -> None:
    assert f"| `{name}` |" in (ROOT / "docs/how-to/test-your-app.md").read_text("utf-8")
