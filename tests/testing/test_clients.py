"""`sign_in` with the test clients people have."""

import os
from pathlib import Path

import flask
import pytest
from fastapi import FastAPI
from flask.testing import FlaskClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

import vestibule.fastapi
import vestibule.flask
import vestibule.starlette
from vestibule.errors import ConfigError
from vestibule.session.config import Config
from vestibule.testing import sign_in, sign_out
from vestibule.testing.issuer import create_config

USUAL = create_config()


async def me(request: Request) -> Response:
    session = await vestibule.starlette.current_session(request)
    return JSONResponse([session.user.email, sorted(session.permissions)])


def starlette_client(config: Config | None = USUAL) -> TestClient:
    app = Starlette(routes=[Route("/me", me)])
    vestibule.starlette.Auth(app, config)
    return TestClient(app)


def fastapi_client(config: Config | None = USUAL) -> TestClient:
    app = FastAPI()

    @app.get("/me")
    def fastapi_me(session: vestibule.fastapi.CurrentSession) -> list[object]:
        return [session.user.email, sorted(session.permissions)]

    vestibule.fastapi.Auth(app, config)
    return TestClient(app, base_url="https://app.example.com")


def flask_client(config: Config | None = USUAL) -> FlaskClient:
    app = flask.Flask(__name__)

    @app.get("/me")
    @vestibule.flask.requires()
    def flask_me() -> flask.Response:
        session = vestibule.flask.current_session
        return flask.jsonify([session.user.email, sorted(session.permissions)])

    vestibule.flask.Auth(app, config)
    return app.test_client()


CLIENTS = {"starlette": starlette_client, "fastapi": fastapi_client, "flask": flask_client}


def read(client: object) -> object:
    answer = client.get("/me")  # type: ignore[attr-defined]
    if answer.status_code != 200:
        return answer.status_code
    return answer.json if isinstance(client, FlaskClient) else answer.json()


@pytest.mark.parametrize("kind", CLIENTS)
def test_one_line_signs_in_as_anyone(kind: str) -> None:
    client = CLIENTS[kind]()
    assert read(client) == 401
    issuer = sign_in(client)
    assert read(client) == ["ada@example.com", []]
    assert sign_in(client, email="bob@example.com") is issuer
    sign_in(client, permissions={"b", "a"})
    assert read(client) == ["bob@example.com", ["a", "b"]]
    sign_out(client)
    assert read(client) == 401


@pytest.mark.parametrize("kind", CLIENTS)
def test_a_cookie_the_app_sets_takes_the_place_of_the_first(kind: str) -> None:
    client = CLIENTS[kind]()
    issuer = sign_in(client, expires_in=-1)
    assert [read(client), read(client)] == [["ada@example.com", []]] * 2
    assert len(issuer.requests_to("authenticate")) == 1


def test_an_app_wrapped_in_middleware_is_found() -> None:
    class Wrapper:
        def __init__(self, app: object) -> None:
            self.app = app

        async def __call__(self, *args: object) -> None:
            await self.app(*args)  # type: ignore[operator]

    inner = starlette_client()
    client = TestClient(Wrapper(inner.app))  # type: ignore[arg-type]
    sign_in(client)
    assert read(client) == ["ada@example.com", []]


def test_an_app_without_auth_says_what_to_pass() -> None:
    with pytest.raises(TypeError, match="auth=auth"):
        sign_in(TestClient(Starlette()))


@pytest.mark.parametrize("kind", CLIENTS)
def test_an_app_without_settings_gets_some(
    kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("VESTIBULE_", "WORKOS_"))]:
        monkeypatch.delenv(name)
    client = CLIENTS[kind](None)
    sign_in(client)
    assert read(client) == ["ada@example.com", []]


def test_what_the_app_says_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    app = Starlette()
    auth = vestibule.starlette.Auth(app, cookie_name="mine", client_id="client_mine")
    sign_in(TestClient(app))
    assert (auth.config.cookie_name, auth.config.client_id) == ("mine", "client_mine")


def test_wrong_settings_are_not_papered_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VESTIBULE_COOKIE_PASSWORD", "short")
    app = Starlette()
    vestibule.starlette.Auth(app)
    with pytest.raises(ConfigError, match="VESTIBULE_COOKIE_PASSWORD"):
        sign_in(TestClient(app))


def test_a_request_factory_gives_its_requests_the_cookie() -> None:
    from django.http import HttpResponse
    from django.test import RequestFactory
    from django.test.utils import override_settings

    import vestibule.django
    from tests.testing.django_site import VIEWS, me

    factory = RequestFactory()
    with override_settings(VESTIBULE=vestibule.django.Auth(USUAL), ROOT_URLCONF=VIEWS):
        sign_in(factory, email="grace@example.com")
        answer = vestibule.django.AuthMiddleware(me)(factory.get("/me"))
    assert isinstance(answer, HttpResponse)
    assert b"grace@example.com" in answer.content


def test_an_app_with_the_server_inside_is_signed_in_like_any_other(
    empty_environment: None, tmp_path: Path
) -> None:
    pytest.importorskip("sqlalchemy", reason="the server is not installed")
    app = Starlette(routes=[Route("/me", me)])
    vestibule.starlette.Auth.embedded(app, database=f"sqlite:///{tmp_path / 'auth.db'}")
    client = TestClient(app)
    sign_in(client, permissions={"b"})
    assert read(client) == ["ada@example.com", ["b"]]
