"""For django-ninja: the session as `auth=`, so that `/docs` shows the lock.

api = NinjaAPI(auth=session_auth)

@api.get("/invoices")
@requires(permission="invoices:read")           # vestibule.django's own, below the route decorator
def invoices(request):
    return {"for": request.auth.session.user.email}

Changes that a page of another site asks for were refused by the middleware.
"""

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security.base import AuthBase

from vestibule.django.requests import RequestAuth, entry_of
from vestibule.errors import Unreachable

__all__ = ["session_auth", "session_auth_async"]


class SessionAuth(AuthBase):
    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = "wos-session"

    def __call__(self, request: HttpRequest) -> RequestAuth | None:
        entry = entry_of(request)
        try:
            return None if entry.load() is None else entry
        except Unreachable as outage:
            raise HttpError(503, outage.message) from outage


class AsyncSessionAuth(SessionAuth):
    is_async = True

    async def __call__(self, request: HttpRequest) -> RequestAuth | None:  # type: ignore[override]
        entry = entry_of(request)
        try:
            return None if await entry.aload() is None else entry
        except Unreachable as outage:
            raise HttpError(503, outage.message) from outage


session_auth = SessionAuth()
session_auth_async = AsyncSessionAuth()
