"""Where every request of the app passes, before Litestar looks for its route."""

from typing import Any, cast

from litestar import Request, Response
from litestar.enums import ScopeType
from litestar.types import Message, Scope

from vestibule.asgi import SCOPE_KEY, ASGIApp, AsgiSend, Gate, Receive, dressed, reply_app
from vestibule.entry import AsyncEntry
from vestibule.installation import Installation
from vestibule.litestar.refusing import reply_to

REFUSED = "vestibule.refused"


class Door:
    """Stands in the place of the app's router: the one spot that a plugin can reach and that every request
    passes, whether or not a route is found. Litestar answers exceptions outside of it, and its CORS sets
    `Vary` anew: the session's headers come later, in `dress`."""

    def __init__(self, inner: Any, installation: Installation) -> None:
        self._inner = inner
        self._gate = Gate(self._enter, installation, crash=_leave_it, respond=_app_of, writes=False)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        _read_as_the_router(scope)
        try:
            await self._gate(scope, receive, send)
        except Exception:
            _let_app_answer(scope)
            raise

    async def _enter(self, scope: Any, receive: Receive, send: AsgiSend) -> None:
        if scope["type"] == "websocket":
            await self._handshake(scope, receive, send)
        else:
            await self._inner(scope, receive, send)

    async def _handshake(self, scope: Any, receive: Receive, send: AsgiSend) -> None:
        """A refused WebSocket gets the status and the body that a request gets, where the server can."""
        accepted = False

        async def watched(message: Any) -> None:
            nonlocal accepted
            accepted = accepted or message["type"] == "websocket.accept"
            if message["type"] == "websocket.close" and not accepted and scope.get(REFUSED):
                await reply_app(scope[REFUSED])(scope, receive, send)
            else:
                await send(message)

        try:
            await self._inner(scope, receive, watched)
        except Exception as error:
            reply = reply_to(error, scope)
            if accepted or reply is None:
                raise
            await reply_app(reply)(scope, receive, send)


def stand_before(app: Any, installation: Installation) -> None:
    """The first route comes before the app has made its handler out of its router, unless it had none."""
    if isinstance(app.asgi_router, Door) or isinstance(getattr(app, "asgi_handler", None), Door):
        return
    if hasattr(app, "asgi_handler"):
        app.asgi_handler = Door(app.asgi_handler, installation)
    else:
        app.asgi_router = Door(app.asgi_router, installation)


def _read_as_the_router(scope: Any) -> None:
    """Litestar takes for the app's path what follows the root path, wherever that is in it. Two readings
    would let a path be public to us that leads elsewhere."""
    root_path = scope.get("root_path", "")
    if root_path:
        below = scope["path"].split(root_path, maxsplit=1)[-1]
        scope["path"] = f"{root_path.rstrip('/')}/{below.lstrip('/')}"


def _let_app_answer(scope: Any) -> None:
    """The router tells Litestar which exception handlers count; this exception came before it."""
    from litestar.types import Empty
    from litestar.utils.scope.state import ScopeState

    state = ScopeState.from_scope(scope)
    if state.exception_handlers is Empty:
        state.exception_handlers = scope["litestar_app"].exception_handlers


def _leave_it(error: Exception) -> ASGIApp:
    async def nothing(scope: Any, receive: Receive, send: AsgiSend) -> None:
        """Litestar answers."""

    return nothing


def _app_of(response: Any) -> ASGIApp:
    """Litestar makes its responses into ASGI apps with the request at hand."""

    async def respond(scope: Any, receive: Any, send: Any) -> None:
        request: Request[Any, Any, Any] = Request(scope, receive, send)
        made = (
            response.to_asgi_response(app=None, request=request)
            if isinstance(response, Response)
            else response
        )
        await made(scope, receive, send)

    return respond


async def dress(message: Message, scope: Scope) -> None:
    """The last thing that Litestar does with a message."""
    entry = scope.get(SCOPE_KEY)
    if isinstance(entry, AsyncEntry):
        message.update(cast(Any, await dressed(entry.visit, cast(Any, message))))


async def note_refusal(error: Exception, scope: Scope) -> None:
    """Litestar is about to close the WebSocket; `Door` says why."""
    if scope["type"] == ScopeType.WEBSOCKET:
        cast(Any, scope)[REFUSED] = reply_to(error, scope)
