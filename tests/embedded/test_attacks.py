"""What strangers try on the server inside an app: with names, headers, paths, bodies and forms."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.embedded.apps import Built
from tests.embedded.people import PASSWORD, link, me, sign_in, sign_up
from tests.server.hosted import Form, follow, submit
from vestibule.server.identity.events import list_events
from vestibule.server.identity.paging import Page
from vestibule.server.identity.users import create_user

ADA = "ada@example.com"
EVIL = "evil.example"
SECRETS = {
    "secret": "a-secret-that-only-these-tests-know-of",
    "cookie_passwords": "a-password-that-only-these-tests-know",
}
PUBLIC = "https://app.example.com"
SUCCEEDED = "authentication.password_succeeded"
FORGED = {
    "x-forwarded-host": EVIL,
    "forwarded": f"host={EVIL};proto=http",
    "x-forwarded-proto": "http",
    "x-original-url": "/user_management/users",
    "x-rewrite-url": "/user_management/users",
}


@pytest.fixture(params=["starlette", "flask", "django"])
def at_home(request: pytest.FixtureRequest, make: Callable[..., Built]) -> Built:
    return make(request.param)


@pytest.fixture(params=["starlette", "flask", "django"])
def in_public(request: pytest.FixtureRequest, make: Callable[..., Built]) -> Built:
    return make(request.param, redirect_uri=f"{PUBLIC}/callback", **SECRETS)


ELSEWHERE = [
    {"host": "rebound.example:8000"},
    {"host": "192.168.1.7:8000"},
    {"host": "localhost.evil.example"},
    {"host": "[::1"},
    {"x-forwarded-for": "203.0.113.9"},
    {"x-forwarded-for": "203.0.113.9, 127.0.0.1"},
    {"x-forwarded-host": "app.example.com"},
    {"x-real-ip": "203.0.113.9"},
    {"forwarded": "for=203.0.113.9"},
]
HERE = [
    {"host": "[::1]:8000"},
    {"host": "app.localhost"},
    {"host": "127.0.0.1:8000"},
    {},
    {"x-forwarded-for": "127.0.0.1", "x-forwarded-host": "localhost:5173"},
    {"x-forwarded-for": "::1"},
]


def test_a_development_server_shows_its_mail_to_nobody_on_the_network(at_home: Built) -> None:
    for address in ("192.168.1.7", "::ffff:10.0.0.1", "2001:db8::1"):
        with at_home.browser(address=address) as stranger:
            for path in ("/id/dev/inbox", "/id/sign-in", "/id/oauth2/jwks"):
                answer = stranger.get(path)
                assert (answer.status_code, "this machine only" in answer.text) == (403, True)


def test_nor_to_who_comes_by_another_name_or_a_proxy(at_home: Built) -> None:
    with at_home.browser() as browser:
        for headers in ELSEWHERE:
            refused = browser.get("/id/dev/inbox", headers=headers).status_code
            assert refused in (400, 403), headers  # Django has a list of hosts of its own
        for headers in HERE[2 if at_home.framework == "django" else 0 :]:
            assert browser.get("/id/dev/inbox", headers=headers).status_code == 200, headers
    with at_home.browser(address="/run/app.sock") as browser:  # a socket file is no network
        assert browser.get("/id/dev/inbox").status_code == 200


def test_HH_1_no_header_moves_a_link_a_cookie_or_a_redirect(in_public: Built) -> None:
    host = "app.example.com" if in_public.framework == "django" else EVIL  # which Django itself refuses
    with in_public.browser(**FORGED, host=host) as browser:
        page = browser.get("/id/user_management/authorize", params=asked(in_public))
        assert page.headers["location"].startswith("/id/continue?")
        assert "; Secure" in page.headers["set-cookie"]
        assert page.headers["set-cookie"].strip().startswith("__Host-vestibule-browser=")
        found = browser.get("/id/.well-known/openid-configuration")
        assert EVIL not in found.text
        assert found.json()["issuer"] == f"{PUBLIC}/id"


def asked(built: Built) -> dict[str, str]:
    return {
        "client_id": built.auth.config.client_id,
        "redirect_uri": built.auth.config.callback_url(),
        "response_type": "code",
        "provider": "authkit",
    }


def test_OR_2_a_sign_in_leads_to_the_registered_address_only(in_public: Built) -> None:
    with in_public.browser() as browser:
        for uri in (f"https://{EVIL}/callback", f"{PUBLIC}/other", f"{PUBLIC}.{EVIL}/callback"):
            query = asked(in_public) | {"redirect_uri": uri}
            answer = browser.get("/id/user_management/authorize", params=query)
            assert (answer.status_code, "location" in answer.headers) == (400, False), uri


MANAGEMENT = [
    "/id/user_management/users",
    "/id//user_management/users",
    "/id/user_management/users/",
    "/id/user_management;x/users",
    "/id/%75ser_management/users",
    "/id/sign-in/../user_management/users",
    "/id/sign-in/%2e%2e/user_management/users",
    "/id/openapi.json",
]


def test_AD_3_no_spelling_of_a_path_opens_the_management_api(in_public: Built) -> None:
    create_user(in_public.auth.identity, email=ADA)
    with in_public.browser(authorization=f"Bearer {in_public.auth.config.api_key}") as browser:
        for path in MANAGEMENT:
            answer = browser.get(path)
            assert answer.status_code in (404, 405), path
            assert ADA not in answer.text


def test_CS_1_a_form_of_another_site_changes_nothing(at_home: Built) -> None:
    create_user(at_home.auth.identity, email=ADA, password=PASSWORD, email_verified=True)
    with at_home.browser() as browser:
        page = follow(browser, browser.get("/auth/sign-in"))
        form = Form(page)
        assert form.action is not None
        for elsewhere in (
            {"sec-fetch-site": "cross-site"},
            {"origin": f"https://{EVIL}", "sec-fetch-site": ""},
        ):
            headers = {name: value for name, value in elsewhere.items() if value}
            browser.headers.pop("sec-fetch-site", None)
            answer = browser.post(
                form.action, data=form.values | {"email": ADA, "password": PASSWORD}, headers=headers
            )
            assert answer.status_code == 403, answer.text
        assert me(browser).status_code == 401


def test_CS_3_a_form_without_its_token_changes_nothing(at_home: Built) -> None:
    create_user(at_home.auth.identity, email=ADA, password=PASSWORD, email_verified=True)
    with at_home.browser() as browser:
        page = follow(browser, browser.get("/auth/sign-in"))
        answer = submit(browser, page, email=ADA, password=PASSWORD, csrf="")
        assert answer.status_code == 403
        assert sign_in(browser, ADA).status_code == 200


@pytest.mark.parametrize("declared", [True, False])
def test_SZ_1_a_body_over_64_kb_is_refused_whether_its_length_is_declared_or_not(
    at_home: Built, declared: bool
) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(200):
            yield b"a" * 1_000

    content: Any = b"a" * 200_000 if declared else chunks()
    with at_home.browser() as browser:
        answer = browser.post("/id/oauth2/token", content=content)
        refused = 413 if declared or at_home.kind == "asgi" else 400
        assert answer.status_code == refused


def test_RL_3_the_address_is_the_connections_whatever_a_header_says(in_public: Built) -> None:
    create_user(in_public.auth.identity, email=ADA, password=PASSWORD, email_verified=True)
    forged = {"x-forwarded-for": "198.51.100.1", "x-real-ip": "198.51.100.2"}
    with in_public.browser(origin=PUBLIC, address="203.0.113.9", **forged) as browser:
        assert sign_in(browser, ADA).status_code == 200
    events = list_events(in_public.auth.identity, Page(limit=10), events=[SUCCEEDED]).data
    assert [each.data["ip_address"] for each in events] == ["203.0.113.9"]


def test_LG_1_no_secret_of_the_app_and_its_server_is_shown_or_logged(
    at_home: Built, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    auth = at_home.auth
    with at_home.browser() as browser:
        sign_up(browser, ADA)
        assert me(browser).status_code == 200
        secrets = [
            auth.config.api_key,
            auth.config.cookie_passwords[0],
            auth.identity.settings.secret,
            browser.cookies["wos-session"],
            browser.cookies["vestibule"],
            PASSWORD,
        ]
        inbox = browser.get("/id/dev/inbox")
        assert link(inbox, ADA)
    shown = caplog.text + repr((auth.mounted, auth.config, auth.identity, auth.mounted.transport))
    for secret in secrets:
        assert secret not in shown
