"""The contract's app in Django, in both of its modes."""

import asyncio
from collections.abc import Mapping
from typing import Any

from tests.django_settings import set_up_django

set_up_django()

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client
from django.test.utils import override_settings
from django.urls import include, path

from tests.adapters.rigs import Answer, Rig
from vestibule.django import Auth
from vestibule.session.config import Config
from vestibule.testing import Clock, TestIssuer
from vestibule.testing.issuer import create_config

MODES = ("django", "django-async")
URLS = "tests.adapters.django_project.urls"
ASYNC_URLS = "tests.adapters.django_project.async_urls"


def create_app() -> WSGIHandler:
    settings.ROOT_URLCONF = URLS
    return WSGIHandler()


def create_async_app() -> ASGIHandler:
    settings.ROOT_URLCONF = ASYNC_URLS
    return ASGIHandler()


def install(app: object, config: Config) -> Auth:
    settings.VESTIBULE = auth = Auth(config)
    return auth


class LocalClient(AsyncClient):
    """A header that is given takes the place of the client's own, as with its blocking twin."""

    def _base_scope(self, **request: Any) -> dict[str, Any]:
        scope: dict[str, Any] = super()._base_scope(**request)  # type: ignore[misc]
        hosts = [pair for pair in scope["headers"] if pair[0] == b"host"]
        cookies = [pair for pair in scope["headers"] if pair[0] == b"cookie"]
        others = [pair for pair in scope["headers"] if pair[0] not in (b"host", b"cookie")]
        decoded = scope["path"].encode("latin-1").decode()  # Django's client leaves it as WSGI has it
        return {**scope, "path": decoded, "headers": [hosts[-1], cookies[0], *others]}


def build(issuer: TestIssuer, clock: Clock, hooks: dict[str, Any], **django_settings: Any) -> Rig:
    """`django_settings` win over the project's."""
    auth = Auth(issuer.config, **{"send": issuer, "clock": clock, **hooks})
    client = Client(raise_request_exception=False, SERVER_NAME="localhost")

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        with override_settings(VESTIBULE=auth, **{"ROOT_URLCONF": URLS, **django_settings}):
            response = client.generic(method, path, body or b"", headers=dict(headers), **_type(headers))
            content = b"".join(response.streaming_content) if response.streaming else response.content
        return _answer(client, response, content)

    return Rig("django", client, auth, issuer, clock, send)


def build_async(issuer: TestIssuer, clock: Clock, hooks: dict[str, Any], **django_settings: Any) -> Rig:
    auth = Auth(issuer.config, **{"send": issuer, "clock": clock, **hooks})
    client = LocalClient(raise_request_exception=False)

    async def talk(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        given = {"Host": "localhost", **{name: headers[name] for name in headers if name != "Content-Type"}}
        response = await client.generic(method, path, body or b"", headers=given, **_type(headers))
        chunks = [chunk async for chunk in response] if response.streaming else [response.content]
        return _answer(client, response, b"".join(chunks))

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        with override_settings(VESTIBULE=auth, **{"ROOT_URLCONF": ASYNC_URLS, **django_settings}):
            return asyncio.run(talk(method, path, headers, body))

    return Rig("django-async", client, auth, issuer, clock, send)


def text(request: HttpRequest) -> HttpResponse:
    return HttpResponse("text")


async def text_async(request: HttpRequest) -> HttpResponse:
    return HttpResponse("text")


def rig_of(*urls: Any, mode: str = "django", settings: dict[str, Any] | None = None, **hooks: Any) -> Rig:
    """A project of these URLs and ours. `settings` are those of Config."""
    clock = Clock()
    config = create_config(**{"redirect_uri": "http://localhost/auth/callback", **(settings or {})})
    make = build if mode == "django" else build_async
    patterns = [*urls, path("auth/", include("vestibule.django"))]
    return make(TestIssuer(config, clock=clock), clock, hooks, ROOT_URLCONF=urlconf(patterns))


def urlconf(patterns: list[Any]) -> Any:
    return type("URLs", (), {"urlpatterns": patterns})


def _type(headers: Mapping[str, str]) -> dict[str, str]:
    return {"content_type": headers["Content-Type"]} if "Content-Type" in headers else {}


def _answer(client: Client | AsyncClient, response: Any, content: bytes) -> Answer:
    for name in [key for key, morsel in client.cookies.items() if str(morsel["max-age"]) == "0"]:
        del client.cookies[name]  # as a browser does; Django's client keeps it
    cookies = [("Set-Cookie", morsel.OutputString()) for morsel in response.cookies.values()]
    return Answer(response.status_code, (*response.items(), *cookies), content)
