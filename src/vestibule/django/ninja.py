"""For django-ninja: the session as `auth=`, so that `/docs` shows the lock.

api = NinjaAPI(auth=session_auth)

@api.get("/invoices")
@requires(permission="invoices:read")           # vestibule.django's own, below the route decorator
def invoices(request):
    return {"for": request.auth.session.user.email}

Changes that a page of another site asks for were refused by the middleware.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security.base import AuthBase

from vestibule.django.requests import RequestAuth, entry_of
from vestibule.errors import Unreachable

__all__ = ["session_auth"]


class SessionAuth(AuthBase):
    """For blocking operations and for async ones."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = "wos-session"

    def __init__(self) -> None:
        super().__init__()
        self.is_async = True  # it may have to be awaited

    def __call__(self, request: HttpRequest) -> RequestAuth | Coroutine[Any, Any, RequestAuth | None] | None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return _waited(entry_of(request))
        return _awaited(entry_of(request))


def _waited(entry: RequestAuth) -> RequestAuth | None:
    try:
        return None if entry.load() is None else entry
    except Unreachable as outage:
        raise HttpError(503, outage.message) from outage


async def _awaited(entry: RequestAuth) -> RequestAuth | None:
    try:
        return None if await entry.aload() is None else entry
    except Unreachable as outage:
        raise HttpError(503, outage.message) from outage


session_auth = SessionAuth()
