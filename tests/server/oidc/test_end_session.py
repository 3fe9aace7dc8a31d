"""Signing out as standard clients ask for it (OpenID Connect RP-Initiated Logout 1.0)."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.clocks import Clock
from tests.server.hosted import CHALLENGE, Form, follow, returned, submit
from tests.server.oidc.conftest import ADA, CALLBACK
from tests.server.oidc.test_inspection import introspect, tokens
from tests.servers import Running
from vestibule.server.identity.redirect_uris import ensure_redirect_uri

BYE = "http://localhost:3000/bye"
HOME = "http://localhost:3000/home"
END = "/oauth2/logout"


@pytest.fixture(autouse=True)
def places(server: Running) -> Iterator[None]:
    ensure_redirect_uri(server.identity, BYE, kind="sign_out")
    with server.client() as api:
        api.put("/environments/current", json={"sign_out_redirect": HOME})
        yield
        api.put("/environments/current", json={"sign_out_redirect": None})


def is_signed_in(server: Running, browser: httpx2.Client) -> bool:
    asked = {
        "client_id": server.client_id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "prompt": "none",
    } | CHALLENGE
    return "code" in returned(follow(browser, browser.get("/oauth2/authorize", params=asked)))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_whoever_brings_an_id_token_is_signed_out_at_once(
    server: Running, client: httpx2.Client, browser: httpx2.Client, method: str
) -> None:
    found = tokens(server, client, browser)
    asked = {"id_token_hint": found["id_token"], "post_logout_redirect_uri": BYE, "state": "a b&c"}
    sent: dict[str, Any] = {"params": asked} if method == "GET" else {"data": asked}
    left = browser.request(method, END, **sent)
    assert left.status_code == 302
    assert left.headers["location"].partition("?")[0] == BYE
    assert returned(left) == {"state": "a b&c"}
    assert not is_signed_in(server, browser)
    assert introspect(server, client, found["access_token"]) == {"active": False}


def test_an_id_token_that_has_expired_still_says_whose_session_it_is(
    server: Running, client: httpx2.Client, browser: httpx2.Client, clock: Clock
) -> None:
    found = tokens(server, client, browser)
    clock.advance(seconds=3_600)
    left = browser.get(END, params={"id_token_hint": found["id_token"]})
    assert left.headers["location"] == HOME
    assert not is_signed_in(server, browser)


@pytest.mark.parametrize(
    "uri", ["https://evil.example/", BYE + "/", "//evil.example", "javascript:alert(1)", ""]
)
def test_OR_3_an_address_that_is_not_registered_is_ignored(
    server: Running, client: httpx2.Client, browser: httpx2.Client, uri: str
) -> None:
    found = tokens(server, client, browser)
    asked = {"id_token_hint": found["id_token"], "post_logout_redirect_uri": uri, "state": "s"}
    assert browser.get(END, params=asked).headers["location"] == HOME


@pytest.mark.parametrize("hint", ["none", "garbage", "access_token", "another client"])
def test_LO_2_anybody_else_is_asked_first(
    server: Running, client: httpx2.Client, browser: httpx2.Client, hint: str
) -> None:
    found = tokens(server, client, browser)
    asked = {"post_logout_redirect_uri": BYE, "state": "s"}
    if hint == "another client":
        asked |= {"client_id": "client_other", "id_token_hint": found["id_token"]}
    elif hint != "none":
        asked["id_token_hint"] = found.get(hint, hint)
    page = follow(browser, browser.get(END, params=asked))
    assert (page.status_code, ADA in page.text) == (200, True)
    assert is_signed_in(server, browser)
    left = submit(browser, page)
    assert (left.headers["location"].partition("?")[0], returned(left)) == (BYE, {"state": "s"})
    assert not is_signed_in(server, browser)
    assert introspect(server, client, found["access_token"]) == {"active": False}


def test_somebody_who_is_not_signed_in_is_not_asked(browser: httpx2.Client) -> None:
    left = follow(browser, browser.get(END, params={"post_logout_redirect_uri": BYE, "state": "s"}))
    assert left.headers["location"] == BYE + "?state=s"


def test_CS_1_another_site_cannot_press_the_button(
    server: Running, client: httpx2.Client, browser: httpx2.Client
) -> None:
    tokens(server, client, browser)
    form = Form(follow(browser, browser.get(END)))
    assert form.action is not None
    forged = browser.post(form.action, data=form.values, headers={"sec-fetch-site": "cross-site"})
    unproven = browser.post(form.action, data={"csrf": "x"}, headers={"sec-fetch-site": "same-origin"})
    assert (forged.status_code, unproven.status_code) == (403, 403)
    assert is_signed_in(server, browser)


def test_looking_ends_nothing(server: Running, client: httpx2.Client, browser: httpx2.Client) -> None:
    found = tokens(server, client, browser)
    assert browser.head(END, params={"id_token_hint": found["id_token"]}).status_code == 200
    assert is_signed_in(server, browser)


def test_a_sign_out_of_one_person_leaves_another_in_the_same_browser_alone(
    server: Running, client: httpx2.Client, browser: httpx2.Client
) -> None:
    found = tokens(server, client, browser)
    again = tokens(server, client, browser, prompt="login")  # a new session of this browser
    browser.get(END, params={"id_token_hint": found["id_token"]})
    assert is_signed_in(server, browser)
    assert introspect(server, client, again["access_token"])["active"]
    location = browser.get(END, params={"id_token_hint": again["id_token"]}).headers["location"]
    assert parse_qs(urlsplit(location).query) == {}
    assert not is_signed_in(server, browser)
