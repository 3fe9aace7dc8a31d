"""One GET to an app in this process, as its server would make it: ASGI or WSGI."""

import asyncio
import io
import sys
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit


def call(app: Any, path: str, *, origin: str, is_asgi: bool) -> tuple[int, dict[str, str]]:
    """Status and headers."""
    return asyncio.run(_asgi(app, path, origin)) if is_asgi else _wsgi(app, path, origin)


async def _asgi(app: Any, path: str, origin: str) -> tuple[int, dict[str, str]]:
    parts = urlsplit(origin)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": parts.scheme,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", parts.netloc.encode()), (b"accept", b"text/html")],
        "client": ("127.0.0.1", 0),
        "server": (parts.hostname, parts.port or 80),
        "state": {},
    }
    started: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            started.append(message)

    await app(scope, receive, send)
    headers = {name.decode().lower(): value.decode() for name, value in started[0]["headers"]}
    return int(started[0]["status"]), headers


def _wsgi(app: Any, path: str, origin: str) -> tuple[int, dict[str, str]]:
    parts = urlsplit(origin)
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": parts.hostname or "",
        "SERVER_PORT": str(parts.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": parts.netloc,
        "HTTP_ACCEPT": "text/html",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        started.append((status, headers))
        return lambda data: None

    body: Iterable[bytes] = app(environ, start_response)
    for _chunk in body:
        pass
    status, headers = started[-1]
    return int(status.split()[0]), {name.lower(): value for name, value in headers}
