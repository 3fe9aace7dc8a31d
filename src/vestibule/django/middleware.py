"""The middleware: answers our own routes, gives each request its `auth`, puts the cookies on every answer."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from vestibule.django import bridge, mounting
from vestibule.django.installation import get_auth
from vestibule.django.requests import RequestAuth, enter, entry_of, is_public
from vestibule.django.responses import put, response_of
from vestibule.errors import ConfigError, VestibuleError
from vestibule.session.reply import Reply

GetResponse = Callable[[HttpRequest], Any]


class AuthMiddleware:
    """After the sessions and the authentication of Django's own, where there are any; else last will do.

    Runs in either of Django's modes without changing threads: what waits is awaited under ASGI.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        # What goes wrong in a hook becomes an answer here, where the cookies are still put on it.
        self._answer: Any = convert_exception_to_response(self._awaited if self._is_async else self._waited)
        if self._is_async:
            markcoroutinefunction(self)
        self.process_view = self._look_again_awaited if self._is_async else self._look_again

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self._is_async:
            return self._call_async(request)
        auth = get_auth()
        if auth.mounted is not None and auth.mounted.takes(request.path_info):
            return mounting.answer(auth.mounted, request)
        entry = enter(request, auth)
        bridge.introduce(entry)
        response = self._answer(request)
        if bridge.ends_here(entry):
            bridge.signed_out(request)
        return _leave(entry, response, entry.visit.headers())

    async def _call_async(self, request: HttpRequest) -> HttpResponseBase:
        auth = get_auth()
        if auth.mounted is not None and auth.mounted.takes(request.path_info):
            return await mounting.answer_async(auth.mounted, request)
        entry = enter(request, auth)
        bridge.introduce(entry)
        response = await self._answer(request)
        if bridge.ends_here(entry):
            await sync_to_async(bridge.signed_out)(request)
        return _leave(entry, response, await _headers_async(entry))

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """For what a view lets through: an outage, a refusal. A mistake in the settings stays a crash."""
        if not isinstance(error, VestibuleError) or isinstance(error, ConfigError):
            return None
        return response_of(entry_of(request).failed(error))

    def _waited(self, request: HttpRequest) -> HttpResponseBase:
        answer = entry_of(request).intercept()
        return cast(HttpResponseBase, self._get_response(request) if answer is None else _response(answer))

    async def _awaited(self, request: HttpRequest) -> HttpResponseBase:
        answer = await entry_of(request).awaited.intercept()
        if answer is None:
            return cast(HttpResponseBase, await self._get_response(request))
        return _response(answer)

    def _look_again(self, request: HttpRequest, view: Any, *_: Any) -> HttpResponseBase | None:
        """At the view itself: after it was found to be `@public`, another URLconf may have been chosen."""
        entry = entry_of(request)
        if not entry.opened or is_public(view):
            return None
        reply = entry.run(entry.protecting())
        return None if reply is None else response_of(reply)

    async def _look_again_awaited(self, request: HttpRequest, view: Any, *_: Any) -> HttpResponseBase | None:
        entry = entry_of(request).awaited
        if not entry.opened or is_public(view):
            return None
        reply = await entry.run(entry.protecting())
        return None if reply is None else response_of(reply)


def _response(answer: Any) -> HttpResponseBase:
    return response_of(answer) if isinstance(answer, Reply) else cast(HttpResponseBase, answer)


async def _headers_async(entry: RequestAuth) -> list[tuple[str, str]]:
    """Hooks that are told what happened may use the database, so they run where Django has it."""
    visit = entry.visit
    return (
        await sync_to_async(visit.headers)()
        if visit.journal.is_waiting or visit.is_unsettled
        else visit.headers()
    )


def _leave(
    entry: RequestAuth, response: HttpResponseBase, headers: list[tuple[str, str]]
) -> HttpResponseBase:
    if entry.outage is not None and response.status_code == 500:  # met by a middleware, not by a view
        response = response_of(entry.failed(entry.outage))
    put(response, headers)
    entry.visit.started()
    return response
