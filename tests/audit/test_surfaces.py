"""What an app consists of besides its routes: files, documentation, hosts, apps of other frameworks."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import flask
import litestar
import pytest
from fastapi import APIRouter, Depends, FastAPI
from litestar.static_files import create_static_files_router
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.endpoints import WebSocketEndpoint
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Host, Mount, Route, Router, WebSocketRoute
from starlette.staticfiles import StaticFiles

import vestibule.asgi
import vestibule.fastapi
import vestibule.flask
import vestibule.litestar
from tests.audit.planted import found_by
from vestibule.audit import Report, audit
from vestibule.errors import ConfigError
from vestibule.starlette import Auth, requires
from vestibule.testing.issuer import create_config


async def page(request: Request) -> Response:
    return PlainTextResponse("page")


def app_of(*routes: Any) -> Starlette:
    app = Starlette(routes=list(routes))
    Auth(app, create_config())
    return app


NOT_SHOWN = ("ours", "app", "automatic")


def kinds(report: Report) -> dict[str, str]:
    return {each.path: each.kind.value for each in report.endpoints if each.kind not in NOT_SHOWN}


def test_files_health_and_documentation_are_known(tmp_path: Path) -> None:
    app = FastAPI()
    vestibule.fastapi.Auth(app, create_config())
    app.mount("/files", StaticFiles(directory=tmp_path))
    app.get("/healthz")(lambda: "ok")
    app.get("/.well-known/security.txt")(lambda: "mail us")
    report = audit(app)
    assert report.ok
    assert kinds(report) == {
        "/openapi.json": "docs",
        "/docs": "docs",
        "/docs/oauth2-redirect": "docs",
        "/redoc": "docs",
        "/files/{path}": "static",
        "/healthz": "health",
        "/.well-known/security.txt": "static",
    }


def test_a_built_front_end_is_files(tmp_path: Path) -> None:
    if not hasattr(FastAPI, "frontend"):
        pytest.skip("of newer releases")
    (tmp_path / "index.html").write_text("<p>hello</p>")
    app = FastAPI(openapi_url=None)
    vestibule.fastapi.Auth(app, create_config())
    app.frontend("/", directory=str(tmp_path))
    report = audit(app)
    assert (report.ok, kinds(report)) == (True, {"/{path}": "static"})


def test_files_of_flask_and_litestar_are_known(tmp_path: Path) -> None:
    of_flask = flask.Flask(__name__, static_folder=str(tmp_path), static_url_path="/files")
    assert kinds(audit(of_flask))["/files/{filename}"] == "static"
    router = create_static_files_router("/files", directories=[tmp_path])
    auth = vestibule.litestar.Auth(create_config())
    report = audit(litestar.Litestar([router], plugins=[auth]))
    assert report.ok
    assert {kind for path, kind in kinds(report).items() if path.startswith("/files")} <= {
        "static",
        "automatic",
    }
    assert "docs" in kinds(report).values()


def test_an_app_for_another_host_is_looked_at() -> None:
    app = app_of(Host("api.example.com", app=Router([Route("/page", page)])))
    assert found_by(audit(app)) == {("unguarded", "GET //api.example.com/page")}


def test_a_websocket_by_class_is_looked_at() -> None:
    class Echo(WebSocketEndpoint):
        pass

    report = audit(app_of(WebSocketRoute("/echo", Echo), WebSocketRoute("/closed", requires()(Echo))))
    assert found_by(report) == {("unguarded", "WEBSOCKET /echo")}


def test_the_middleware_for_any_asgi_app_is_an_auth_too() -> None:
    inner = Starlette(routes=[Route("/me", requires()(page))])
    report = audit(vestibule.asgi.Auth(inner, create_config(protect=True)))
    assert report.ok
    assert report.protect


def of_flask() -> flask.Flask:
    inner = flask.Flask(__name__, static_folder=None)
    inner.add_url_rule("/page", "page", lambda: "page")
    inner.add_url_rule("/closed", "closed", vestibule.flask.requires()(lambda: "closed"))
    return inner


class Wsgi:
    """As the bridges from ASGI to WSGI are made."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        raise NotImplementedError


def test_a_flask_app_below_a_starlette_app_needs_an_auth_of_its_own() -> None:
    report = audit(app_of(Mount("/old", app=Wsgi(of_flask()))))
    assert found_by(report) == {("unguarded", "GET /old/page"), ("not_installed", "GET /old/closed")}
    with_auth = of_flask()
    vestibule.flask.Auth(with_auth, create_config())
    report = audit(app_of(Mount("/old", app=requires(role="admin")(Wsgi(with_auth)))))
    assert report.ok


def test_an_app_in_a_function_is_found_and_the_function_is_told() -> None:
    inner = app_of(Route("/page", page))

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await inner(scope, receive, send)

    assert found_by(audit(application)) == {("unguarded", "GET /page"), ("cannot_see", "* /{path}")}


def test_what_is_no_app_is_told() -> None:
    def application(environ: Any, start_response: Any) -> Iterable[bytes]:
        return []

    for thing in (application, 7, object()):
        with pytest.raises(ConfigError, match="is no app of FastAPI, Starlette, Flask, Django or Litestar"):
            audit(thing)


class Order(BaseModel):
    amount: int


class Form:
    def validate_on_submit(self) -> bool:
        return True


async def by_model(request: Request) -> Response:
    return PlainTextResponse(Order.model_validate(await request.json()).model_dump_json())


def by_form() -> str:
    return str(Form().validate_on_submit())


def test_whether_input_is_validated_is_said_where_it_can_be() -> None:
    def needs(amount: int) -> int:
        return amount

    app = FastAPI(openapi_url=None)
    app.post("/order")(lambda order: "")
    app.get("/none")(lambda: "")
    app.get("/deep", dependencies=[Depends(needs)])(lambda: "")
    router = APIRouter()
    router.add_api_route("/plain", page, methods=["POST"])
    app.include_router(router)
    found = {each.path: each.validated.value for each in audit(app).endpoints}
    assert (found["/none"], found["/deep"], found["/plain"]) == ("no input", "yes", "unknown")
    found = {
        each.path: each.validated.value
        for each in audit(app_of(Route("/m", by_model), Route("/p", page))).endpoints
    }
    assert (found["/m"], found["/p"]) == ("yes", "unknown")
    of_forms = flask.Flask(__name__)
    of_forms.add_url_rule("/form", view_func=by_form)
    assert next(each for each in audit(of_forms).endpoints if each.path == "/form").validated == "yes"
