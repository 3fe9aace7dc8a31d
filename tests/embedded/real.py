"""The apps over sockets: uvicorn, and a WSGI server that answers one request after the other."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx2
import uvicorn
from werkzeug.serving import make_server

from tests.embedded.apps import NAVIGATE, Built


def listen() -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.set_inheritable(True)
    return listener


@contextlib.contextmanager
def serving(built: Built, listener: socket.socket) -> Iterator[None]:
    stop, target = (_uvicorn if built.kind == "asgi" else one_at_a_time)(built.app, listener)
    thread = threading.Thread(target=target)
    thread.start()
    try:
        yield
    finally:
        stop()
        thread.join()


@contextlib.contextmanager
def browser(origin: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=origin, headers=NAVIGATE, timeout=20) as client:
        yield client


def _uvicorn(app: Any, listener: socket.socket) -> tuple[Any, Any]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none"))
    return lambda: setattr(server, "should_exit", True), lambda: server.run(sockets=[listener])


def one_at_a_time(app: Any, listener: socket.socket) -> tuple[Any, Any]:
    host, port = listener.getsockname()[:2]
    server = make_server(host, port, app, threaded=False, fd=listener.detach())
    server.log = lambda *args: None  # type: ignore[attr-defined]

    def run() -> None:
        server.serve_forever(poll_interval=0.02)
        server.server_close()

    return server.shutdown, run
