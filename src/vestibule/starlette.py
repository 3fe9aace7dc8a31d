"""Sign-in for Starlette.

auth = Auth(app)                       # adds sign-in, sign-up, callback, sign-out and session routes

@requires(permission="invoices:read")
async def invoices(request): ...

Mount("/admin", app=requires(role="admin")(admin))    # a group of routes
"""

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, cast
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.routing import BaseRoute, Host, Match, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from vestibule.asgi import POLICY_VIOLATION, Connected, Gate, entry_of
from vestibule.entry import AsyncEntry
from vestibule.errors import ConfigError, Unreachable, VestibuleError
from vestibule.session.config import Config
from vestibule.session.guards import Requirement, Wanted, mark, requirement
from vestibule.session.model import Session
from vestibule.session.reply import Reply

if TYPE_CHECKING:
    from starlette.templating import Jinja2Templates

__all__ = ["Auth", "Refusal", "current_session", "optional_session", "requires"]

LINE = "Auth(app)"

T = TypeVar("T")


class Auth(Connected):
    """Give it the app; `Auth()` and `init_app(app)` when the app is made later."""

    def __init__(self, app: Starlette | None = None, config: Config | None = None, **settings: Any) -> None:
        super().__init__(config, **settings)
        self._routes: list[BaseRoute] = []
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Starlette) -> None:
        """Once per app. Middleware added before is inside of it, later ones are outside."""
        if getattr(app.state, "vestibule", None) is not None:
            raise ConfigError("This app has an `Auth` already. Remove the second one.")
        app.state.vestibule = self
        self._routes = app.router.routes
        app.add_middleware(cast(Any, Gate), installation=self, crash=functools.partial(_crash, app))
        app.add_exception_handler(Refusal, cast(Any, _refused))
        app.add_exception_handler(VestibuleError, cast(Any, _failed))

    def templates(self, templates: "Jinja2Templates") -> "Jinja2Templates":
        """Gives templates links, the session, `{% guard %}` and the banner of an impersonation: the names of
        `vestibule.templating`. From here on sessions also load before what htmx and forms ask for; before
        any other request the handler must."""
        from vestibule import templating

        def names(request: HTTPConnection) -> dict[str, Any]:
            entry = _entry(request)
            return templating.template_names(entry, entry.visit.peek)

        templates.env.add_extension(templating.GuardExtension)
        templates.context_processors.append(names)
        self.preloads = True
        return templates

    def is_open(self, path: str) -> bool:
        """Mounted static files are for everybody; what a route before them takes is none of them."""
        scope = {"method": "GET", "path": unquote(path), "root_path": "", "headers": []}
        for route in self._routes:
            takes = (route.matches({"type": kind, **scope})[0] for kind in ("http", "websocket"))
            # A Host goes by a header, which is not looked at here: it may take the path.
            if isinstance(route, Host) or any(match is not Match.NONE for match in takes):
                return isinstance(route, Mount) and isinstance(route.app, StaticFiles)
        return False


