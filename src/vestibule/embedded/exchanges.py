"""A request and its answer, whole, between the app and the server inside it: neither is ever large."""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import quote

from vestibule.server.middleware import BODY_LIMIT

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]
Header: TypeAlias = tuple[bytes, bytes]

UNRESERVED: Final = "/!$&'()*+,;=:@~-._"


@dataclass(frozen=True, slots=True)
class Asked:
    """`path` is below what the server is mounted under. A `body` beyond the limit is cut after it: the server
    refuses it by its length."""

    method: str
    path: str
    query: bytes = field(default=b"", repr=False)
    headers: tuple[Header, ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    scheme: str = "http"
    client: tuple[str, int] | None = None

    def first(self, name: bytes) -> str:
        return next((value.decode("latin-1") for each, value in self.headers if each == name), "")


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    headers: tuple[Header, ...] = field(repr=False)
    body: bytes = field(repr=False)


async def call(app: ASGIApp, asked: Asked) -> Answered:
    """An ASGI app, called as a server calls it."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": asked.method,
        "scheme": asked.scheme,
        "path": asked.path,
        "raw_path": quote(asked.path, safe=UNRESERVED).encode(),
        "query_string": asked.query,
        "root_path": "",
        "headers": list(asked.headers),
        "client": asked.client,
        "server": None,
    }
    arrived = iter([{"type": "http.request", "body": asked.body, "more_body": False}])
    began: Message = {}
    chunks: list[bytes] = []

    async def receive() -> Message:
        return next(arrived, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            began.update(message)
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))

    await app(scope, receive, send)
    return Answered(began["status"], tuple(began["headers"]), b"".join(chunks))


async def read_scope(scope: MutableMapping[str, Any], path: str, receive: Receive) -> Asked:
    body, more = b"", True
    while more and len(body) <= BODY_LIMIT:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    client = scope.get("client")
    return Asked(
        method=scope["method"],
        path=path,
        query=scope.get("query_string", b""),
        headers=tuple((name.lower(), value) for name, value in scope["headers"]),
        body=body,
        scheme=scope.get("scheme", "http"),
        client=(client[0], client[1]) if client else None,
    )


async def send_answer(answered: Answered, send: Send) -> None:
    await send({"type": "http.response.start", "status": answered.status, "headers": list(answered.headers)})
    await send({"type": "http.response.body", "body": answered.body})


def read_environ(environ: "WSGIEnvironment", path: str) -> Asked:
    headers = [
        (name[5:].replace("_", "-").lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in environ.items()
        if name.startswith("HTTP_")
    ]
    for variable, name in (("CONTENT_TYPE", b"content-type"), ("CONTENT_LENGTH", b"content-length")):
        if environ.get(variable):
            headers.append((name, environ[variable].encode("latin-1")))
    address = environ.get("REMOTE_ADDR")
    return Asked(
        method=environ["REQUEST_METHOD"],
        path=path,
        query=environ.get("QUERY_STRING", "").encode("latin-1"),
        headers=tuple(headers),
        body=_body(environ),
        scheme=environ.get("wsgi.url_scheme", "http"),
        client=(address, 0) if address else None,
    )


def _body(environ: "WSGIEnvironment") -> bytes:
    """A WSGI server without `wsgi.input_terminated` would wait for ever for more than was announced."""
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isascii() and length.isdigit():
        wanted = min(int(length[:20]), BODY_LIMIT + 1)
    else:
        wanted = BODY_LIMIT + 1 if environ.get("wsgi.input_terminated") else 0
    try:
        return environ["wsgi.input"].read(wanted) if wanted else b""
    except OSError:  # broken off: a form without its token is refused
        return b""


def start_answer(answered: Answered, start_response: "StartResponse") -> None:
    status = HTTPStatus(answered.status)
    headers = [
        (name.decode("latin-1").title(), value.decode("latin-1"))
        for name, value in answered.headers
        if name != b"connection"  # PEP 3333: the server's own business
    ]
    start_response(f"{status.value} {status.phrase}", headers)
