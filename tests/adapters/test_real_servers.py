"""The whole way over sockets: a browser's cookie jar, a real server, the real sender, an issuer over HTTP."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from tests.adapters import (
    django_app,
    fastapi_app,
    flask_app,
    litestar_app,
    quart_adapter,
    quart_app,
    starlette_app,
)
from tests.adapters.real import issuer_over_http, serving
from tests.adapters.rigs import FETCH, NAVIGATE
from vestibule import fastapi, flask, starlette
from vestibule.testing import TestIssuer

KINDS: dict[str, tuple[str, Any, Any]] = {
    "starlette": ("asgi", starlette_app.create_app, starlette.Auth),
    "fastapi": ("asgi", fastapi_app.create_app, fastapi.Auth),
    "flask": ("wsgi", flask_app.create_app, flask.Auth),
    "litestar": ("asgi", litestar_app.create_app, litestar_app.install),
    "quart": ("asgi", quart_app.create_app, quart_adapter.Auth),
    "django": ("wsgi", django_app.create_app, django_app.install),
    "django-async": ("asgi", django_app.create_async_app, django_app.install),
}


@dataclass(slots=True)
class Site:
    origin: str
    issuer: TestIssuer
    browser: httpx2.Client

    def sign_in(self, path: str = "/auth/sign-in", **rights: Any) -> httpx2.Response:
        begun = self.browser.get(path, headers=NAVIGATE)
        return self.browser.get(self.issuer.authorize(begun.headers["location"], **rights), headers=NAVIGATE)


@pytest.fixture(params=KINDS)
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    kind, create_app, auth_class = KINDS[request.param]
    listener = socket.create_server(("127.0.0.1", 0))
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with issuer_over_http(f"{origin}/auth/callback") as issuer:
        app = create_app()
        auth = auth_class(app, issuer.config)
        with serving(app, listener, kind=kind), httpx2.Client(base_url=origin) as browser:
            yield Site(origin, issuer, browser)
        auth.transport.close()


def test_a_visitor_signs_in_comes_back_and_leaves(site: Site) -> None:
    away = site.browser.get("/me?tab=1", headers=NAVIGATE)
    assert (away.status_code, away.headers["location"]) == (303, "/auth/sign-in?return_to=%2Fme%3Ftab%3D1")
    back = site.sign_in(away.headers["location"], email="ada@example.com")
    assert (back.status_code, back.headers["location"]) == (303, "/me?tab=1")
    assert len(back.headers.get_list("set-cookie")) == 2
    assert site.browser.get("/me", headers=FETCH).json()["email"] == "ada@example.com"
    gone = site.browser.post("/auth/sign-out", headers=FETCH)
    assert gone.headers["location"].startswith(f"{site.issuer.config.url}/user_management/sessions/logout")
    assert site.browser.get("/me", headers=FETCH).status_code == 401


def test_parallel_requests_at_expiry_are_one_refresh(site: Site) -> None:
    (value,) = site.issuer.cookies(email="ada@example.com", expires_in=-1).values()
    headers = {**FETCH, "Cookie": f"wos-session={value}"}

    def ask(_: int) -> tuple[int, list[str]]:
        answer = httpx2.get(f"{site.origin}/me", headers=headers)
        return answer.status_code, answer.headers.get_list("set-cookie")

    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(ask, range(36)))
    assert {status for status, _ in answers} == {200}
    assert {len(cookies) for _, cookies in answers} == {1}
    assert len(site.issuer.requests_to("authenticate")) == 1


def test_parallel_requests_of_many_people_each_get_their_own(site: Site) -> None:
    def ask(number: int) -> tuple[str, str]:
        email = f"user{number}@example.com"
        (value,) = site.issuer.cookies(email=email, expires_in=-1).values()
        headers = {**FETCH, "Cookie": f"wos-session={value}"}
        return email, httpx2.get(f"{site.origin}/me", headers=headers).json()["email"]

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(40)))
    assert all(asked == answered for asked, answered in answers)
    assert len(site.issuer.requests_to("authenticate")) == 40


def test_a_crash_keeps_the_refreshed_cookie(site: Site) -> None:
    (value,) = site.issuer.cookies(expires_in=-1).values()
    answer = site.browser.get("/boom", headers={**FETCH, "Cookie": f"wos-session={value}"})
    assert answer.status_code == 500
    assert len(answer.headers.get_list("set-cookie")) == 1


def test_a_server_that_drops_connections_signs_nobody_out(site: Site) -> None:
    site.sign_in()
    (value,) = site.issuer.cookies(expires_in=-1).values()
    site.issuer.drop()
    answer = site.browser.get("/me", headers={**FETCH, "Cookie": f"wos-session={value}"})
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "set-cookie" not in answer.headers


def test_a_stream_arrives_whole(site: Site) -> None:
    site.sign_in(email="ada@example.com")
    assert site.browser.get("/stream", headers=FETCH).text == "started ada@example.com"
