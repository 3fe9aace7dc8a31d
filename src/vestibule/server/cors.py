"""Pages of other origins: what their browsers may send here, and which answers they may read (Fetch §3.2).

Only what browsers call is opened: signing in and out, and the OpenID endpoints. The management API is not,
because its key must never be in a page. The origin that asked is named, never `*`, so that cookies may come
along; an origin that is not registered gets no header at all, and neither does its preflight.
"""

from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vestibule.server.hops import Hops
from vestibule.server.identity.context import Identity
from vestibule.server.identity.cors_origins import is_allowed_origin

OPENED: Final = frozenset(
    {
        "/user_management/authenticate",
        "/user_management/authorize/device",
        "/user_management/sessions/logout",
        "/oauth2/token",
        "/oauth2/userinfo",
        "/oauth2/jwks",
        "/oauth2/revoke",
        "/oauth2/device_authorization",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
    }
)
OPENED_BELOW: Final = "/sso/jwks/"
MAX_ORIGIN: Final = 300
MOST_REMEMBERED: Final = 1_000
METHODS: Final = b"GET, POST"
HEADERS: Final = b"authorization, content-type"  # the wildcard does not cover the first, nor any with cookies
READABLE: Final = b"retry-after, x-request-id"
AN_HOUR: Final = b"3600"
ALLOWED: Final = "cors_allowed"


def is_opened(path: str) -> bool:
    return path in OPENED or path.startswith(OPENED_BELOW)


class Cors:
    """Outside everything else, so that refusals and failures can be read as well as answers."""

    def __init__(self, app: ASGIApp, *, identity: Identity, hops: Hops) -> None:
        self._app = app
        self._identity = identity
        self._hops = hops
        self._last_allowed: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_opened(scope["path"]):
            await self._app(scope, receive, send)
            return
        origin = Headers(scope=scope).get("origin", "")
        allowed = await self._is_allowed(origin)
        scope.setdefault("state", {})[ALLOWED] = allowed
        granted = [(b"vary", b"origin")] + (_grant(origin) if allowed else [])

        async def reply(event: Message) -> None:
            if event["type"] == "http.response.start":
                event["headers"] = [*event["headers"], *granted]
            await send(event)

        await self._app(scope, receive, reply)

    async def _is_allowed(self, origin: str) -> bool:
        if not origin or len(origin) > MAX_ORIGIN:
            return False
        try:
            allowed = await self._hops.run(is_allowed_origin, self._identity, origin)
        except Exception:
            # The request itself will meet the same failure; whoever could read answers can read that one.
            return origin in self._last_allowed
        if not allowed:
            self._last_allowed.discard(origin)
        elif len(self._last_allowed) < MOST_REMEMBERED:
            self._last_allowed.add(origin)
        return allowed


class Preflight:
    """Inside what every request passes: asked in advance by a browser, answered without asking anybody."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_preflight(scope):
            await self._app(scope, receive, send)
            return
        headers = {"access-control-max-age": AN_HOUR.decode()} if scope["state"][ALLOWED] else {}
        if headers:
            headers["access-control-allow-methods"] = METHODS.decode()
            headers["access-control-allow-headers"] = HEADERS.decode()
        await Response(status_code=204, headers=headers)(scope, receive, send)


def _is_preflight(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "OPTIONS" or ALLOWED not in scope.get("state", {}):
        return False
    return "access-control-request-method" in Headers(scope=scope)


def _grant(origin: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", READABLE),
    ]
