import dataclasses
from typing import Final

import pytest

from vestibule.cookies import SetCookie
from vestibule.server.browser_tokens import brings_cookies, forget, keep, kept_token, shared_domain
from vestibule.server.settings import Settings

TOKEN: Final = "t" * 43
ORIGIN: Final = "https://app.example.com"
OURS: Final = "client_OURS"
SETTINGS: Final = Settings(
    public_url="https://id.example.com", secret="a-secret-that-only-these-tests-know-of", development=False
)


def kept(cookies: dict[str, str] | None = None) -> dict[str, SetCookie]:
    lines = keep(TOKEN, settings=SETTINGS, client_id=OURS, origin=ORIGIN, seconds=60, cookies=cookies or {})
    return {line.name: line for line in lines}


def test_the_token_is_for_this_host_alone_and_for_no_script() -> None:
    line = kept()["__Host-vestibule-refresh"].header()
    attributes = {"Path=/", "HttpOnly", "Secure", "SameSite=Strict", "Max-Age=60"}
    assert attributes <= set(line.split("; "))
    assert "Domain" not in line
    assert kept_token({"__Host-vestibule-refresh": TOKEN}, SETTINGS) == TOKEN


def test_the_marker_is_readable_on_the_shared_domain_and_says_nothing_secret() -> None:
    line = kept()["workos-has-session"].header()
    assert line.startswith(f"workos-has-session={OURS}; ")
    assert {"Domain=example.com", "Secure", "Max-Age=60"} <= set(line.split("; "))
    assert "HttpOnly" not in line


def test_clients_of_other_servers_keep_their_place_in_the_marker() -> None:
    marker = kept({"workos-has-session": f"client_A.{OURS}.<b>.1"})["workos-has-session"]
    assert marker.value == f"client_A.{OURS}"
    lines = forget(
        settings=SETTINGS, client_id=OURS, origins=[ORIGIN], cookies={"workos-has-session": marker.value}
    )
    assert [(line.domain, line.value, line.max_age == 0) for line in lines] == [
        (None, "", True),
        ("example.com", "client_A", False),
    ]


def test_signing_out_removes_what_there_is_on_every_domain_it_may_be_on() -> None:
    cookies = {"__Host-vestibule-refresh": TOKEN, "workos-has-session": OURS}
    origins = [ORIGIN, "https://other.example.com", "https://shop.other.example", ""]
    lines = forget(settings=SETTINGS, client_id=OURS, origins=origins, cookies=cookies)
    assert [(line.name, line.domain, line.value, line.max_age) for line in lines] == [
        ("__Host-vestibule-refresh", None, "", 0),
        ("workos-has-session", None, "", 0),
        ("workos-has-session", "example.com", "", 0),
    ]
    assert forget(settings=SETTINGS, client_id=OURS, origins=origins, cookies={}) == []


@pytest.mark.parametrize(
    ("server", "page", "domain"),
    [
        ("https://id.example.com", "https://app.example.com", "example.com"),
        ("https://id.example.com", "https://example.com", "example.com"),
        ("https://example.com", "https://app.example.com", "example.com"),
        ("https://id.eu.example.com", "https://app.eu.example.com:8443", "eu.example.com"),
        ("https://id.example.com", "https://id.example.com", None),
        ("https://id.example.com", "https://example.org", None),
        ("https://id.example.com", "https://app.other.com", None),
        ("https://id.example.com", "https://evilexample.com", None),
        ("http://localhost:8100", "http://localhost:3000", None),
        ("http://127.0.0.1:8100", "http://127.0.0.1:3000", None),
        ("http://10.0.0.1", "http://11.0.0.1", None),
    ],
)
def test_the_domain_that_two_hosts_share(server: str, page: str, domain: str | None) -> None:
    assert shared_domain(server, page) == domain


@pytest.mark.parametrize("value", ["", "short", "t" * 44, "t" * 42 + "=", "t" * 42 + "\n"])
def test_what_is_no_token_is_not_read(value: str) -> None:
    assert kept_token({"__Host-vestibule-refresh": value}, SETTINGS) is None
    assert kept_token({"vestibule-refresh": TOKEN}, SETTINGS) is None  # any neighbor could have set that one


def test_a_page_brings_cookies_when_one_of_ours_is_there() -> None:
    assert brings_cookies({"__Host-vestibule": TOKEN}, SETTINGS)
    assert not brings_cookies({"vestibule": TOKEN, "wos-session": TOKEN}, SETTINGS)
    plain = dataclasses.replace(SETTINGS, public_url="http://localhost:8100")
    assert brings_cookies({"vestibule": TOKEN}, plain)
