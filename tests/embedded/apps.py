"""The same small app in each framework, with the identity server inside it: a page for everybody, a guarded
one, and nothing else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI
from flask import Flask
from litestar import Litestar, get
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.testclient import TestClient

from tests.embedded import django_apps
from vestibule import fastapi, flask, litestar, starlette

ORIGIN = "http://localhost:8000"
NAVIGATE = {"accept": "text/html", "sec-fetch-mode": "navigate", "sec-fetch-site": "none"}


@dataclass(frozen=True, slots=True)
class Built:
    app: Any
    auth: Any
    kind: str
    framework: str

    @contextmanager
    def browser(
        self, *, origin: str = ORIGIN, address: str = "127.0.0.1", **headers: str
    ) -> Iterator[httpx2.Client]:
        """In this process, by the framework's own way in; redirects are not followed."""
        options: dict[str, Any] = {"base_url": origin, "headers": NAVIGATE | headers}
        if self.kind == "asgi":
            with TestClient(self.app, follow_redirects=False, client=(address, 50_000), **options) as client:
                yield client
        else:
            transport = httpx2.WSGITransport(app=self.app, remote_addr=address)
            with httpx2.Client(transport=transport, **options) as client:
                yield client


def build(framework: str, directory: Path, **settings: Any) -> Built:
    chosen = {
        "database": f"sqlite:///{directory / 'auth.db'}",
        "redirect_uri": f"{ORIGIN}/callback",
    } | settings
    return APPS[framework](chosen)


def shown(session: Any) -> dict[str, Any]:
    return {"email": session.user.email, "organization": session.organization_id, "session": session.id}


def _fastapi(settings: dict[str, Any]) -> Built:
    app = FastAPI()
    auth = fastapi.Auth.embedded(app, **settings)

    @app.get("/")
    async def home() -> PlainTextResponse:
        return PlainTextResponse("home")

    @app.get("/me")
    async def me(session: fastapi.CurrentSession) -> dict[str, Any]:
        return shown(session)

    return Built(app, auth, "asgi", "fastapi")


def _starlette(settings: dict[str, Any]) -> Built:
    app = Starlette()
    auth = starlette.Auth.embedded(app, **settings)

    @starlette.requires()
    async def me(request: Request) -> Response:
        return JSONResponse(shown(await auth.session(request)))

    async def home(request: Request) -> Response:
        return PlainTextResponse("home")

    app.add_route("/", home)
    app.add_route("/me", me)
    return Built(app, auth, "asgi", "starlette")


def _flask(settings: dict[str, Any]) -> Built:
    app = Flask(__name__)
    auth = flask.Auth.embedded(app, **settings)

    @app.get("/")
    def home() -> str:
        return "home"

    @app.get("/me")
    @flask.requires()
    def me() -> dict[str, Any]:
        return shown(flask.current_session)

    return Built(app, auth, "wsgi", "flask")


def _litestar(settings: dict[str, Any]) -> Built:
    auth = litestar.Auth.embedded(**settings)

    @get("/")
    async def home() -> str:
        return "home"

    @get("/me")
    async def me(session: litestar.CurrentSession) -> dict[str, Any]:
        return shown(session)

    return Built(Litestar([home, me], plugins=[auth], logging_config=None), auth, "asgi", "litestar")


def _django(settings: dict[str, Any]) -> Built:
    app, auth = django_apps.build(settings)
    return Built(app, auth, "wsgi", "django")


def _django_async(settings: dict[str, Any]) -> Built:
    app, auth = django_apps.build_async(settings)
    return Built(app, auth, "asgi", "django-async")


APPS: dict[str, Callable[[dict[str, Any]], Built]] = {
    "fastapi": _fastapi,
    "starlette": _starlette,
    "flask": _flask,
    "litestar": _litestar,
    "django": _django,
    "django-async": _django_async,
}
