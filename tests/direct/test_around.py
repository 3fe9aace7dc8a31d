"""Around an app of direct mode: the guard report, whole-app protection, WebSockets, the laboratory."""

import secrets
from typing import Any

import pytest
from django.test import Client
from django.test.utils import override_settings
from django.urls import include, path
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from tests.adapters.django_app import urlconf
from tests.direct.conftest import Make
from tests.direct.django_apps import me
from tests.direct.world import PASSWORD, SESSION, World
from vestibule.audit import audit
from vestibule.direct.aura.settings import Aura
from vestibule.django import requires
from vestibule.fastapi import CurrentSession
from vestibule.testing import Lab

OURS = {
    "sign-in": "GET HEAD",
    "sign-in/{provider}": "GET HEAD",
    "callback/{provider}": "GET POST",
    "link/{provider}": "POST",
    "unlink/{provider}": "POST DELETE",
    "provider-tokens/{provider}": "GET",
    "providers": "GET HEAD",
    "sign-out": "POST GET HEAD",
}


@pytest.mark.parametrize("framework", ["fastapi", "starlette", "flask", "litestar"])
def test_the_guard_report_knows_its_routes(framework: str) -> None:
    world = World(framework, "github", authorize=lambda credentials: None)
    report = audit(world.site.app)
    ours = {each.path: " ".join(each.methods) for each in report.endpoints if each.kind == "ours"}
    assert {f"/auth/{path}": methods for path, methods in OURS.items()}.items() <= ours.items()
    assert ours["/auth/sign-in/credentials"] == "POST"
    assert {finding.path for finding in report.findings} == {"/", "/do", "/data"}
    assert audit(World(framework, "github", protect=True).site.app).findings == ()


def test_the_guard_report_knows_the_routes_of_auras_wire_too() -> None:
    secret = secrets.token_hex(32)
    world = World("fastapi", "github", aura=Aura(secret=secret, salt=secret))
    ours = {each.path for each in audit(world.site.app).endpoints if each.kind == "ours"}
    assert {"/auth/csrfToken", "/auth/signIn/{name}", "/auth/link/{provider}"} <= ours


def test_a_protected_app_lets_its_own_routes_through(make: Make) -> None:
    world = make("github", protect=True, public_paths=["/data"])
    browser = world.browser()
    assert browser.open("/").location == "/auth/sign-in?return_to=%2F"
    assert browser.get("/").status == 401
    assert browser.get("/data").status == 200
    assert browser.sign_in().location == "/"
    assert browser.open("/").status == 200


def test_a_websocket_knows_who_is_there() -> None:
    world = World("fastapi", "github", policy="rolling")
    app: Any = world.site.app

    @app.websocket("/ws")
    async def socket(websocket: WebSocket, session: CurrentSession) -> None:
        await websocket.accept()
        await websocket.send_text(session.user.email)
        await websocket.close()

    cookies = {SESSION: world.sign_in().cookies[SESSION]}
    with TestClient(app, cookies=cookies).websocket_connect("/ws") as connected:
        assert connected.receive_text() == "ada@example.com"


def test_the_laboratory_moves_the_clock_of_a_sealed_session(auth_lab: Lab) -> None:
    world = World("fastapi", "github", lifetime=3600)
    client = TestClient(world.site.app, base_url="http://localhost")
    auth_lab.sign_in(client, email="grace@example.com", permissions={"invoices:read"})
    assert client.get("/me").json()["email"] == "grace@example.com"
    assert client.get("/invoices").status_code == 200
    auth_lab.clock.advance(hours=2)
    assert client.get("/me", headers={"accept": "application/json"}).status_code == 401


@pytest.mark.parametrize("framework", ["fastapi", "starlette", "flask", "litestar"])
def test_anybody_is_signed_in_in_one_line(auth_lab: Lab, framework: str) -> None:
    app: Any = World(framework, "github").site.app
    client = app.test_client() if framework == "flask" else TestClient(app, base_url="http://localhost")
    for permissions, status in ((set[str](), 403), ({"invoices:read"}, 200)):
        auth_lab.sign_in(client, email="grace@example.com", permissions=permissions)
        assert client.get("/invoices", headers={"accept": "application/json"}).status_code == status


def test_anybody_is_signed_in_in_one_line_in_django_too(auth_lab: Lab) -> None:
    given = {"direct": ["github"], "base_url": "http://testserver", "cookie_passwords": [PASSWORD]}
    urls = urlconf([path("me", requires(permission="a")(me)), path("auth/", include("vestibule.django"))])
    with override_settings(VESTIBULE=given, ROOT_URLCONF=urls):
        client = Client()
        auth_lab.sign_in(client, email="grace@example.com", permissions={"a"})
        assert client.get("/me").json()["email"] == "grace@example.com"
