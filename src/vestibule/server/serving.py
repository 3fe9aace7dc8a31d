"""Serving the app: the port first, so that its number is known before anything is printed, then uvicorn."""

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from vestibule.errors import ConfigError

GRACE_SECONDS: Final = 20
BACKLOG: Final = 2_048


def bind(host: str, port: int) -> list[socket.socket]:
    """Listening sockets; `localhost` means both families, so that every client finds us. Port 0 picks one."""
    if host != "localhost":
        return [_listen(host, port)]
    first = _listen("127.0.0.1", port)
    sockets = [first]
    with contextlib.suppress(ConfigError):  # a machine without IPv6, or another program on that address
        sockets.append(_listen("::1", port_of([first])))
    return sockets


def port_of(sockets: Sequence[socket.socket]) -> int:
    return int(sockets[0].getsockname()[1])


def run(app: ASGIApp, sockets: list[socket.socket], *, on_ready: "OnReady | None" = None) -> None:
    """Serve until a signal or until `on_ready`'s task asks for the end; requests under way are finished."""
    asyncio.run(serve(app, sockets, on_ready=on_ready))


async def serve(app: ASGIApp, sockets: list[socket.socket], *, on_ready: "OnReady | None" = None) -> None:
    server = Server(
        uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,  # it would write queries, which may hold tokens
            proxy_headers=False,  # the app believes only the proxies of its settings
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            backlog=BACKLOG,
        ),
        on_ready=on_ready,
    )
    await server.serve(sockets=sockets)
    if not server.started:
        raise ConfigError("The server did not start: the log above says why")


class Server(uvicorn.Server):
    """uvicorn, telling when it is ready, and ending with its own exit code after a signal."""

    def __init__(self, config: uvicorn.Config, *, on_ready: "OnReady | None") -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._task: asyncio.Future[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._on_ready is not None:
            self._task = asyncio.ensure_future(self._on_ready(self))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._task is not None:
            await self._task
        await super().shutdown(sockets)

    def stop(self) -> None:
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """A second signal stops without waiting. None is raised again: we ended as we were asked to."""
        former: dict[signal.Signals, object] = {}
        with contextlib.suppress(ValueError):  # not the main thread: whoever runs us stops us
            former = {each: signal.signal(each, self._on_signal) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in former.items():
                signal.signal(each, handler)  # type: ignore[arg-type]

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.should_exit:
            self.force_exit = True
        self.should_exit = True


OnReady = Callable[[Server], Awaitable[None]]


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only with the protocol named does asyncio set TCP_NODELAY: without it answers wait 40 ms for an ACK.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise ConfigError(_why(error, host, port), code="port_unavailable") from None
    listener.set_inheritable(False)
    return listener


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program: stop it, or choose another with --port"
    if error.errno == errno.EACCES:
        return f"Port {port} needs privileges this user does not have: choose one above 1023 with --port"
    return f"Cannot listen on {host}:{port}: {error.strerror}"
