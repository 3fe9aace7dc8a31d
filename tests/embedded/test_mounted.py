"""What every adapter leaves to the server inside the app, and what it keeps for itself."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from flask import Flask
from litestar import Litestar, Request, get
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from vestibule import flask, litestar, starlette
from vestibule.session.config import Config
from vestibule.testing import TestIssuer


class Echo:
    """Takes what is below `/id`, and says which path it was asked for."""

    def __init__(self, issuer: TestIssuer) -> None:
        self.transport = issuer
        self._issuer = issuer

    def takes(self, path: str) -> bool:
        return path == "/id" or path.startswith("/id/")

    def configure(self, redirect_uri: object, defaults: object) -> Config:
        return self._issuer.config

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse(f"server: {scope['path']}")(scope, receive, send)

    identity: Any = None

    def wsgi(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"server: {environ['PATH_INFO']}".encode()]


def ask_starlette(echo: Echo, path: str) -> str:
    async def anywhere(request: Any) -> PlainTextResponse:
        return PlainTextResponse(f"app: {request.scope['path']}")

    app = Starlette(routes=[Route("/{path:path}", anywhere)])
    starlette.Auth(app, mounted=echo)
    return TestClient(Starlette(routes=[Mount("/below", app), Mount("/", app)])).get(path).text


def ask_flask(echo: Echo, path: str) -> str:
    app = Flask(__name__)
    flask.Auth(app, mounted=echo)
    app.add_url_rule("/<path:path>", "anywhere", lambda path: f"app: /{path}")
    return str(app.test_client().get(path).text)


def ask_litestar(echo: Echo, path: str) -> str:
    @get("/{path:path}")
    async def anywhere(request: Request[Any, Any, Any]) -> str:
        return f"app: {request.scope['path']}"

    app = Litestar([anywhere], plugins=[litestar.Auth(mounted=echo)], logging_config=None)
    return TestClient(app).get(path).text


@pytest.mark.parametrize("ask", [ask_starlette, ask_flask, ask_litestar])
def test_the_server_gets_what_is_below_its_path_and_the_app_the_rest(ask: Callable[[Echo, str], str]) -> None:
    echo = Echo(TestIssuer())
    assert ask(echo, "/id") == "server: /id"
    assert ask(echo, "/id/sign-in") == "server: /id/sign-in"
    assert ask(echo, "/identity") == "app: /identity"
    assert ask(echo, "/a/id/sign-in") == "app: /a/id/sign-in"


def test_the_path_is_the_one_below_what_the_app_is_mounted_under() -> None:
    assert ask_starlette(Echo(TestIssuer()), "/below/id/sign-in") == "server: /below/id/sign-in"
