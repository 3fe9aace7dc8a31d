"""A provider on a free port of this machine, for browsers and for apps in other processes."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from vestibule.flow import HttpRequest, HttpResponse

MAX_BODY = 65_536
Answer = Callable[[HttpRequest], HttpResponse | None]
"""None: the connection is closed without a word."""


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for each, and no socket is left behind

    def __init__(self, address: tuple[str, int], answer: Answer) -> None:
        super().__init__(address, _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.answer = answer
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Browsers open connections before they have anything to say."""
        for request in list(self._open):
            with contextlib.suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    # HTTP/1.0: every answer ends its connection, so none is open when the test ends.
    server: _Server

    def do_GET(self) -> None:
        address = self.server.url + self.path
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(min(int(headers.get("content-length", "0")), MAX_BODY))
        answer = self.server.answer(HttpRequest(self.command, address, headers, body))
        if answer is None:
            return
        with contextlib.suppress(OSError):  # whoever asked may be gone by now
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

    do_POST = do_GET  # noqa: N815 - what http.server calls

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: addresses hold codes."""


@contextlib.contextmanager
def serve(answer: Answer, *, port: int = 0) -> Iterator[str]:
    """Its address, while this lasts."""
    server = _Server(("127.0.0.1", port), answer)
    thread = threading.Thread(
        target=server.serve_forever, args=(0.02,), name="vestibule-provider", daemon=True
    )
    thread.start()
    try:
        yield server.url
    finally:
        server.shutdown()
        thread.join()
        server.hang_up()
        server.server_close()
