"""The cookies of the hosted pages: pinned to the host over https, and believed only when whole."""

import pytest
from starlette.requests import Request
from starlette.responses import Response

from vestibule.server import browsers
from vestibule.server.settings import Settings

SECURE = Settings(public_url="https://id.example.com", secret="a-secret-that-only-these-tests-know")
PLAIN = Settings(public_url="http://localhost:8100", secret="a-secret-that-only-these-tests-know")
TOKEN = "t" * 43


def request(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "headers": raw})


def test_over_https_the_cookies_are_pinned_to_the_host() -> None:
    response = Response()
    browsers.bind(response, SECURE, TOKEN)
    browsers.remember(response, SECURE, TOKEN)
    for line in response.headers.getlist("set-cookie"):
        assert line.startswith("__Host-vestibule")
        assert "Secure" in line
        assert "HttpOnly" in line
        assert "Path=/;" in line
        assert "Domain" not in line


def test_plain_http_reads_no_cookie_of_https_and_the_other_way_round() -> None:
    assert browsers.binding(request(cookie=f"vestibule-browser={TOKEN}"), PLAIN) == TOKEN
    assert browsers.binding(request(cookie=f"vestibule-browser={TOKEN}"), SECURE) is None
    assert browsers.binding(request(cookie=f"__Host-vestibule-browser={TOKEN}"), SECURE) == TOKEN


@pytest.mark.parametrize("value", ["", "t" * 42, "t" * 44, "t" * 42 + "!", "t" * 4_000])
def test_a_cookie_of_another_form_is_no_cookie(value: str) -> None:
    assert browsers.session_token(request(cookie=f"vestibule={value}"), PLAIN) is None


def test_ending_a_session_deletes_its_cookie() -> None:
    response = Response()
    browsers.end(response, SECURE)
    assert "Max-Age=0" in response.headers["set-cookie"]


def test_an_acquaintance_holds_for_one_account_in_one_browser() -> None:
    response = Response()
    browsers.acquaint(response, PLAIN, TOKEN, account="ada@example.com")
    mark = response.headers["set-cookie"].split(";")[0]
    known = request(cookie=f"vestibule-browser={TOKEN}; {mark}")
    assert browsers.is_acquainted(known, PLAIN, account="ada@example.com")
    assert not browsers.is_acquainted(known, PLAIN, account="bob@example.com")
    elsewhere = request(cookie=f"vestibule-browser={'u' * 43}; {mark}")
    assert not browsers.is_acquainted(elsewhere, PLAIN, account="ada@example.com")
    assert not browsers.is_acquainted(request(cookie=mark), PLAIN, account="ada@example.com")
    assert not browsers.is_acquainted(request(), PLAIN, account="ada@example.com")


def test_the_form_token_is_neither_the_cookie_nor_another_browser_s() -> None:
    assert browsers.csrf_token(PLAIN, TOKEN) != TOKEN
    assert browsers.csrf_token(PLAIN, TOKEN) != browsers.csrf_token(PLAIN, "u" * 43)


@pytest.mark.parametrize(
    ("headers", "cross"),
    [
        ({"sec_fetch_site": "same-origin"}, False),
        ({"sec_fetch_site": "none"}, False),
        ({"sec_fetch_site": "same-site"}, True),
        ({"sec_fetch_site": "cross-site", "origin": "http://localhost:8100"}, True),
        ({"origin": "http://localhost:8100"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://localhost:8000"}, True),
        ({}, False),
    ],
)
def test_CS_1_what_browsers_say_about_the_site_is_believed(headers: dict[str, str], cross: bool) -> None:
    assert browsers.is_cross_site(request(**headers), PLAIN) is cross


def cookies_of(response: Response) -> str:
    """As the browser sends them back."""
    return "; ".join(line.split(";")[0] for line in response.headers.getlist("set-cookie"))


def test_the_last_method_and_address_are_known_in_this_browser_only() -> None:
    response = Response()
    browsers.remember_method(response, PLAIN, TOKEN, method="Passkey")
    browsers.acquaint(response, PLAIN, TOKEN, account="ada@example.com")
    browsers.remember_address(response, PLAIN, "ada@example.com")
    kept = cookies_of(response)
    assert "ada@example.com" not in kept
    here = request(cookie=f"vestibule-browser={TOKEN}; {kept}")
    assert browsers.last_method(here, PLAIN) == "Passkey"
    assert browsers.last_address(here, PLAIN) == "ada@example.com"
    for other in (f"vestibule-browser={'u' * 43}; {kept}", kept, f"vestibule-browser={TOKEN}"):
        assert browsers.last_method(request(cookie=other), PLAIN) == ""
        assert browsers.last_address(request(cookie=other), PLAIN) == ""
    forged = f"vestibule-browser={TOKEN}; vestibule-last=Passkey.x; vestibule-address=Fe26.2*made*up"
    assert browsers.last_method(request(cookie=forged), PLAIN) == ""
    assert browsers.last_address(request(cookie=forged), PLAIN) == ""
