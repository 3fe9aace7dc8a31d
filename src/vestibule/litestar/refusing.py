"""Who is turned away, and with what."""

from typing import Any, Unpack, cast

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.types import Scope

from vestibule.asgi import entry_of
from vestibule.entry import AsyncEntry
from vestibule.errors import ConfigError, VestibuleError
from vestibule.session.guards import Requirement, Wanted, mark, requirement
from vestibule.session.reply import Reply

LINE = "plugins=[Auth()]"


def entry_in(scope: Scope) -> AsyncEntry:
    """Raises NotInstalled."""
    return entry_of(cast(Any, scope), line=LINE)


class Refusal(HTTPException):
    """Turns the visitor away: raised by the guards, answered by the app that has `Auth`. An app mounted
    below it that answers its own exceptions still gives the right status and headers."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        kept = {name: value for name, value in reply.headers if name.lower() != "content-type"}
        super().__init__(
            "Sign in first." if reply.status == 401 else "", status_code=reply.status, headers=kept
        )


class Guard:
    """Turns away who lacks something."""

    def __init__(self, wanted: Requirement) -> None:
        self._wanted = wanted
        mark(self, wanted)

    async def __call__(
        self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
    ) -> None:
        reply = await entry_in(connection.scope).guard(self._wanted)
        if reply is not None:
            raise Refusal(reply)


def requires(*requirements: Requirement, **wanted: Unpack[Wanted]) -> Guard:
    """What a visitor must have, for `guards=[…]`. Bare: signed in."""
    return Guard(requirement(*requirements, **wanted))


def reply_to(error: Exception, scope: Scope) -> Reply | None:
    if isinstance(error, Refusal):
        return error.reply
    if isinstance(error, VestibuleError) and not isinstance(error, ConfigError):
        return entry_in(scope).failed(error)
    return None


def refused(request: Request[Any, Any, Any], error: Refusal) -> Response[bytes]:
    return _response(error.reply)


def failed(request: Request[Any, Any, Any], error: VestibuleError) -> Response[bytes]:
    reply = reply_to(error, request.scope)
    if reply is None:  # for whoever runs the app, not for the visitor
        raise error
    return _response(reply)


def _response(reply: Reply) -> Response[bytes]:
    headers = dict(reply.headers)
    media_type = headers.pop("Content-Type", "text/plain")
    return Response(reply.body, status_code=reply.status, headers=headers, media_type=media_type)
