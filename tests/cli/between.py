"""A small proxy that spoils what passes through it, one thing at a time."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2

HOP = {"connection", "transfer-encoding", "content-length", "content-encoding", "keep-alive"}


@dataclass(slots=True)
class Proxy:
    """`answers`: a status for paths that begin so, in place of the server's. `drops`: headers lost on either
    way. `adds`: headers put in the answer's place."""

    url: str = ""
    target: str = ""
    answers: dict[str, int] = field(default_factory=dict)
    drops: set[str] = field(default_factory=set)
    adds: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@contextlib.contextmanager
def proxy() -> Iterator[Proxy]:
    between = Proxy()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            between.asked.append(self.path)
            for path, status in between.answers.items():
                if self.path.startswith(path):
                    self._write(status, {}, b"")
                    return
            kept = {k: v for k, v in self.headers.items() if k.lower() not in between.drops}
            answer = httpx2.get(between.target + self.path, headers=kept, timeout=20)
            self._write(answer.status_code, dict(answer.headers.items()), answer.content)

        def _write(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in {**headers, **between.adds}.items():
                if name.lower() not in HOP | between.drops:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("localhost", 0), Handler)
    between.url = f"http://localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield between
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)
