"""One small app in each framework, with each test client that people have for it."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import flask
import httpx
import litestar
import litestar.testing
from django.test import AsyncClient, Client
from django.test.utils import override_settings
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

import vestibule.django
import vestibule.fastapi
import vestibule.flask
import vestibule.litestar
import vestibule.starlette
from tests.testing.describing import described
from tests.testing.django_site import ASYNC_VIEWS, VIEWS
from vestibule.testing.browsers import NAVIGATION, browser_of


@dataclass(frozen=True, slots=True)
class Seen:
    status: int
    json: Any
    location: str | None


@dataclass(frozen=True, slots=True)
class Site:
    """`client` is the framework's own."""

    client: Any
    auth: Any
    asynchronous: bool = False
    leave: Callable[[], object] = lambda: None

    def get(self, path: str, *, page: bool = False) -> Seen:
        """As a program asks, or as a person opens a `page`."""
        headers = NAVIGATION if page else {"Accept": "application/json"}
        answer = self.wait(self.client.get(path, headers=headers))
        kind = answer.headers.get("content-type", "")
        text = answer.content if hasattr(answer, "content") else answer.data
        said = json.loads(text) if "json" in kind else None
        return Seen(answer.status_code, said, answer.headers.get("location"))

    def me(self) -> Any:
        """What the app says about who asks, or the code with which it turns them away."""
        seen = self.get("/me")
        return seen.json if seen.status == 200 else (seen.status, seen.json["error"]["code"])

    def wait(self, answer: Any) -> Any:
        return asyncio.run(_awaited(answer)) if self.asynchronous else answer

    @property
    def origin(self) -> str:
        return browser_of(self.client).origin

    def sign_in(self, person: Any, **how: Any) -> Seen:
        """Over the hosted pages."""
        if self.asynchronous:
            answer = asyncio.run(person.sign_in_async(self.client, **how))
        else:
            answer = person.sign_in(self.client, **how)
        return Seen(answer.status_code, None, answer.headers.get("location"))


async def _awaited(answer: Any) -> Any:
    return await answer


async def _starlette_me(request: Request) -> Response:
    return JSONResponse(described(await vestibule.starlette.current_session(request)))


@vestibule.starlette.requires(recent=600)
async def _starlette_recent(request: Request) -> Response:
    return JSONResponse("ok")


def starlette_app(*given: Any, **settings: Any) -> tuple[Starlette, Any]:
    app = Starlette(routes=[Route("/me", _starlette_me), Route("/recent", _starlette_recent)])
    return app, vestibule.starlette.Auth(app, *given, **settings)


def starlette_site(*given: Any, **settings: Any) -> Site:
    app, auth = starlette_app(*given, **settings)
    return Site(TestClient(app, follow_redirects=False), auth)


def httpx_site(*given: Any, **settings: Any) -> Site:
    app, auth = starlette_app(*given, **settings)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.example")
    return Site(client, auth, asynchronous=True)


def fastapi_site(*given: Any, **settings: Any) -> Site:
    app = FastAPI()
    auth = vestibule.fastapi.Auth(app, *given, **settings)

    @app.get("/me")
    def me(session: vestibule.fastapi.CurrentSession) -> Any:
        return described(session)

    @app.get("/recent", dependencies=[vestibule.fastapi.requires(recent=600)])
    def recent() -> str:
        return "ok"

    return Site(TestClient(app, base_url="https://app.example.com", follow_redirects=False), auth)


def flask_site(*given: Any, **settings: Any) -> Site:
    app = flask.Flask(__name__)
    auth = vestibule.flask.Auth(app, *given, **settings)

    @app.get("/me")
    @vestibule.flask.requires()
    def me() -> Any:
        return described(vestibule.flask.current_session)

    @app.get("/recent")
    @vestibule.flask.requires(recent=600)
    def recent() -> Any:
        return flask.jsonify("ok")

    return Site(app.test_client(), auth)


@litestar.get("/me")
async def _litestar_me(session: vestibule.litestar.CurrentSession) -> dict[str, Any]:
    return described(session)


@litestar.get("/recent", guards=[vestibule.litestar.requires(recent=600)])
async def _litestar_recent() -> str:
    return "ok"


def _litestar_app(*given: Any, **settings: Any) -> tuple[litestar.Litestar, Any]:
    auth = vestibule.litestar.Auth(*given, **settings)
    return litestar.Litestar([_litestar_me, _litestar_recent], plugins=[auth]), auth


def litestar_site(*given: Any, **settings: Any) -> Site:
    app, auth = _litestar_app(*given, **settings)
    client: Any = litestar.testing.TestClient(app)
    client.follow_redirects = False
    return Site(client, auth)


def litestar_async_site(*given: Any, **settings: Any) -> Site:
    app, auth = _litestar_app(*given, **settings)
    client: Any = litestar.testing.AsyncTestClient(app)
    client.follow_redirects = False
    return Site(client, auth, asynchronous=True)


def _in_django(client: Any, views: Any, auth: Any, *, asynchronous: bool) -> Site:
    django = override_settings(VESTIBULE=auth, ROOT_URLCONF=views)
    django.enable()
    return Site(client, auth, asynchronous=asynchronous, leave=django.disable)


def django_site(*given: Any, **settings: Any) -> Site:
    auth = vestibule.django.Auth(*given, **settings)
    return _in_django(Client(), VIEWS, auth, asynchronous=False)


def django_async_site(*given: Any, **settings: Any) -> Site:
    auth = vestibule.django.Auth(*given, **settings)
    return _in_django(AsyncClient(), ASYNC_VIEWS, auth, asynchronous=True)


MAKERS: dict[str, Callable[..., Site]] = {
    "starlette": starlette_site,
    "fastapi": fastapi_site,
    "httpx": httpx_site,
    "flask": flask_site,
    "django": django_site,
    "django async": django_async_site,
    "litestar": litestar_site,
    "litestar async": litestar_async_site,
}
