"""Real servers over sockets: the app's, and an identity server that speaks HTTP."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import uvicorn
from werkzeug.serving import make_server

from vestibule.errors import Unreachable
from vestibule.flow import HttpRequest
from vestibule.testing import TestIssuer
from vestibule.testing.issuer import create_config


@contextlib.contextmanager
def issuer_over_http(redirect_uri: str) -> Iterator[TestIssuer]:
    issuers: list[TestIssuer] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                response = issuers[0].send(HttpRequest(self.command, self.path, {}, body))
            except Unreachable:
                self.close_connection = True
                return
            self.send_response(response.status)
            self.send_header("Content-Length", str(len(response.body)))
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(response.body)

        do_GET = do_POST = answer  # noqa: N815 - http.server finds them by these names

        def log_message(self, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        config = create_config(url=f"http://127.0.0.1:{server.server_port}", redirect_uri=redirect_uri)
        issuers.append(TestIssuer(config))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield issuers[0]
        server.shutdown()
        thread.join()


@contextlib.contextmanager
def serving(app: Any, listener: socket.socket, *, kind: str) -> Iterator[None]:
    """The app on a socket that listens already, by uvicorn or by Werkzeug's threaded server."""
    stop, target = (_uvicorn if kind == "asgi" else _werkzeug)(app, listener)
    thread = threading.Thread(target=target)
    thread.start()
    yield
    stop()
    thread.join()


def _uvicorn(app: Any, listener: socket.socket) -> tuple[Any, Any]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none"))
    return lambda: setattr(server, "should_exit", True), lambda: server.run(sockets=[listener])


def _werkzeug(app: Any, listener: socket.socket) -> tuple[Any, Any]:
    host, port = listener.getsockname()[:2]
    server = make_server(host, port, app, threaded=True, fd=listener.detach())
    server.log = lambda *args: None  # type: ignore[attr-defined]

    def run() -> None:
        server.serve_forever(poll_interval=0.02)
        server.server_close()

    return server.shutdown, run
