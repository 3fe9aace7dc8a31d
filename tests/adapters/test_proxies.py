"""The snippets of docs/how-to/behind-a-proxy.md in front of a real app: what they must do, and why each line
is there."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI, Request, WebSocket
from flask import Flask
from flask import request as flask_request
from werkzeug.middleware.proxy_fix import ProxyFix

from tests.adapters.proxies import Place, Proxy, running
from tests.adapters.real import issuer_over_http, serving
from tests.adapters.rigs import FETCH, NAVIGATE
from tests.server.apps import PASSWORD
from tests.server.hosted import CHALLENGE, follow, submit
from tests.servers import running_server
from vestibule import fastapi, flask
from vestibule.testing import TestIssuer

pytestmark = pytest.mark.slow

CALLBACK = "https://app.example.com/auth/callback"

MANY = frozenset(f"area-{number:02}:read" for number in range(75))
"""So many permissions that the session cookie is nearly as large as browsers keep."""


def fastapi_app(config: Any) -> tuple[Any, fastapi.Auth]:
    app = FastAPI()

    @app.get("/seen")
    @app.post("/seen")
    def seen(request: Request) -> dict[str, object]:
        assert request.client is not None
        return {"address": request.client.host, "scheme": request.url.scheme}

    @app.get("/closed/")
    def closed() -> None:
        """Asked for without its last slash, the framework redirects to it."""

    @app.get("/me")
    def me(session: fastapi.CurrentSession) -> dict[str, str]:
        return {"email": session.user.email}

    @app.websocket("/ws")
    async def talk(socket: WebSocket, session: fastapi.CurrentSession) -> None:
        await socket.accept()
        await socket.close()

    return app, fastapi.Auth(app, config)


def flask_app(config: Any) -> tuple[Any, flask.Auth]:
    app = Flask("proxied")

    @app.route("/seen", methods=["GET", "POST"])
    def seen() -> dict[str, object]:
        return {"address": flask_request.remote_addr, "scheme": flask_request.scheme}

    @app.get("/closed/")
    def closed() -> str:
        return ""

    @app.get("/me")
    @flask.requires()
    def me() -> dict[str, str]:
        return {"email": flask.current_session.user.email}

    auth = flask.Auth(app, config)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    return app, auth


@dataclass(frozen=True, slots=True)
class Site:
    proxy: Proxy
    issuer: TestIssuer
    browser: httpx2.Client

    def sign_in(self, return_to: str = "/me", **rights: Any) -> httpx2.Response:
        begun = self.browser.get("/auth/sign-in", params={"return_to": return_to}, headers=NAVIGATE)
        back = self.issuer.authorize(begun.headers["location"], **rights)
        return self.browser.get(back, headers=NAVIGATE)


@contextlib.contextmanager
def site(kind: str, framework: str, directory: Path, *, without: str | None = None) -> Iterator[Site]:
    listener = socket.create_server(("127.0.0.1", 0))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    place = Place(directory, port, f"127.0.0.1:{listener.getsockname()[1]}")
    with issuer_over_http(f"https://localhost:{port}/auth/callback") as issuer:
        app, auth = (fastapi_app if framework == "fastapi" else flask_app)(issuer.config)
        served = (
            with_websockets(app, listener) if framework == "fastapi" else serving(app, listener, kind="wsgi")
        )
        with (
            served,
            running(kind, place, without=without) as proxy,
            httpx2.Client(base_url=proxy.origin, verify=proxy.trust, trust_env=False) as browser,
        ):
            yield Site(proxy, issuer, browser)
        auth.transport.close()


@contextlib.contextmanager
def with_websockets(app: Any, listener: socket.socket) -> Iterator[None]:
    """As `uvicorn main:app` serves it: it believes the proxy on loopback, and nobody else."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="wsproto"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module", params=["nginx-fastapi", "nginx-flask", "caddy-fastapi", "caddy-flask"])
def proxied(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    kind, framework = request.param.split("-")
    with site(kind, framework, tmp_path_factory.mktemp("proxy")) as running_site:
        yield running_site


@pytest.fixture(autouse=True)
def _nobody_is_signed_in(request: pytest.FixtureRequest) -> None:
    if "proxied" in request.fixturenames:
        request.getfixturevalue("proxied").browser.cookies.clear()


def test_sign_in_leads_to_the_public_address_with_secure_cookies(proxied: Site) -> None:
    away = proxied.browser.get("/me", headers=NAVIGATE)
    assert (away.status_code, away.headers["location"]) == (303, "/auth/sign-in?return_to=%2Fme")
    begun = proxied.browser.get(away.headers["location"], headers=NAVIGATE)
    assert (
        f"redirect_uri=https%3A%2F%2Flocalhost%3A{proxied.browser.base_url.port}" in begun.headers["location"]
    )
    back = proxied.sign_in(email="ada@example.com")
    assert (back.status_code, back.headers["location"]) == (303, "/me")
    cookies = back.headers.get_list("set-cookie")
    assert [value.partition("=")[0] for value in cookies].count("wos-session") == 1
    assert len(cookies) == 2, "the session, and the verifier's end: two lines"
    assert all("; Secure" in value for value in cookies)
    assert proxied.browser.get("/me", headers=FETCH).json() == {"email": "ada@example.com"}


def test_a_session_as_large_as_browsers_keep_passes_both_ways(proxied: Site) -> None:
    back = proxied.sign_in(email="ada@example.com", permissions=MANY)
    (session,) = (value for value in back.headers.get_list("set-cookie") if value.startswith("wos-session="))
    assert 3600 < len(session.partition(";")[0]) <= 4096
    assert proxied.browser.get("/me", headers={**FETCH, "Cookie": full_jar(proxied)}).status_code == 200


def test_CS_1_the_apps_own_forms_pass_and_another_sites_do_not(proxied: Site) -> None:
    own = {"Origin": proxied.proxy.origin, "Accept": "text/html"}
    assert proxied.browser.post("/seen", headers=own).status_code == 200
    theirs = {"Origin": "https://evil.example", "Accept": "text/html"}
    assert proxied.browser.post("/seen", headers=theirs).status_code == 403


def test_the_app_sees_the_visitor_and_not_what_he_claims(proxied: Site) -> None:
    assert proxied.browser.get("/seen").json() == {"address": "127.0.0.1", "scheme": "https"}
    claims = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
    }
    assert proxied.browser.get("/seen", headers=claims).json() == {"address": "127.0.0.1", "scheme": "https"}
    begun = proxied.browser.get("/auth/sign-in", headers={**NAVIGATE, **claims})
    assert "evil.example" not in begun.headers["location"]
    assert "; Secure" in begun.headers["set-cookie"]


