"""The same small app of direct mode in each framework, and one way to send requests to all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import fastapi as fastapi_itself
import flask as flask_itself
from fastapi import FastAPI
from litestar import Litestar, get
from litestar import Request as LitestarRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from werkzeug.test import Client

from tests.adapters.rigs import Answer
from tests.direct.acts import ask, shown, told
from tests.direct.django_apps import build_django, build_django_async
from vestibule import asgi, fastapi, flask, litestar, starlette
from vestibule.errors import VestibuleError
from vestibule.session.guards import requirement
from vestibule.session.reply import Reply

ORIGIN = "http://localhost"

Sending = Callable[[str, str, Mapping[str, str], bytes], Answer]


@dataclass(frozen=True, slots=True)
class Site:
    """`send`: method, path with query, headers and body; by the framework's own test client."""

    framework: str
    app: Any
    auth: Any
    send: Sending


def build(framework: str, *providers: Any, **settings: Any) -> Site:
    """`/me` is guarded, `/invoices` wants a permission, `/recent` a new sign-in; `/do` does what its query
    says."""
    return APPS[framework](*providers, **settings)


def _fastapi(*providers: Any, **settings: Any) -> Site:
    app = FastAPI()
    auth = fastapi.Auth.direct(app, *providers, **settings)

    @app.get("/")
    async def home() -> str:
        return "home"

    @app.get("/me")
    async def me(session: fastapi.CurrentSession) -> dict[str, object]:
        return told(session)

    @app.get("/invoices", dependencies=[fastapi.requires(permission="invoices:read")])
    def invoices() -> str:
        return "invoices"

    @app.get("/recent", dependencies=[fastapi.requires(recent=600)])
    def recent() -> str:
        return "recent"

    @app.get("/do")
    async def do(request: fastapi_itself.Request) -> dict[str, object]:
        return shown(await ask(auth.direct, request, request.query_params))

    @app.get("/data")
    async def data(data: fastapi.AppData, seen: str = "") -> object:
        if seen:
            data.update(seen=seen)
        return data.value

    return Site("fastapi", app, auth, over_asgi(app))


def _starlette(*providers: Any, **settings: Any) -> Site:
    app = Starlette()
    auth = starlette.Auth.direct(app, *providers, **settings)

    async def home(request: Request) -> JSONResponse:
        return JSONResponse("home")

    @starlette.requires()
    async def me(request: Request) -> JSONResponse:
        return JSONResponse(told(await starlette.current_session(request)))

    async def do(request: Request) -> JSONResponse:
        return JSONResponse(shown(await ask(auth.direct, request, request.query_params)))

    async def data(request: Request) -> JSONResponse:
        data = await auth.data(request)
        if seen := request.query_params.get("seen"):
            data.update(seen=seen)
        return JSONResponse(data.value)

    app.router.routes += [
        Route("/", home),
        Route("/me", me),
        Route("/invoices", starlette.requires(permission="invoices:read")(home)),
        Route("/recent", starlette.requires(recent=600)(home)),
        Route("/do", do),
        Route("/data", data),
    ]
    return Site("starlette", app, auth, over_asgi(app))


def _flask(*providers: Any, **settings: Any) -> Site:
    app = flask_itself.Flask(__name__)
    app.logger.disabled = True
    auth = flask.Auth.direct(app, *providers, **settings)

    @app.get("/")
    def home() -> str:
        return "home"

    @app.get("/me")
    @flask.requires()
    def me() -> dict[str, object]:
        return told(flask.current_session)

    @app.get("/do")
    def do() -> dict[str, object]:
        return shown(ask(auth.direct, flask_itself.request, flask_itself.request.args))

    @app.get("/data")
    def data() -> Any:
        data = auth.data()
        if seen := flask_itself.request.args.get("seen"):
            data.update(seen=seen)
        return data.value

    @app.get("/invoices")
    @flask.requires(permission="invoices:read")
    def invoices() -> str:
        return "invoices"

    @app.get("/recent")
    @flask.requires(recent=600)
    def recent() -> str:
        return "recent"

    return Site("flask", app, auth, over_wsgi(app))


def _litestar(*providers: Any, **settings: Any) -> Site:
    auth = litestar.Auth.direct(*providers, **settings)

    @get("/")
    async def home() -> str:
        return "home"

    @get("/me")
    async def me(session: litestar.CurrentSession) -> dict[str, object]:
        return told(session)

    @get("/invoices", guards=[litestar.requires(permission="invoices:read")])
    async def invoices() -> str:
        return "invoices"

    @get("/recent", guards=[litestar.requires(recent=600)])
    async def recent() -> str:
        return "recent"

    @get("/do")
    async def do(request: LitestarRequest[Any, Any, Any]) -> dict[str, object]:
        return shown(await ask(auth.direct, request, request.query_params))

    @get("/data")
    async def data(request: LitestarRequest[Any, Any, Any], app_data: litestar.AppData) -> Any:
        if seen := request.query_params.get("seen"):
            app_data.update(seen=seen)
        return app_data.value

    app = Litestar([home, me, invoices, recent, do, data], plugins=[auth], logging_config=None)
    return Site("litestar", app, auth, over_asgi(app))


def _asgi(*providers: Any, **settings: Any) -> Site:
    guards = {
        "/me": None,
        "/invoices": requirement(permission="invoices:read"),
        "/recent": requirement(recent=600),
    }

    async def app(scope: Any, receive: Any, send: Any) -> None:
        entry, path = auth.entry(scope), scope["path"]
        reply = await entry.guard(guards[path]) if path in guards else None
        if reply is None:
            query = Request(scope).query_params
            try:
                reply = Reply.data(200, await found(entry, scope, path, query))
            except VestibuleError as error:
                reply = entry.failed(error)
        await asgi.reply_app(reply)(scope, receive, send)

    async def found(entry: Any, scope: Any, path: str, query: Mapping[str, str]) -> object:
        if path == "/do":
            return shown(await ask(auth.direct, scope, query))
        if path == "/data":
            data = await entry.data()
            if query.get("seen"):
                data.update(seen=query["seen"])
            return data.value
        return told(await entry.load()) if path == "/me" else "home"

    auth = asgi.Auth.direct(app, *providers, **settings)
    return Site("asgi", auth, auth, over_asgi(auth))


def _django(*providers: Any, **settings: Any) -> Site:
    return Site("django", None, *build_django(providers, settings))


def _django_async(*providers: Any, **settings: Any) -> Site:
    return Site("django-async", None, *build_django_async(providers, settings))


def over_wsgi(app: Any) -> Sending:
    client = Client(app, use_cookies=False)

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        response = client.open(path, method=method, headers=dict(headers), data=body, base_url=ORIGIN)
        with response:
            return Answer(response.status_code, tuple(response.headers.items()), response.get_data())

    return send


def over_asgi(app: Any) -> Sending:
    client = TestClient(app, base_url=ORIGIN, raise_server_exceptions=False, follow_redirects=False)
    for automatic in ("accept", "user-agent", "accept-encoding"):
        client.headers.pop(automatic, None)

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        client.cookies.clear()  # the browser of these tests has its own
        response = client.request(method, path, headers=dict(headers), content=body)
        return Answer(response.status_code, tuple(response.headers.multi_items()), response.content)

    return send


APPS: dict[str, Callable[..., Site]] = {
    "fastapi": _fastapi,
    "starlette": _starlette,
    "flask": _flask,
    "litestar": _litestar,
    "django": _django,
    "django-async": _django_async,
    "asgi": _asgi,
}
