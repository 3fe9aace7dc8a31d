"""What a request says about where it came from and where it arrived is believed of nobody."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.security.sites import Site, running_site
from tests.servers import Running, running_server
from vestibule.server.identity.outbox import list_mails

LIES = {
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "https",
    "x-forwarded-for": "203.0.113.9",
    "x-forwarded-prefix": "/evil",
    "forwarded": "for=203.0.113.9;host=evil.example;proto=https",
    "x-original-url": "/user_management/users",
    "x-rewrite-url": "/user_management/users",
    "x-original-host": "evil.example",
    "x-http-method-override": "DELETE",
}
INTERNAL = {
    "x-workos-session": "1",
    "x-workos-middleware": "true",
    "x-url": "http://localhost/me",
    "x-authentik-username": "admin",
    "x-forwarded-user": "admin",
    "x-remote-user": "admin",
    "remote-user": "admin",
    "x-middleware-subrequest": "middleware",
    "x-vestibule-user": "admin",
}


def test_HH_1_reg_CVE_2025_64101_links_in_mails_and_pages_keep_the_configured_origin(server: Running) -> None:
    with server.client(headers={**LIES, "host": "evil.example"}) as api:
        created = api.post("/user_management/password_reset", json={"email": "ada@example.com"})
    assert created.status_code == 201
    assert created.json()["password_reset_url"].startswith(f"{server.url}/")
    (mail, *_) = list_mails(server.identity, recipient="ada@example.com")
    links = re.findall(r"https?://[^\s\"'<>]+", mail.text + mail.html)
    assert links
    assert {f"{urlsplit(link).scheme}://{urlsplit(link).netloc}" for link in links} == {server.url}


def test_HH_1_a_sign_in_stays_where_it_is_whatever_the_headers_say(server: Running) -> None:
    asked = {
        "client_id": server.client_id,
        "redirect_uri": "http://localhost:3000/callback",
        "response_type": "code",
    }
    with server.browser(headers={**LIES, "host": "evil.example"}) as browser:
        begun = browser.get("/user_management/authorize", params=asked)
        page = browser.get(begun.headers["location"], follow_redirects=True)
        described = browser.get("/.well-known/openid-configuration").json()
    assert begun.headers["location"].startswith("/continue?login=")
    assert page.status_code in (200, 400)  # the jar keeps its cookies for the real host, or for none
    assert "evil.example" not in page.text
    assert described["issuer"] == server.url
    assert "evil.example" not in str(described)


def test_HH_1_an_app_s_own_address_comes_from_its_settings(site: Site) -> None:
    with site.browser(headers={**LIES, "host": "evil.example"}) as browser:
        away = browser.get("/me")
        begun = browser.get("/auth/sign-in")
        over = browser.get("/user_management/users")
    assert away.headers["location"] == "/auth/sign-in?return_to=%2Fme"
    asked = parse_qs(urlsplit(begun.headers["location"]).query)
    assert asked["redirect_uri"] == [f"{site.url}/auth/callback"]
    assert "evil" not in begun.headers["location"]
    assert over.status_code == 404


def test_HH_1_a_guard_looks_at_the_path_that_is_served(site: Site) -> None:
    with site.script(headers={"x-original-url": "/public", "x-rewrite-url": "/public"}) as script:
        assert script.get("/me").status_code == 401


@pytest.mark.parametrize("proto", ["http", "https", "https, http", ""])
def test_HH_2_cookies_of_a_server_on_https_are_secure_whatever_the_proxy_says(
    tmp_path: Path, proto: str
) -> None:
    with running_server(
        tmp_path,
        public_url="https://id.example.com",
        development=False,
        trusted_proxies=("127.0.0.1", "::1"),
        seed={"redirect_uris": [{"uri": "https://app.example.com/callback"}]},
    ) as server:
        asked = {
            "client_id": server.client_id,
            "redirect_uri": "https://app.example.com/callback",
            "response_type": "code",
        }
        with server.browser(headers={"x-forwarded-proto": proto}) as browser:
            begun = browser.get("/user_management/authorize", params=asked)
    assert begun.status_code == 302
    lines = begun.headers.get_list("set-cookie")
    assert lines
    for line in lines:
        assert "; secure" in line.lower()
        assert line.startswith("__Host-")
    assert begun.headers["strict-transport-security"]


@pytest.mark.parametrize("kind", ["fastapi", "flask"])
def test_HH_2_cookies_of_an_app_on_https_are_secure_although_it_sees_http(kind: str) -> None:
    with running_site(kind, redirect_uri="https://app.example.com/auth/callback") as site:
        with site.browser(headers={"x-forwarded-proto": "http", "host": "app.example.com"}) as browser:
            begun = browser.get("/auth/sign-in")
        assert begun.status_code == 303
        assert all("; Secure" in line for line in begun.headers.get_list("set-cookie"))


@pytest.mark.parametrize("name", INTERNAL)
def test_HH_4_no_header_signs_anybody_in(site: Site, server: Running, name: str) -> None:
    with site.script(headers={name: INTERNAL[name]}) as script:
        assert script.get("/me").status_code == 401
        assert script.get("/").json() == {"email": None}
    answer = httpx2.get(f"{server.url}/user_management/users", headers={name: INTERNAL[name]})
    assert answer.status_code == 401
