import socket
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.server.hosted import CHALLENGE, Pkce, follow, returned, submit
from tests.server.oidc.conftest import ADA, CALLBACK, PASSWORD
from tests.servers import Running
from vestibule.crypto.jwt import decode_unverified

AUTHORIZE = "/user_management/authorize"


def asked(server: Running, **changed: str | None) -> dict[str, str]:
    parameters = {
        "client_id": server.client_id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "provider": "authkit",
        "state": "abc",
    }
    return {name: value for name, value in (parameters | changed).items() if value is not None}


def error_of(answer: httpx2.Response) -> dict[str, str]:
    assert answer.status_code in (302, 303), answer.text
    assert answer.headers["location"].startswith(CALLBACK + "?")
    return returned(answer)


def test_the_request_is_tied_to_the_browser_and_handed_to_the_pages(
    server: Running, browser: httpx2.Client
) -> None:
    answer = browser.get(AUTHORIZE, params=asked(server))
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/continue?login=")
    (cookie,) = answer.headers.get_list("set-cookie")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "set-cookie" not in browser.get(AUTHORIZE, params=asked(server)).headers


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "http://localhost:3000/callback/",
        "http://localhost:3000/callback?x=1",
        "http://localhost:3000/callback#x",
        "http://localhost:3000/a/../callback",
        "http://user@localhost:3000/callback",
        "http://LOCALHOST.:3000/callback",
        "https://localhost:3000/callback",
        "http://localhost.evil.example/callback",
        "//localhost:3000/callback",
        "javascript:alert(1)",
        None,
    ],
)
def test_OR_2_an_address_that_is_not_registered_gets_a_page_and_no_redirect(
    server: Running, browser: httpx2.Client, redirect_uri: str | None
) -> None:
    answer = browser.get(AUTHORIZE, params=asked(server, redirect_uri=redirect_uri))
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert answer.headers["content-type"].startswith("text/html")


def test_another_client_gets_a_page_that_names_the_setting(server: Running, browser: httpx2.Client) -> None:
    answer = browser.get(AUTHORIZE, params=asked(server, client_id="client_other"))
    assert answer.status_code == 400
    assert "VESTIBULE_CLIENT_ID" in answer.text


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"code_challenge": "a" * 43, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "a" * 43}, "invalid_request"),
        ({"code_challenge": "a" * 42, "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge": "a" * 129, "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge": "a" * 42 + "+", "code_challenge_method": "S256"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"provider": "GoogleOAuth"}, "invalid_request"),
    ],
)
def test_AS_2_AS_3_other_errors_go_to_the_app_with_its_state(
    server: Running, browser: httpx2.Client, changed: dict[str, str | None], error: str
) -> None:
    found = error_of(browser.get(AUTHORIZE, params=asked(server, **changed)))
    assert (found["error"], found["state"]) == (error, "abc")
    assert found["error_description"]


def test_silence_is_answered_with_login_required(server: Running, browser: httpx2.Client) -> None:
    answer = follow(browser, browser.get(AUTHORIZE, params=asked(server, prompt="none")))
    assert error_of(answer)["error"] == "login_required"


def test_the_second_app_needs_no_second_password(server: Running, browser: httpx2.Client) -> None:
    page = follow(browser, browser.get(AUTHORIZE, params=asked(server)))
    assert "code" in returned(submit(browser, page, email=ADA, password=PASSWORD))
    silent = follow(browser, browser.get(AUTHORIZE, params=asked(server, prompt="none", state="s~*|&=2")))
    assert returned(silent)["state"] == "s~*|&=2"
    assert "code" in returned(silent)
    asked_again = follow(browser, browser.get(AUTHORIZE, params=asked(server, max_age="0")))
    assert asked_again.status_code == 200
    assert "password" in asked_again.text


def test_a_state_of_two_kilobytes_comes_back_byte_for_byte(server: Running, browser: httpx2.Client) -> None:
    state = "Fe26.2*~" + "x*~-_." * 340
    page = follow(browser, browser.get(AUTHORIZE, params=asked(server, state=state)))
    assert returned(submit(browser, page, email=ADA, password=PASSWORD))["state"] == state