class Refusal(HTTPException):
    """Turns the visitor away: raised by the guards, answered by the app that has `Auth`. An app mounted
    below it that answers its own exceptions still gives the right status and headers."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        super().__init__(reply.status, headers=dict(reply.headers) if not reply.body else _bodiless(reply))


async def optional_session(connection: HTTPConnection) -> Session | None:
    """The session of this request, or None. During an outage the visitor gets a 503."""
    entry = _entry(connection)
    try:
        return await entry.load()
    except Unreachable as error:
        raise Refusal(entry.failed(error)) from error


async def current_session(connection: HTTPConnection) -> Session:
    """The session of this request; who is signed out goes to sign-in or gets a 401."""
    session = await optional_session(connection)
    if session is None:
        raise Refusal(cast(Reply, await _entry(connection).guard()))
    return session


def requires(*requirements: Requirement, **wanted: Unpack[Wanted]) -> Callable[[T], T]:
    """Guards an endpoint (function or class), a Route, a Mount or any ASGI app. Bare: signed in."""
    needed = requirement(*requirements, **wanted)

    def guarded(target: T) -> T:
        return cast(T, _guarded(target, needed))

    return mark(guarded, needed)


def _guarded(target: Any, wanted: Requirement) -> object:
    if isinstance(target, Route | WebSocketRoute | Mount):
        target.app = mark(_GuardedApp(target.app, wanted), wanted)
        return target
    if inspect.isclass(target) and issubclass(target, HTTPEndpoint):
        return mark(_guarded_class(target, wanted), wanted)
    if inspect.iscoroutinefunction(target):
        return mark(_guarded_coroutine(target, wanted), wanted)
    if inspect.isroutine(target):
        return mark(_guarded_function(target, wanted), wanted)
    return mark(_GuardedApp(cast(ASGIApp, target), wanted), wanted)


def _guarded_coroutine(endpoint: Callable[..., Any], wanted: Requirement) -> Callable[..., Any]:
    @functools.wraps(endpoint)
    async def guarded(*args: Any, **kwargs: Any) -> Any:
        await _admit(_entry(_connection(endpoint, args, kwargs)), wanted)
        return await endpoint(*args, **kwargs)

    return guarded


def _guarded_function(endpoint: Callable[..., Any], wanted: Requirement) -> Callable[..., Any]:
    @functools.wraps(endpoint)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        # Starlette runs blocking endpoints in a thread, where waiting is allowed.
        reply = _entry(_connection(endpoint, args, kwargs)).guard_blocking(wanted)
        if reply is not None:
            raise Refusal(reply)
        return endpoint(*args, **kwargs)

    return guarded


def _guarded_class(endpoint: type[HTTPEndpoint], wanted: Requirement) -> type[HTTPEndpoint]:
    class Guarded(endpoint):  # type: ignore[misc, valid-type]
        async def dispatch(self) -> None:
            await _admit(entry_of(self.scope, line=LINE), wanted)
            await super().dispatch()

    functools.update_wrapper(Guarded, endpoint, updated=())
    return Guarded


class _GuardedApp:
    def __init__(self, app: ASGIApp, wanted: Requirement) -> None:
        self._app = app
        self._wanted = wanted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _admit(entry_of(scope, line=LINE), self._wanted)
        await self._app(scope, receive, send)


async def _admit(entry: AsyncEntry, wanted: Requirement | None) -> None:
    reply = await entry.guard(wanted)
    if reply is not None:
        raise Refusal(reply)


def _entry(connection: HTTPConnection) -> AsyncEntry:
    return entry_of(connection.scope, line=LINE)


def _connection(
    endpoint: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> HTTPConnection:
    for value in (*args, *kwargs.values()):
        if isinstance(value, HTTPConnection):
            return value
    raise ConfigError(f"`requires` guards functions that take the request; {endpoint.__name__} does not.")


def _bodiless(reply: Reply) -> dict[str, str]:
    return {name: value for name, value in reply.headers if name.lower() != "content-type"}


def _response(reply: Reply) -> Response:
    return Response(reply.body, reply.status, dict(reply.headers))


async def _refused(connection: HTTPConnection, error: Exception) -> Response | None:
    return await _answer(connection, cast(Refusal, error).reply)


async def _failed(connection: HTTPConnection, error: Exception) -> Response | None:
    if isinstance(error, ConfigError):  # for whoever runs the app, not for the visitor
        raise error
    return await _answer(connection, _entry(connection).failed(cast(VestibuleError, error)))


async def _answer(connection: HTTPConnection, reply: Reply) -> Response | None:
    response = _response(reply)
    if not isinstance(connection, WebSocket):
        return response
    if "websocket.http.response" in connection.scope.get("extensions", {}):
        await connection.send_denial_response(response)
    else:
        await connection.close(POLICY_VIOLATION)
    return None


def _crash(app: Starlette, error: Exception) -> ASGIApp:
    """The app's own 500 page, made where the cookies can still be added."""

    async def fail(scope: Scope, receive: Receive, send: Send) -> None:
        raise error

    handlers = app.exception_handlers
    handler: Any = handlers.get(500) or handlers.get(Exception)
    return ServerErrorMiddleware(fail, handler=handler, debug=app.debug)
