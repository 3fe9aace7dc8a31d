"""The tokens of providers: where they are kept, how they stay fresh, and who never sees them."""

from typing import Any

import pytest

from tests.direct.conftest import Make
from tests.direct.world import ORIGIN, SESSION, Shelf, World, code_of
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.testing import TestProvider

KEPT = f"{SESSION}-google"
OFFLINE = {"access_type": "offline"}


def google(world_of: Make, **settings: Any) -> World:
    """An app that asks Google for a refresh token."""
    provider = TestProvider("google", redirect_uris=[f"{ORIGIN}/auth/callback/google"])
    given = {"clients": (provider.client(params=OFFLINE),), "send": provider, "keep_tokens": True}
    world = world_of(**{**given, **settings})
    provider.clock = world.clock
    world.providers["google"] = provider
    return world


def test_they_are_refreshed_when_they_end_soon(either: Make) -> None:
    world = google(either)
    browser = world.sign_in("google")
    first = browser.do("tokens", provider="google").json
    assert first["refresh_token"]
    world.clock.advance(minutes=54)
    assert browser.do("tokens", provider="google").json == first
    world.clock.advance(minutes=2)
    second = browser.do("tokens", provider="google").json
    assert second["access_token"] != first["access_token"]
    assert browser.do("tokens", provider="google").json == second
    world.clock.advance(minutes=58)
    with world.providers["google"].fault("status_500"):
        assert browser.do("tokens", provider="google").status == 503
    with world.providers["google"].fault("refresh_refused"):
        assert code_of(browser.do("tokens", provider="google")) == "provider_grant"
    assert browser.email == "ada@example.com"
    assert browser.do("tokens", provider="google").status == 200


def test_they_last_as_long_as_the_session_may(either: Make) -> None:
    world = google(either, lifetime=3600, max_lifetime=7200, policy="rolling")
    browser = world.browser()
    line = next(each for each in browser.sign_in("google").set_cookies if each.startswith(KEPT))
    assert "Max-Age=7200" in line
    assert "HttpOnly" in line
    assert "SameSite=Lax" in line


def test_in_a_store_they_are_sealed_and_go_with_the_account(either: Make) -> None:
    shelf = Shelf()
    world = google(either, token_store=shelf)
    browser = world.sign_in("google")
    assert list(browser.cookies) == [SESSION]
    tokens = browser.do("tokens", provider="google").json
    [(key, (text, max_age))] = shelf.kept.items()
    assert max_age == 30 * 86_400
    assert "google" not in key
    assert tokens["access_token"] not in text
    assert browser.do("revoke_tokens", provider="google").json == {"result": True}
    assert shelf.kept == {}
    asked = world.providers["google"].requests_to("/revoke")
    assert tokens["refresh_token"] in asked[0].body.decode()
    assert code_of(browser.do("tokens", provider="google")) == "provider_tokens_missing"
    assert code_of(browser.do("revoke_tokens", provider="google")) == "provider_tokens_missing"
    assert code_of(browser.do("tokens", provider="nobody")) == "provider_unknown"
    shelf.broken = True
    answer = browser.do("tokens", provider="google")
    assert (answer.status, browser.email) == (503, "ada@example.com")
    assert world.browser().sign_in("google").status == 503


@pytest.mark.parametrize("shelf", [None, Shelf()])
def test_they_end_with_the_account_and_with_the_session(either: Make, shelf: Shelf | None) -> None:
    world = either("github", "google", keep_tokens=True, token_store=shelf)
    browser = world.sign_in()
    browser.connect("google")
    assert browser.do("tokens", provider="google").status == 200
    cookies = dict(browser.cookies)
    browser.post("/auth/unlink/google")
    assert code_of(browser.do("tokens", provider="google")) == "provider_tokens_missing"
    assert browser.do("tokens").status == 200
    browser.post("/auth/sign-out")
    assert browser.cookies == {}
    other = world.sign_in(email="grace@example.com")
    other.cookies = {**cookies, SESSION: other.cookies[SESSION]}
    answer = other.do("tokens")
    assert answer.status == 400 if shelf is None else answer.status == 200  # of another session
    assert code_of(other.do("tokens", provider="google")) == "provider_tokens_missing"


def test_nobody_signed_out_gets_any(either: Make) -> None:
    browser = either("github", keep_tokens=True, browser_provider_tokens=True).browser()
    for what in ("tokens", "revoke_tokens", "refresh_user"):
        answer = browser.do(what)
        assert (answer.status, code_of(answer)) == (401, "signed_out")
    assert browser.get("/auth/provider-tokens/github").status == 401


def test_scripts_get_an_access_token_where_the_app_says_so(either: Make) -> None:
    world = google(either, browser_provider_tokens=True, trusted_origins=["https://front.example"])
    browser = world.sign_in("google")
    tokens = browser.do("tokens", provider="google").json
    answer = browser.get("/auth/provider-tokens/google")
    assert answer.json == {
        "access_token": tokens["access_token"],
        "token_type": "Bearer",
        "expires_at": int(world.clock()) + 3600,
        "scopes": answer.json["scopes"],
    }
    assert tokens["refresh_token"] not in answer.text
    assert "no-store" in answer["Cache-Control"]
    site = {"Sec-Fetch-Site": "cross-site", "Cookie": f"{SESSION}={browser.cookies[SESSION]}"}
    assert code_of(browser.get("/auth/provider-tokens/google", **site)) == "cross_site"
    trusted = {**site, "Origin": "https://front.example", "Cookie": site["Cookie"]}
    assert code_of(browser.get("/auth/provider-tokens/google", **trusted)) == "provider_tokens_missing"


def test_tokens_over_a_cookie_are_left_out_and_said_so(either: Make) -> None:
    def send(request: HttpRequest) -> HttpResponse:
        response = world.providers["google"].send(request)
        large = response.body.replace(b'"refresh_token": "', b'"refresh_token": "' + b"x" * 4096)
        return HttpResponse(response.status, large, response.headers)

    world = google(either, send=send)
    browser = world.sign_in("google")
    assert list(browser.cookies) == [SESSION]
    assert sorted(name for name, _ in world.events) == ["session.cookie_too_large", "session.signed_in"]
    answer = browser.do("tokens", provider="google")
    assert "token_store=" in answer.json["error"]["hint"]


def test_without_the_setting_none_are_kept(either: Make) -> None:
    browser = either("github").sign_in()
    assert list(browser.cookies) == [SESSION]
    assert "keep_tokens=True" in browser.do("tokens").json["error"]["hint"]


def test_refresh_user_asks_the_provider_that_is_named(either: Make) -> None:
    world = either("github", "google", keep_tokens=True)
    browser = world.sign_in("github")
    browser.connect("google", "grace@example.com")
    told = browser.do("refresh_user", provider="google").json
    assert (told["email"], told["id"]) == ("grace@example.com", browser.get("/me").json["id"])
    assert told["id"].startswith("github:")
    with world.providers["google"].fault("swapped_subject"):
        assert code_of(browser.do("refresh_user", provider="google")) == "subject_mismatch"
    assert browser.email == "grace@example.com"


def test_the_tokens_of_one_provider_are_never_shown_to_another(either: Make) -> None:
    world = either("github", "google", keep_tokens=True)
    browser = world.sign_in()
    browser.connect("google")
    browser.cookies[f"{SESSION}-github"] = browser.cookies[KEPT]
    for what in ("tokens", "refresh_user", "revoke_tokens"):
        assert code_of(browser.do(what)) == "provider_tokens_missing"
