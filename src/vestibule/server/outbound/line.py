"""A connection to an address that a customer gave: checked before it is made, and over on time."""

import ssl
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

import httpcore2

from vestibule.errors import Unreachable
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.server.outbound.addresses import Address, AddressRefused, Reach, Resolve, parse_address

Options: TypeAlias = Iterable[Any]

USER_AGENT: Final = "Vestibule"
IDLE_SECONDS: Final = 5.0


class Line:
    def __init__(
        self, reach: Reach, *, resolve: Resolve, tls: ssl.SSLContext, clock: Callable[[], float]
    ) -> None:
        self._reach = reach
        self._clock = clock
        self._network = _CheckedNetwork(reach, resolve, clock)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=tls,
            max_connections=1,
            keepalive_expiry=IDLE_SECONDS,
            http2=False,
            network_backend=self._network,
        )

    def send(self, request: HttpRequest, *, whole: bool = True) -> HttpResponse:
        """Not `whole`: what goes beyond `max_bytes` is left unread instead of counting as no answer."""
        problem = self._reach.problem_of(request.url)
        if problem is not None:
            raise AddressRefused(f"this address is never asked: {problem}")
        self._network.ends = self._clock() + request.deadline
        try:
            return self._exchange(request, whole=whole)
        except (httpcore2.TimeoutException, TimeoutError):
            raise Unreachable(f"no answer within {request.deadline:g} s") from None
        except (
            httpcore2.NetworkError,
            httpcore2.ProtocolError,
            httpcore2.UnsupportedProtocol,
            OSError,
            ValueError,  # a name that no resolver takes, as with an empty label
        ) as error:
            raise Unreachable(f"no answer: {type(error).__name__}") from None

    def close(self) -> None:
        self._pool.close()

    def _exchange(self, request: HttpRequest, *, whole: bool) -> HttpResponse:
        parts = urlsplit(request.url)
        headers = {"Host": parts.netloc, "Accept-Encoding": "identity", "User-Agent": USER_AGENT}
        headers |= request.headers
        if request.body or request.method not in ("GET", "HEAD"):
            headers["Content-Length"] = str(len(request.body))
        with self._pool.stream(
            request.method, request.url, headers=list(headers.items()), content=request.body or None
        ) as response:
            body = self._read(request, response, whole=whole)
            names = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
            }
            return HttpResponse(response.status, body, names)

    def _read(self, request: HttpRequest, response: httpcore2.Response, *, whole: bool) -> bytes:
        body = bytearray()
        for chunk in response.iter_stream():
            body += chunk
            if len(body) > request.max_bytes:
                if whole:
                    raise Unreachable(f"the answer is longer than {request.max_bytes} bytes")
                return bytes(body[: request.max_bytes])
        return bytes(body)


class _CheckedNetwork(httpcore2.NetworkBackend):
    """Connects to addresses it has checked itself, and lets nothing last beyond `ends`.

    TLS still verifies the certificate against the name: the pool asks for it by the name of the URL.
    """

    def __init__(self, reach: Reach, resolve: Resolve, clock: Callable[[], float]) -> None:
        self._reach = reach
        self._resolve = resolve
        self._clock = clock
        self._sockets = httpcore2.SyncBackend()
        self.ends = 0.0

    def left(self) -> float:
        left = self.ends - self._clock()
        if left <= 0:
            raise httpcore2.ReadTimeout("the deadline has passed")
        return left

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Options | None = None,
    ) -> httpcore2.NetworkStream:
        failure: Exception = AddressRefused("its name leads to no public address")
        for address in self._checked(host):
            try:
                stream = self._sockets.connect_tcp(str(address), port, self.left(), None, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self.left)
        raise failure

    def _checked(self, host: str) -> Sequence[Address]:
        literal = parse_address(host)
        found = [literal] if literal else _within(self.left(), lambda: self._resolve(host.rstrip(".")))
        return [address for address in found if self._reach.allows(address)]


class _TimedStream(httpcore2.NetworkStream):
    """Every wait is for what is left of the whole request: a byte now and then buys no time."""

    def __init__(self, stream: httpcore2.NetworkStream, left: Callable[[], float]) -> None:
        self._stream = stream
        self._left = left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, self._left()), self._left)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _texts(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def _within(seconds: float, call: Callable[[], Sequence[Address]]) -> Sequence[Address]:
    """Looking up a name cannot be interrupted, only left alone. Raises TimeoutError."""
    future: Future[Sequence[Address]] = Future()

    def work() -> None:
        try:
            future.set_result(call())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=work, name="vestibule-look-up", daemon=True).start()
    return future.result(seconds)
