"""A page without a server behind it: what the token endpoint gives to it, and to whom it gives nothing."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.server.api.conftest import PASSWORD
from tests.server.hosted import Pkce, sign_in
from tests.servers import Running, running_server
from vestibule.crypto.jwt import decode_unverified

ADA = "ada@example.com"
CALLBACK = "http://localhost:3000/callback"
PAGE = "http://spa.example.com"
STRANGER = "https://evil.example"
AUTHENTICATE = "/user_management/authenticate"
REFRESH = "vestibule-refresh"
MARKER = "workos-has-session"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    seed = {
        "redirect_uris": [{"uri": CALLBACK}],
        "cors_origins": [{"origin": PAGE}],
        "users": [{"email": ADA, "password": PASSWORD, "email_verified": True}],
    }
    with running_server(tmp_path_factory.mktemp("page"), seed=seed) as running:
        yield running


@pytest.fixture
def browser(server: Running) -> Iterator[httpx2.Client]:
    with server.browser() as browser:
        yield browser


def exchange(
    server: Running, browser: httpx2.Client, *, origin: str = PAGE, cookies: bool = True
) -> httpx2.Response:
    pkce = Pkce()
    challenge = {"code_challenge": pkce.challenge, "code_challenge_method": "S256"}
    code = sign_in(server, browser, email=ADA, password=PASSWORD, redirect_uri=CALLBACK, **challenge)["code"]
    body = {"grant_type": "authorization_code", "code": code, "code_verifier": pkce.verifier}
    return ask(server, browser, body, origin=origin, cookies=cookies)


def ask(
    server: Running,
    browser: httpx2.Client,
    body: dict[str, str],
    *,
    origin: str | None = PAGE,
    cookies: bool = True,
) -> httpx2.Response:
    """As fetch does, with or without `credentials: "include"`."""
    headers = {} if origin is None else {"origin": origin}
    content = {"client_id": server.client_id} | body
    if cookies:
        return browser.post(AUTHENTICATE, json=content, headers=headers)
    with httpx2.Client(base_url=server.url) as bare:
        return bare.post(AUTHENTICATE, json=content, headers=headers)


def refresh(
    server: Running, browser: httpx2.Client, *, origin: str | None = PAGE, **more: str
) -> httpx2.Response:
    return ask(server, browser, {"grant_type": "refresh_token"} | more, origin=origin)


def test_with_cookies_the_token_is_in_a_cookie_and_nowhere_else(
    server: Running, browser: httpx2.Client
) -> None:
    answer = exchange(server, browser)
    assert answer.json()["refresh_token"] == ""
    assert browser.cookies[REFRESH] not in answer.text
    assert browser.cookies[MARKER] == server.client_id
    before = browser.cookies[REFRESH]
    again = refresh(server, browser)
    assert (again.status_code, again.json()["refresh_token"]) == (200, "")
    assert browser.cookies[REFRESH] != before


def test_without_cookies_the_token_is_in_the_answer(server: Running, browser: httpx2.Client) -> None:
    answer = exchange(server, browser, cookies=False)
    token = answer.json()["refresh_token"]
    assert token
    assert "set-cookie" not in answer.headers
    again = ask(server, browser, {"grant_type": "refresh_token", "refresh_token": token}, cookies=False)
    assert again.json()["refresh_token"] not in ("", token)


def test_an_app_with_a_secret_reads_the_answer_whatever_it_sends(
    server: Running, browser: httpx2.Client
) -> None:
    code = sign_in(server, browser, email=ADA, password=PASSWORD, redirect_uri=CALLBACK)["code"]
    body = {"grant_type": "authorization_code", "code": code, "client_secret": server.api_key}
    answer = ask(server, browser, body)
    assert answer.json()["refresh_token"]
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "origin", [STRANGER, "null", PAGE + ".evil.example", "https://spa.example.com", None]
)
def test_CS_1_a_cookie_refreshes_for_pages_of_registered_origins_only(
    server: Running, browser: httpx2.Client, origin: str | None
) -> None:
    exchange(server, browser)
    before = browser.cookies[REFRESH]
    refused = refresh(server, browser, origin=origin)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    assert "access-control-allow-origin" not in refused.headers
    assert "set-cookie" not in refused.headers
    assert browser.cookies[REFRESH] == before
    assert refresh(server, browser).status_code == 200


def test_CS_4_a_form_of_another_site_refreshes_nothing(server: Running, browser: httpx2.Client) -> None:
    exchange(server, browser)
    form = {"grant_type": "refresh_token", "client_id": server.client_id}
    refused = browser.post(AUTHENTICATE, data=form, headers={"origin": STRANGER})
    assert refused.json()["error"] == "invalid_request"
    assert refresh(server, browser).status_code == 200


def test_a_stranger_is_given_no_cookie(server: Running, browser: httpx2.Client) -> None:
    answer = exchange(server, browser, origin=STRANGER)
    assert answer.json()["refresh_token"]
    assert "set-cookie" not in answer.headers


def test_RT_2_a_lost_answer_brings_the_same_successor_again(server: Running, browser: httpx2.Client) -> None:
    exchange(server, browser)
    used = browser.cookies[REFRESH]
    refresh(server, browser)
    successor = browser.cookies[REFRESH]
    browser.cookies.set(REFRESH, used, domain="localhost.local", path="/")
    assert refresh(server, browser).status_code == 200
    assert browser.cookies[REFRESH] == successor


def test_RT_6_a_tab_that_comes_too_late_does_not_take_the_cookie_away(
    server: Running, browser: httpx2.Client
) -> None:
    exchange(server, browser)
    used = browser.cookies[REFRESH]
    refresh(server, browser)
    refresh(server, browser)
    with server.browser() as late:
        late.cookies.set(REFRESH, used, domain="localhost.local", path="/")
        refused = refresh(server, late)
    assert refused.json()["error"] == "invalid_grant"
    assert "set-cookie" not in refused.headers
    assert refresh(server, browser).status_code == 200


def test_LO_1_a_session_that_ended_takes_both_cookies_along(server: Running, browser: httpx2.Client) -> None:
    session_id = decode_unverified(exchange(server, browser).json()["access_token"])["sid"]
    with server.client() as api:
        api.post("/user_management/sessions/revoke", json={"session_id": session_id})
    refused = refresh(server, browser)
    assert refused.json()["error"] == "invalid_grant"
    assert refused.headers["access-control-allow-origin"] == PAGE
    assert not {REFRESH, MARKER} & set(browser.cookies)


def test_a_marker_without_a_token_is_removed(server: Running, browser: httpx2.Client) -> None:
    browser.cookies.set(MARKER, server.client_id, domain="localhost.local", path="/")
    refused = refresh(server, browser)
    assert refused.json()["error"] == "invalid_grant"
    assert MARKER not in browser.cookies


def test_LO_2_signing_out_of_another_session_leaves_this_one(server: Running, browser: httpx2.Client) -> None:
    exchange(server, browser)
    browser.get("/user_management/sessions/logout", params={"session_id": "session_01NOBODY"})
    assert {REFRESH, MARKER} <= set(browser.cookies)
    assert refresh(server, browser).status_code == 200


def test_pitfall_3_a_refresh_is_no_sign_in(server: Running, browser: httpx2.Client) -> None:
    exchange(server, browser)
    with server.client() as api:
        query = {"events": "session.created", "limit": 100}
        before = len(api.get("/events", params=query).json()["data"])
        for _ in range(3):
            assert refresh(server, browser).status_code == 200
        assert len(api.get("/events", params=query).json()["data"]) == before
