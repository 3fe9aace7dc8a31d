"""For any ASGI app, and beneath the Starlette and FastAPI adapters: one middleware around the session core.

app = Auth(app)                                    # settings from the environment
session = await entry_of(scope).load()             # in the app: a Session or None
"""

import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast
from urllib.parse import quote

from vestibule.direct_door import DirectDoor
from vestibule.entry import AsyncEntry, in_thread
from vestibule.errors import ConfigError, NotInstalled
from vestibule.installation import Installation
from vestibule.session.core import MAX_BODY
from vestibule.session.data import Data
from vestibule.session.incoming import Incoming
from vestibule.session.model import Session
from vestibule.session.reply import NO_STORE, VARY, Reply, merge_headers
from vestibule.session.visit import Visit

if TYPE_CHECKING:
    from vestibule.direct.api import AsyncDirect
    from vestibule.direct.way import DirectWay

__all__ = ["Auth", "Connected", "Connection", "Gate", "dressed", "entry_of", "reply_app"]

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
AsgiSend: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[Scope, Receive, AsgiSend], Awaitable[None]]
Header: TypeAlias = tuple[bytes, bytes]
Crash: TypeAlias = Callable[[Exception], ASGIApp]

SCOPE_KEY = "vestibule"
STARTS = frozenset({"http.response.start", "websocket.http.response.start", "websocket.accept"})
POLICY_VIOLATION = 1008
UNRESERVED = "/!$&'()*+,;=:@~-._"
PLAIN = re.compile(r"[A-Za-z0-9/_.-]*", re.ASCII)
PRIVATE = [NO_STORE, VARY]
ENCODED_PRIVATE = [(name.lower().encode(), value.encode()) for name, value in PRIVATE]
DECIDED = frozenset({b"cache-control", b"vary", "cache-control", "vary"})  # sloppy apps send text


def entry_of(scope: Scope, *, line: str = "app = Auth(app)") -> AsyncEntry:
    """Raises NotInstalled, naming the `line` that is missing."""
    entry = scope.get(SCOPE_KEY)
    if entry is None:
        raise NotInstalled(f"This app has no `Auth`. Add the line `{line}`.")
    return cast(AsyncEntry, entry)