def test_sign_out_leads_to_the_server_and_back(proxied: Site) -> None:
    proxied.sign_in(email="ada@example.com")
    gone = proxied.browser.post("/auth/sign-out", headers={**FETCH, "Origin": proxied.proxy.origin})
    assert gone.headers["location"].startswith(f"{proxied.issuer.config.url}/user_management/sessions/logout")
    assert proxied.browser.get("/me", headers=FETCH).status_code == 401


@pytest.mark.parametrize("kind", ["nginx", "caddy"])
def test_a_websocket_passes_with_the_session(kind: str, tmp_path: Path) -> None:
    with site(kind, "fastapi", tmp_path) as running_site:
        assert upgrade(running_site) == 401
        running_site.sign_in(email="ada@example.com")
        assert upgrade(running_site) == 101


def test_redirects_of_the_framework_lead_to_the_public_address(proxied: Site) -> None:
    away = proxied.browser.get("/closed")
    assert (
        httpx2.URL(proxied.proxy.origin).join(away.headers["location"]) == f"{proxied.proxy.origin}/closed/"
    )


def test_nginx_refuses_a_large_answer_without_its_buffer(tmp_path: Path) -> None:
    with site("nginx", "fastapi", tmp_path, without="proxy_buffer_size") as running_site:
        assert running_site.sign_in(email="ada@example.com", permissions=MANY).status_code == 502


def test_nginx_refuses_a_full_jar_without_its_buffers(tmp_path: Path) -> None:
    with site("nginx", "fastapi", tmp_path, without="large_client_header_buffers") as running_site:
        running_site.sign_in(email="ada@example.com", permissions=MANY)
        headers = {**FETCH, "Cookie": full_jar(running_site)}
        assert running_site.browser.get("/me", headers=headers).status_code == 400


def test_without_its_host_line_the_frameworks_redirects_lead_astray(tmp_path: Path) -> None:
    with site("nginx", "fastapi", tmp_path, without="proxy_set_header Host") as running_site:
        away = running_site.browser.get("/closed")
        assert not away.headers["location"].startswith(running_site.proxy.origin)


def test_the_identity_server_behind_its_proxy_knows_the_address_of_a_visitor(tmp_path: Path) -> None:
    """The proxy is on 127.0.0.1 and trusted, the visitor on 127.0.0.2 and claims to be somewhere else."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    public = f"https://localhost:{port}"
    people = {"users": [{"email": "ada@example.com", "password": PASSWORD, "email_verified": True}]}
    people |= {"redirect_uris": [CALLBACK]}  # type: ignore[dict-item]
    trusted = {"public_url": public, "trusted_proxies": ("127.0.0.1",)}
    with running_server(tmp_path, seed=people, **trusted) as server:
        place = Place(tmp_path, port, f"127.0.0.1:{httpx2.URL(server.url).port}")
        with running("identity-server", place) as proxy, visitor(proxy, "127.0.0.2") as browser:
            asked = {
                "client_id": server.client_id,
                "response_type": "code",
                "provider": "authkit",
                **CHALLENGE,
            }
            asked |= {"redirect_uri": CALLBACK}
            page = follow(browser, browser.get("/user_management/authorize", params=asked))
            assert (page.status_code, str(page.url).startswith(public)) == (200, True), page.text
            assert {cookie.secure for cookie in browser.cookies.jar} == {True}
            assert submit(browser, page, email="ada@example.com", password=PASSWORD).has_redirect_location
            with server.client() as client:
                kind = {"events": "authentication.password_succeeded"}
                (event,) = client.get("/events", params=kind).json()["data"]
    assert event["data"]["ip_address"] == "127.0.0.2"


def visitor(proxy: Proxy, address: str) -> httpx2.Client:
    transport = httpx2.HTTPTransport(verify=proxy.trust, local_address=address)
    claims = {**NAVIGATE, "X-Forwarded-For": "203.0.113.9"}
    return httpx2.Client(base_url=proxy.origin, transport=transport, headers=claims)


def full_jar(running_site: Site) -> str:
    """The session beside cookies of sign-ins that were begun and left, and of other programs on the host."""
    cookies = [f"{each.name}={each.value}" for each in running_site.browser.cookies.jar]
    return "; ".join([*cookies, *(f"other-{number}={'x' * 900}" for number in range(7))])


def upgrade(running_site: Site) -> int:
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Origin": running_site.proxy.origin,
    }
    with running_site.browser.stream("GET", "/ws", headers=headers) as answer:
        return answer.status_code
