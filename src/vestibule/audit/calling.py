"""One request to an app, in this process or on this machine: what a probe sees of the answer."""

import asyncio
import contextlib
import http.client
import io
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from vestibule.audit.judging import REDIRECT_URI, STAND_INS
from vestibule.audit.model import WEBSOCKET, Surface
from vestibule.errors import ConfigError
from vestibule.installation import Installation

ENOUGH = 2048
PATIENCE = 10.0

Message = MutableMapping[str, Any]
ASGIApp = Callable[
    [dict[str, Any], Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]


@dataclass(frozen=True, slots=True)
class Ask:
    """`method` is WEBSOCKET for the handshake of one."""

    method: str
    address: str
    headers: tuple[tuple[str, str], ...] = (("Accept", "application/json"),)


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` 0: the app raised, or nobody answered; `error` says what."""

    status: int
    body: bytes = field(default=b"", repr=False)
    error: str = ""

    @property
    def is_data(self) -> bool:
        return 200 <= self.status < 300 or self.status == 101


class Caller(Protocol):
    def __call__(self, asks: Iterable[Ask]) -> list[Answer]: ...


def caller_of(surface: Surface, url: str | None = None) -> Caller:
    """Over HTTP where a URL is given, else in this process, with stand-ins for settings that are missing."""
    if url is not None:
        return over_http(url)
    host = surface.host or _host_of(surface.installation)
    return in_asgi(surface.serve, host) if surface.is_asgi else in_wsgi(surface.serve, host)


def _host_of(installation: Installation | None) -> str:
    if installation is None:
        return "localhost"
    try:
        config = installation.config
    except ConfigError:
        installation.fill_in(redirect_uri=REDIRECT_URI, **STAND_INS)
        config = installation.config
    return urlsplit(config.origin).netloc


def over_http(url: str) -> Caller:
    """Raises ConfigError for an address that is not on this machine."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not is_loopback(parts.hostname or ""):
        raise ConfigError(f"{url} is not on this machine. A probe only calls http://localhost and 127.0.0.1.")
    port = parts.port or 80
    host = "127.0.0.1" if parts.hostname == "localhost" else str(parts.hostname)

    def call(asks: Iterable[Ask]) -> list[Answer]:
        return [_over_http(host, port, parts.netloc, ask) for ask in asks if ask.method != WEBSOCKET]

    return call


def is_loopback(host: str) -> bool:
    """By its text alone: a name that the network resolves could lead anywhere."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _over_http(host: str, port: int, netloc: str, ask: Ask) -> Answer:
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    try:
        connection.request(ask.method, ask.address, headers={"Host": netloc, **dict(ask.headers)})
        response = connection.getresponse()
        return Answer(response.status, response.read1(ENOUGH))
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, error=f"{type(error).__name__}: {error}")
    finally:
        connection.close()


def in_wsgi(app: Any, host: str) -> Caller:
    def call(asks: Iterable[Ask]) -> list[Answer]:
        return [_in_wsgi(app, host, ask) for ask in asks if ask.method != WEBSOCKET]

    return call


def _in_wsgi(app: Any, host: str, ask: Ask) -> Answer:
    path, _, query = ask.address.partition("?")
    name, _, port = host.partition(":")
    environ = {
        "REQUEST_METHOD": ask.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path, "latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": name,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": "0",
        "HTTP_HOST": host,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{f"HTTP_{header.upper().replace('-', '_')}": value for header, value in ask.headers},
    }
    started: list[int] = []

    def start(status: str, headers: list[tuple[str, str]], *crash: Any) -> Callable[[bytes], object]:
        started[:] = [int(status.partition(" ")[0])]
        return lambda data: None

    chunks: Any = ()
    try:
        chunks = app(environ, start)
        first = next(iter(chunks), b"")
        return Answer(started[0] if started else 0, bytes(first)[:ENOUGH])
    except Exception as error:
        return Answer(0, error=f"{type(error).__name__}: {error}")
    finally:
        if hasattr(chunks, "close"):
            chunks.close()


def in_asgi(app: ASGIApp, host: str) -> Caller:
    """With the app's lifespan around all of it."""

    def call(asks: Iterable[Ask]) -> list[Answer]:
        return asyncio.run(_in_asgi(app, host, list(asks)))

    return call


async def _in_asgi(app: ASGIApp, host: str, asks: list[Ask]) -> list[Answer]:
    async with _lifespan(app):
        return [await _ask_asgi(app, host, ask) for ask in asks]


@contextlib.asynccontextmanager
async def _lifespan(app: ASGIApp) -> Any:
    """Apps that know of none raise, and are asked all the same."""
    arriving: asyncio.Queue[Message] = asyncio.Queue()
    leaving: asyncio.Queue[Message] = asyncio.Queue()
    task = asyncio.ensure_future(
        app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, arriving.get, leaving.put)
    )
    await arriving.put({"type": "lifespan.startup"})
    await _either(task, leaving)
    try:
        yield
    finally:
        if not task.done():
            await arriving.put({"type": "lifespan.shutdown"})
            await _either(task, leaving)
        task.cancel()
        with contextlib.suppress(BaseException):
            await task


async def _either(task: "asyncio.Future[None]", leaving: "asyncio.Queue[Message]") -> None:
    reading = asyncio.ensure_future(leaving.get())
    either: list[asyncio.Future[Any]] = [task, reading]
    await asyncio.wait(either, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    reading.cancel()


async def _ask_asgi(app: ASGIApp, host: str, ask: Ask) -> Answer:
    """Until there is a status and a first piece of the body: some answers never end."""
    exchange = _Exchange(is_socket=ask.method == WEBSOCKET)
    task = asyncio.ensure_future(app(_scope(host, ask), exchange.receive, exchange.send))
    waiting = asyncio.ensure_future(exchange.answered.wait())
    try:
        await asyncio.wait([task, waiting], timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if task.done() and not exchange.answered.is_set() and task.exception() is not None:
            error = task.exception()
            return Answer(exchange.status, error=f"{type(error).__name__}: {error}")
        return Answer(exchange.status, exchange.body[:ENOUGH])
    finally:
        exchange.gone.set()
        if not task.done():
            await asyncio.wait([task], timeout=0.2)
        for each in (task, waiting):
            each.cancel()
            with contextlib.suppress(BaseException):
                await each


class _Exchange:
    """What the app is told and what it says. A WebSocket that is accepted counts as status 101."""

    def __init__(self, *, is_socket: bool) -> None:
        self.status, self.body = 0, b""
        self.answered, self.gone = asyncio.Event(), asyncio.Event()
        self._kind = "websocket" if is_socket else "http"
        first: Message = {"type": "http.request", "body": b"", "more_body": False}
        self._arriving = [{"type": "websocket.connect"} if is_socket else first]

    async def receive(self) -> Message:
        if self._arriving:
            return self._arriving.pop()
        await self.gone.wait()
        return {"type": f"{self._kind}.disconnect", "code": 1001}

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "websocket.accept":
            self._decide(101)
        elif kind == "websocket.close":
            self._decide(403)
        elif kind.endswith("response.start"):
            self.status = message["status"]
        elif kind.endswith("response.body"):
            self.body += message.get("body", b"")
            self.answered.set()

    def _decide(self, status: int) -> None:
        self.status = self.status or status
        self.answered.set()


def _scope(host: str, ask: Ask) -> dict[str, Any]:
    path, _, query = ask.address.partition("?")
    is_socket = ask.method == WEBSOCKET
    name, _, port = host.partition(":")
    headers = [("host", host), *ask.headers]
    scope: dict[str, Any] = {
        "type": "websocket" if is_socket else "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "scheme": "ws" if is_socket else "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(header.lower().encode(), value.encode("latin-1")) for header, value in headers],
        "client": ("127.0.0.1", 1),
        "server": (name, int(port or 80)),
        "state": {},
    }
    scope["subprotocols" if is_socket else "method"] = [] if is_socket else ask.method
    return scope
