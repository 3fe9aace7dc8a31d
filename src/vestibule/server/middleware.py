"""What happens to every request: its id, its real address, its size, its log line, its safe headers."""

import ipaddress
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, Final

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vestibule.server.identity.context import utc_now
from vestibule.server.identity.ids import ulid
from vestibule.server.settings import Settings
from vestibule.server.tally import Tally

log = logging.getLogger("vestibule.server.requests")

BODY_LIMIT: Final = 64 * 1024
UPLOAD_LIMIT: Final = 320 * 1024
"""A picture of 256 KB, and the form around it."""
UPLOADS: Final = ("/dashboard/branding/pictures/",)
IMPORT_LIMIT: Final = 512 * 1024 * 1024
IMPORTS: Final = "/dashboard/imports/new"
"""Read only after whoever sends it was asked (dashboard/uploads.py)."""
HEAD_LIMIT: Final = 32 * 1024
"""The longest rightful request carries a sealed state of 8 KB."""
MOST_HEADERS: Final = 100
TOKENS_FOLLOW: Final = ("/user_management/invitations/by_token/",)
PROBES: Final = ("/healthz", "/readyz", "/metrics")
"""Asked every few seconds by whoever runs the process."""
YEAR: Final = 365 * 24 * 60 * 60


class TooLarge(Exception):
    """The body went on beyond the limit."""


class Edge:
    """The outermost layer. `refuse(scope, status)` makes the 413 and the 500 that nothing inside could."""

    def __init__(
        self, app: ASGIApp, *, settings: Settings, refuse: Callable[[Scope, int], Response], tally: Tally
    ) -> None:
        self._app = app
        self._refuse = refuse
        self._tally = tally
        self._networks = [ipaddress.ip_network(proxy, strict=False) for proxy in settings.trusted_proxies]
        self._headers = _safe_headers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = f"req_{ulid(utc_now())}"
        scope.setdefault("state", {})["request_id"] = request_id
        scope["client"] = _client(scope, self._networks)
        reply = _Reply(send, [(b"x-request-id", request_id.encode()), *self._headers])
        began = time.perf_counter()
        try:
            await self._answer(scope, receive, reply, request_id)
        finally:
            seconds = time.perf_counter() - began
            _write_line(scope, reply.status, seconds, request_id)
            _count(self._tally, scope, reply.status, seconds)

    async def _answer(self, scope: Scope, receive: Receive, reply: "_Reply", request_id: str) -> None:
        try:
            refused = _refused(scope)
            if refused is not None:
                await self._instead(scope, receive, reply, refused)
                return
            await self._app(scope, _Limited(receive, _limit(scope)), reply)
        except TooLarge:
            await self._instead(scope, receive, reply, 413)
        except Exception:
            log.exception("request %s failed", request_id)
            await self._instead(scope, receive, reply, 500)

    async def _instead(self, scope: Scope, receive: Receive, reply: "_Reply", status: int) -> None:
        if reply.status is not None:
            return
        response = self._refuse(scope, status)
        if scope.get("http_version", "1.1").startswith("1") and status < 500:
            response.headers["connection"] = "close"  # what else comes on it is not to be trusted
        await response(scope, receive, reply)


class _Reply:
    """The sender of one request: adds the headers every answer has, and remembers the status."""

    def __init__(self, send: Send, headers: Sequence[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._headers = headers
        self.status: int | None = None

    async def __call__(self, event: Message) -> None:
        if event["type"] == "http.response.start":
            self.status = event["status"]
            own = list(event["headers"])
            names = {name.lower() for name, _ in own}
            event["headers"] = own + [pair for pair in self._headers if pair[0] not in names]
        await self._send(event)


class _Limited:
    """Counts what arrives: a chunked body declares no length."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._seen = 0

    async def __call__(self) -> Message:
        event = await self._receive()
        self._seen += len(event.get("body", b""))
        if self._seen > self._limit:
            raise TooLarge
        return event


def _safe_headers(settings: Settings) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    ]
    if settings.secure:
        headers.append((b"strict-transport-security", b"max-age=%d" % YEAR))
    return headers


def _refused(scope: Scope) -> int | None:
    """The status for a request that is refused before anybody looks at it."""
    headers = scope["headers"]
    if {b"content-length", b"transfer-encoding"} <= {name for name, _ in headers}:
        return 400  # RFC 9112 §6.1: a proxy may have read the other one, and see another request begin
    size = len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"")
    if len(headers) > MOST_HEADERS or size + sum(map(len, chain(*headers))) > HEAD_LIMIT:
        return 431
    return 413 if _declared_length(headers) > _limit(scope) else None


def _limit(scope: Scope) -> int:
    """Of a body, in bytes."""
    if scope["path"].endswith(IMPORTS):
        return IMPORT_LIMIT
    return UPLOAD_LIMIT if any(place in scope["path"] for place in UPLOADS) else BODY_LIMIT


def _declared_length(headers: Iterable[tuple[bytes, bytes]]) -> int:
    text = next((value for name, value in headers if name == b"content-length"), b"0")
    return int(text[:20]) if text.isdigit() else 0


def _client(scope: Scope, networks: Sequence[Any]) -> tuple[str, int] | None:
    """The nearest address that is not one of our proxies. Without trusted proxies no header is believed."""
    client: tuple[str, int] | None = scope.get("client")
    if client is None or not networks or not _within(client[0], networks):
        return client
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    for address in reversed([part.strip() for line in lines for part in line.split(",")]):
        if not _is_address(address):
            break
        client = (address, 0)
        if not _within(address, networks):
            break
    return client


def _within(address: str, networks: Sequence[Any]) -> bool:
    return _is_address(address) and any(ipaddress.ip_address(address) in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _shown(path: str) -> str:
    """Some addresses of the interface end with what opens a door."""
    return next((f"{start}…" for start in TOKENS_FOLLOW if path.startswith(start)), path)


def _write_line(scope: Scope, status: int | None, seconds: float, request_id: str) -> None:
    # The raw path is percent-encoded, so it cannot forge a line; the query may carry a token and is left out.
    path = _shown(scope.get("raw_path", b"").partition(b"?")[0].decode("ascii", "replace"))
    address = scope["client"][0] if scope["client"] else "-"
    milliseconds = round(seconds * 1000)
    level = logging.DEBUG if path in PROBES else logging.INFO
    log.log(
        level, "%s %s %s %d ms %s %s", scope["method"], path, status or "-", milliseconds, address, request_id
    )


def _count(tally: Tally, scope: Scope, status: int | None, seconds: float) -> None:
    operation = operation_of(scope)
    tally.count("vestibule_requests", operation, str(status or "none"))
    tally.time(seconds, "vestibule_request_seconds", operation)


def operation_of(scope: Scope) -> str:
    """The method and the path as it is declared: never what somebody made up."""
    path = getattr(scope.get("route"), "path", None)
    return "other" if path is None else f"{scope['method']} {path}"