def test_standard_clients_may_post_the_request(server: Running, browser: httpx2.Client) -> None:
    answer = browser.post("/oauth2/authorize", data=asked(server, provider=None) | CHALLENGE)
    assert answer.headers["location"].startswith("/continue?login=")


def test_looking_without_following_begins_nothing(server: Running, browser: httpx2.Client) -> None:
    answer = browser.head(AUTHORIZE, params=asked(server))
    assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)


@pytest.mark.parametrize("name", ["state", "client_id", "login_hint", "redirect_uri"])
@pytest.mark.parametrize("value", ["%0d%0aSet-Cookie:%20evil=1", "%00", "%e2%80%a8x", "%ff%fe"])
def test_HI_2_no_parameter_splits_the_answer(server: Running, name: str, value: str) -> None:
    query = "&".join(f"{key}={text}" for key, text in (asked(server) | {name: value}).items())
    address = urlsplit(server.url)
    with socket.create_connection(("127.0.0.1", address.port or 0), timeout=10) as connection:
        request = f"GET {AUTHORIZE}?{query} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode("latin-1"))
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert b"\r\nset-cookie: evil" not in head
    assert b"500 internal" not in head


def test_HH_1_forwarded_headers_of_a_stranger_change_nothing(server: Running, browser: httpx2.Client) -> None:
    headers = {
        "host": "evil.example",
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "https",
        "forwarded": "host=evil.example;proto=https",
        "x-original-url": "/dev/inbox",
        "x-rewrite-url": "/dev/inbox",
    }
    answer = browser.get(AUTHORIZE, params=asked(server), headers=headers)
    assert answer.headers["location"].startswith("/continue?login=")
    assert "evil" not in str(answer.headers)
    found = browser.get("/.well-known/openid-configuration", headers=headers).json()
    assert "evil" not in str(found)


def test_LO_2_an_unknown_session_signs_nobody_out(server: Running, browser: httpx2.Client) -> None:
    page = follow(browser, browser.get(AUTHORIZE, params=asked(server)))
    submit(browser, page, email=ADA, password=PASSWORD)
    left = browser.get("/user_management/sessions/logout", params={"session_id": "session_01NOBODY"})
    assert left.status_code in (200, 302)
    assert "set-cookie" not in left.headers
    silent = follow(browser, browser.get(AUTHORIZE, params=asked(server, prompt="none")))
    assert "code" in returned(silent)


def test_signing_out_ends_both_sessions_and_leads_to_the_app(server: Running, browser: httpx2.Client) -> None:
    pkce = Pkce()
    with server.client() as api:
        api.put("/environments/current", json={"sign_out_redirect": "http://localhost:3000/bye"})
        challenge = {"code_challenge": pkce.challenge, "code_challenge_method": "S256"}
        page = follow(browser, browser.get(AUTHORIZE, params=asked(server, **challenge)))
        code = returned(submit(browser, page, email=ADA, password=PASSWORD))["code"]
        grant = {"grant_type": "authorization_code", "code": code, "code_verifier": pkce.verifier}
        tokens = server.authenticate(api, **grant).json()
        session_id = str(decode_unverified(tokens["access_token"])["sid"])
        parameters = {"session_id": session_id, "return_to": "https://evil.example/"}
        left = browser.get("/user_management/sessions/logout", params=parameters)
        assert (left.status_code, left.headers["location"]) == (302, "http://localhost:3000/bye")
        assert "Max-Age=0" in left.headers["set-cookie"]
        path = browser.get(
            "/user_management/sessions/logout", params={"session_id": session_id, "return_to": "/there"}
        )
        assert path.headers["location"] == "http://localhost:3000/there"
        refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        assert server.authenticate(api, **refresh).json()["error"] == "invalid_grant"
        api.put("/environments/current", json={"sign_out_redirect": None})
    silent = follow(browser, browser.get(AUTHORIZE, params=asked(server, prompt="none")))
    assert parse_qs(urlsplit(silent.headers["location"]).query)["error"] == ["login_required"]


def test_a_sign_out_that_leads_nowhere_names_the_setting(browser: httpx2.Client) -> None:
    page = browser.get("/user_management/sessions/logout", params={"session_id": "session_01NOBODY"})
    assert page.status_code == 200
    assert "sign-out redirect" in page.text
    assert browser.get("/user_management/sessions/logout").status_code == 422
