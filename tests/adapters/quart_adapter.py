"""Sign-in for Quart, outside of the package: the recipe of docs/how-to/new-adapter.md."""

import functools
from collections.abc import Callable
from typing import Any, Unpack

from quart import Quart, Response, current_app, has_websocket_context, request, websocket

from vestibule.asgi import Gate, entry_of
from vestibule.entry import AsyncEntry
from vestibule.errors import ConfigError, VestibuleError
from vestibule.installation import Installation
from vestibule.session.guards import Requirement, Wanted, mark, requirement
from vestibule.session.reply import Reply


class Auth(Installation):
    """`Auth(app)`: our routes, and the session's cookies on every response."""

    def __init__(self, app: Quart, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        app.extensions["vestibule"] = self
        app.asgi_app = Gate(app.asgi_app, self)  # type: ignore[method-assign]
        app.register_error_handler(VestibuleError, _failed)


def current_auth() -> AsyncEntry:
    """What can be asked and done in this request: `load`, `refresh`, `sign_out`, …"""
    return entry_of((websocket if has_websocket_context() else request).scope, line="Auth(app)")


def requires(*requirements: Requirement, **wanted: Unpack[Wanted]) -> Callable[..., Any]:
    """Guards a view; put it below the route decorator. Bare: signed in."""
    needed = requirement(*requirements, **wanted)

    def guarded(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        async def admitted(*args: Any, **kwargs: Any) -> Any:
            reply = await current_auth().guard(needed)
            if reply is not None:
                return _response(reply)
            return await current_app.ensure_async(view)(*args, **kwargs)

        return mark(admitted, needed)

    return guarded


def _response(reply: Reply) -> Response:
    return Response(reply.body, reply.status, dict(reply.headers))


async def _failed(error: VestibuleError) -> Response:
    if isinstance(error, ConfigError):  # for whoever runs the app, not for the visitor
        raise error
    return _response(current_auth().failed(error))
