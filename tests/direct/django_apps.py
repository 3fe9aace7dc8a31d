"""The app in Django, in both of its modes."""

import asyncio
from collections.abc import Mapping
from typing import Any

from tests.django_settings import set_up_django

set_up_django()

from django.http import HttpRequest, JsonResponse
from django.test import Client
from django.test.utils import override_settings
from django.urls import include, path

from tests.adapters.django_app import LocalClient, urlconf
from tests.adapters.rigs import Answer
from tests.direct.acts import ask, shown, told
from vestibule.django import get_auth, requires


def home(request: HttpRequest) -> JsonResponse:
    return JsonResponse("home", safe=False)


def me(request: Any) -> JsonResponse:
    return JsonResponse(told(request.auth.session))


def do(request: Any) -> JsonResponse:
    return JsonResponse(shown(ask(get_auth().direct, request, request.GET)))


def data(request: Any) -> JsonResponse:
    data = request.auth.data()
    if seen := request.GET.get("seen"):
        data.update(seen=seen)
    return JsonResponse(data.value, safe=False)


async def home_async(request: HttpRequest) -> JsonResponse:
    return home(request)


async def me_async(request: Any) -> JsonResponse:
    return JsonResponse(told(await request.auth.aload()))


async def do_async(request: Any) -> JsonResponse:
    return JsonResponse(shown(await ask(get_auth().adirect, request, request.GET)))


async def data_async(request: Any) -> JsonResponse:
    data = await request.auth.adata()
    if seen := request.GET.get("seen"):
        data.update(seen=seen)
    return JsonResponse(data.value, safe=False)


def build_django(providers: tuple[Any, ...], settings: dict[str, Any]) -> tuple[Any, Any]:
    client = Client(raise_request_exception=False, SERVER_NAME="localhost", enforce_csrf_checks=True)
    chosen = _settings(providers, settings, home, me, do, data)
    with override_settings(**chosen):
        auth = chosen["VESTIBULE"] = _auth(chosen["VESTIBULE"])

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        client.cookies.clear()  # the browser of these tests has its own
        with override_settings(**chosen):
            response = client.generic(method, path, body, headers=_given(headers), **_type(headers))
        return _answer(response)

    return auth, send


def build_django_async(providers: tuple[Any, ...], settings: dict[str, Any]) -> tuple[Any, Any]:
    client = LocalClient(raise_request_exception=False, enforce_csrf_checks=True)
    chosen = _settings(providers, settings, home_async, me_async, do_async, data_async)
    with override_settings(**chosen):
        auth = chosen["VESTIBULE"] = _auth(chosen["VESTIBULE"])

    async def talk(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        given = {"Host": "localhost", **_given(headers)}
        return _answer(await client.generic(method, path, body, headers=given, **_type(headers)))

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        client.cookies.clear()
        with override_settings(**chosen):
            return asyncio.run(talk(method, path, headers, body))

    return auth, send


def _settings(providers: tuple[Any, ...], settings: dict[str, Any], *views: Any) -> dict[str, Any]:
    home, me, do, data = views
    patterns = [
        path("", home),
        path("me", requires()(me)),
        path("invoices", requires(permission="invoices:read")(home)),
        path("recent", requires(recent=600)(home)),
        path("do", do),
        path("data", data),
        path("auth/", include("vestibule.django")),
    ]
    given = {"direct": list(providers), **settings}
    return {"VESTIBULE": given, "ROOT_URLCONF": urlconf(patterns)}


def _auth(given: object) -> Any:
    """What the setting makes, kept from one request to the next."""
    return get_auth()


def _given(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "Content-Type"}


def _type(headers: Mapping[str, str]) -> dict[str, str]:
    return {"content_type": headers["Content-Type"]} if "Content-Type" in headers else {}


def _answer(response: Any) -> Answer:
    cookies = [("Set-Cookie", morsel.OutputString()) for morsel in response.cookies.values()]
    return Answer(response.status_code, (*response.items(), *cookies), response.content)