class Gate:
    """The middleware: answers the package's own routes and puts the session's cookies on every response.

    `crash` makes the app that answers an unhandled exception while cookies are pending: outside of here,
    where servers and frameworks answer it, they would be lost. The exception goes on up afterwards.
    `respond` makes an app of what `on_sign_in_error` returned, where the framework's responses are none.
    `writes=False` leaves the headers to an adapter that sees responses later, and calls `dressed` there.
    """

    def __init__(
        self,
        app: ASGIApp,
        installation: Installation,
        *,
        crash: Crash | None = None,
        respond: Callable[[Any], ASGIApp] | None = None,
        writes: bool = True,
    ) -> None:
        self._app = app
        self._installed = installation
        self._crash = crash or _plain_crash
        self._respond = respond
        self._writes = writes

    async def __call__(self, scope: Scope, receive: Receive, send: AsgiSend) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, self._checking(receive, send), self._closing(send))
        elif scope["type"] in ("http", "websocket"):
            mounted = self._installed.mounted
            if mounted is not None and scope["type"] == "http" and mounted.takes(split_path(scope)[1]):
                await mounted(scope, receive, send)
            else:
                await self._visit(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _visit(self, scope: Scope, receive: Receive, send: AsgiSend) -> None:
        core = self._installed.core
        incoming = read_incoming(scope)
        if scope["type"] == "http" and core.reads_body(incoming):
            incoming = replace(incoming, body=await _read_body(receive))
        entry = AsyncEntry(self._installed, core.visit(incoming))
        scope[SCOPE_KEY] = entry
        outgoing = _Outgoing(entry.visit, send, writes=self._writes)
        try:
            await self._serve(scope, receive, outgoing, entry)
        except Exception as error:
            if scope["type"] == "http" and not outgoing.started and entry.visit.pending:
                await self._crash(error)(scope, receive, outgoing)
            raise

    async def _serve(self, scope: Scope, receive: Receive, send: AsgiSend, entry: AsyncEntry) -> None:
        answer = await entry.intercept()
        app: ASGIApp = self._app
        if isinstance(answer, Reply):
            app = reply_app(answer)
        elif answer is not None:
            app = self._respond(answer) if self._respond else answer
        await app(scope, receive, send)

    def _checking(self, receive: Receive, send: AsgiSend) -> Receive:
        async def checked() -> Message:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    _ = self._installed.config
                except ConfigError as error:
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    raise
            return message

        return checked

    def _closing(self, send: AsgiSend) -> AsgiSend:
        async def closing(message: Message) -> None:
            if message["type"].startswith("lifespan.shutdown."):
                self._installed.transport.close()
            await send(message)

        return closing


def _direct(auth: Any, way: "DirectWay") -> "AsyncDirect":
    from vestibule.direct.api import AsyncDirect

    return AsyncDirect(way, auth.entry)


class Auth(Installation):
    """`app = Auth(app)` for an ASGI app of no particular framework."""

    direct = DirectDoor(_direct)

    def __init__(self, app: ASGIApp, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._gate = Gate(app, self)

    async def __call__(self, scope: Scope, receive: Receive, send: AsgiSend) -> None:
        await self._gate(scope, receive, send)

    def entry(self, scope: Scope) -> AsyncEntry:
        """Everything that can be asked or done in this request."""
        return entry_of(scope)


class Connection(Protocol):
    """What handlers hold: a request or a WebSocket of any ASGI framework."""

    @property
    def scope(self) -> Any: ...


class Connected(Installation):
    """The `Auth` of frameworks whose handlers hold a connection."""

    line = "Auth(app)"
    direct = DirectDoor(_direct)

    def entry(self, connection: Connection) -> AsyncEntry:
        """Everything that can be asked or done in this request. Raises NotInstalled."""
        return entry_of(connection.scope, line=self.line)

    async def session(self, connection: Connection) -> Session | None:
        """The session of this request, or None. Raises Unreachable."""
        return await self.entry(connection).load()

    async def refresh(self, connection: Connection, *, organization_id: str | None = None) -> Session:
        """A new access token now; in another organization, if one is given. Raises Refused, Unreachable."""
        return await self.entry(connection).refresh(organization_id=organization_id)

    async def user(self, connection: Connection) -> Any:
        """The app's own user, from `load_user`, or None when signed out. Raises Forbidden, Unreachable."""
        return await self.entry(connection).user()

    async def data(self, connection: Connection) -> Data[Any]:
        """What the app keeps for this browser, signed in or not: `value`, `update`, `clear`."""
        return await self.entry(connection).data()

    def sign_out(self, connection: Connection, *, return_to: str | None = None) -> str:
        """Ends the session with this response. The browser must go to the address it returns."""
        return self.entry(connection).sign_out(return_to=return_to)


class _Outgoing:
    """The one place where the session's headers meet the response's."""

    def __init__(self, visit: Visit, send: AsgiSend, *, writes: bool) -> None:
        self.started = False
        self._visit = visit
        self._send = send
        self._writes = writes

    async def __call__(self, message: Message) -> None:
        if message["type"] in STARTS:
            # Without our headers a copy, for a framework's cache may hold this very message.
            message = await dressed(self._visit, message) if self._writes else {**message}
            self.started = True
        await self._send(message)


async def dressed(visit: Visit, message: Message) -> Message:
    """The message that starts the response, with the session's headers; any other as it is. For adapters
    whose framework answers outside of `Gate`."""
    if message["type"] not in STARTS or visit.has_started:
        return message
    if visit.is_unsettled:
        await in_thread(visit.settle)
    ours = visit.headers()
    visit.started()
    if message["type"] == "websocket.accept":  # no response to be cached
        ours = [(name, value) for name, value in ours if name.lower() == "set-cookie"]
    return {**message, "headers": _merged(message.get("headers") or (), ours)} if ours else message


def _merged(theirs: Iterable[Header], ours: list[tuple[str, str]]) -> list[Header]:
    theirs = list(theirs)
    if ours == PRIVATE and DECIDED.isdisjoint([name.lower() for name, _ in theirs]):
        return theirs + ENCODED_PRIVATE  # the most frequent case, without a look at each header
    return _encoded(merge_headers([(_text(name), _text(value)) for name, value in theirs], ours))


def read_incoming(scope: Scope) -> Incoming:
    """Decides by `scope["path"]` and nothing that a Host header could bend."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name in headers:
            value = f"{headers[name]}{'; ' if name == 'cookie' else ', '}{value}"
        headers[name] = value
    root_path, path = split_path(scope)
    return Incoming(
        method=scope.get("method", "GET"),
        path=_quoted(path),
        query=_text(scope.get("query_string", b"")),
        headers=headers,
        scheme=scope.get("scheme", "http"),
        host=headers.get("host", ""),
        root_path=_quoted(root_path),
    )


def split_path(scope: Scope) -> tuple[str, str]:
    """What the app is mounted under, and the path below it."""
    root_path, path = scope.get("root_path", "").rstrip("/"), scope["path"]
    if root_path and (path == root_path or path.startswith(f"{root_path}/")):
        path = path[len(root_path) :]
    return root_path, path


def _quoted(path: str) -> str:
    return path if PLAIN.fullmatch(path) else quote(path, safe=UNRESERVED)


def reply_app(reply: Reply) -> ASGIApp:
    """An answer of the session core as an ASGI app."""

    async def respond(scope: Scope, receive: Receive, send: AsgiSend) -> None:
        kind = "http.response"
        if scope["type"] == "websocket":
            kind = "websocket.http.response"
            if kind not in (scope.get("extensions") or {}):  # the server makes a 403 of it
                await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": ""})
                return
        headers = [*reply.headers, ("Content-Length", str(len(reply.body)))]
        await send({"type": f"{kind}.start", "status": reply.status, "headers": _encoded(headers)})
        body = b"" if scope.get("method") == "HEAD" else reply.body
        await send({"type": f"{kind}.body", "body": body})

    return respond


async def _read_body(receive: Receive) -> bytes:
    """At most what the core reads: its own forms are short."""
    body, more = b"", True
    while more and len(body) < MAX_BODY:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body[:MAX_BODY]


def _plain_crash(error: Exception) -> ASGIApp:
    return reply_app(Reply(500, (("Content-Type", "text/plain"),), b"Internal Server Error"))


def _encoded(headers: Iterable[tuple[str, str]]) -> list[Header]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
