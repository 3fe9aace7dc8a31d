"""The one file that knows an HTTP client, and the one place that waits for the network.

Both sides, blocking and async, use the same blocking client in worker threads: equal requests can then be
shared across threads and event loops, and no caller that goes away takes others with it.
"""

import contextlib
import os
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from vestibule.errors import Unreachable
from vestibule.flow import HttpRequest, HttpResponse, Send

if TYPE_CHECKING:
    import httpx2

__all__ = ["Sender", "Transport", "blocking_transport"]

STRAGGLERS = 5.0
WORKERS = 32
FIRST_PAUSE = 0.1
PAUSE_GROWTH = 3

Clock = Callable[[], float]
Exchange = Callable[[HttpRequest, float], HttpResponse]
"""One attempt that may take so many seconds. Raises `Unreachable`."""


class Transport(Protocol):
    """What adapters send with: a `Sender`, or a test issuer in its place."""

    def send(self, request: HttpRequest, /) -> HttpResponse: ...

    async def send_async(self, request: HttpRequest, /) -> HttpResponse: ...

    def close(self) -> None: ...


def blocking_transport(send: Transport | Send) -> Transport:
    """A plain blocking sender as a transport: async callers wait for it in a thread."""
    return _Blocking(send) if callable(send) else send


class _Blocking:
    def __init__(self, send: Send) -> None:
        self.send = send

    async def send_async(self, request: HttpRequest) -> HttpResponse:
        import asyncio

        return await asyncio.to_thread(self.send, request)

    def close(self) -> None:
        """Whoever made the sender closes it."""


_Key = tuple[str, str, str]


@dataclass(slots=True, eq=False)
class _Flight:
    future: Future[HttpResponse]
    joinable_until: float


class Sender:
    """Sends what flows ask for. One per application; safe in every thread, event loop and forked child.

    Raises `Unreachable` when there is no answer inside the request's deadline, when the answer is too big
    or when the connection breaks. A 4xx or 5xx is an answer. `exchange` is for a server that is asked
    without a network.
    """

    def __init__(
        self, *, clock: Clock = time.monotonic, workers: int = WORKERS, exchange: Exchange | None = None
    ) -> None:
        self._clock = clock
        self._size = workers
        self._given = exchange
        self._open()

    def send(self, request: HttpRequest) -> HttpResponse:
        ends = self._clock() + request.deadline
        future = self._launch(request, ends)
        try:
            future.exception(timeout=max(0.0, ends - self._clock()))
        except TimeoutError:
            raise _late(request) from None
        return _landed(future)

    async def send_async(self, request: HttpRequest) -> HttpResponse:
        ends = self._clock() + request.deadline
        future = self._launch(request, ends)
        import asyncio

        loop, done = asyncio.get_running_loop(), asyncio.Event()

        def wake(_: Future[HttpResponse]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop that waited here may be closed by now
                loop.call_soon_threadsafe(done.set)

        future.add_done_callback(wake)
        try:
            async with asyncio.timeout(max(0.0, ends - self._clock())):
                await done.wait()
        except TimeoutError:
            if not future.done():  # else it was this loop that was late, not the answer
                raise _late(request) from None
        return _landed(future)

    def close(self) -> None:
        """Close idle connections and let the workers go. A later send opens new ones."""
        self._finalizer()
        self._open()

    def _open(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._flights: dict[_Key, _Flight] = {}
        self._client = _Client()
        self._exchange = self._given or partial(_once, self._client, self._clock)
        self._workers = _Workers(self._size)
        self._finalizer = weakref.finalize(self, _close, self._workers, self._client)

    def _launch(self, request: HttpRequest, ends: float) -> Future[HttpResponse]:
        # Sockets and threads do not survive a fork.
        if self._pid != os.getpid():  # pragma: no cover - measured in the parent only
            self._finalizer.detach()
            self._open()
        if request.share is None:
            return self._submit(request, ends, None)
        key = (request.method, request.url, request.share)
        with self._lock:
            now = self._clock()
            self._forget(now)
            flight = self._flights.get(key)
            if flight is None or flight.joinable_until <= now:
                self._flights.pop(key, None)
                flight = self._flights[key] = _Flight(Future(), ends)
                self._submit(request, ends, flight)
            return flight.future

    def _submit(self, request: HttpRequest, ends: float, flight: _Flight | None) -> Future[HttpResponse]:
        future: Future[HttpResponse] = flight.future if flight else Future()
        future.set_running_or_notify_cancel()  # from here on nobody can cancel it

        def job() -> None:
            try:
                response = _attempt(self._exchange, request, ends, self._clock)
            except BaseException as error:
                self._settle(request, flight, keep=False)
                future.set_exception(error)
            else:
                self._settle(request, flight, keep=not _is_transient(response.status))
                future.set_result(response)

        self._workers.submit(job)
        return future

    def _settle(self, request: HttpRequest, flight: _Flight | None, *, keep: bool) -> None:
        if flight is None or request.share is None:
            return
        key = (request.method, request.url, request.share)
        with self._lock:
            if self._flights.get(key) is not flight:
                return
            del self._flights[key]
            if keep:
                flight.joinable_until = self._clock() + STRAGGLERS
                self._flights[key] = flight  # last: they stay ordered by when they end

    def _forget(self, now: float) -> None:
        while self._flights:
            key, oldest = next(iter(self._flights.items()))
            if oldest.joinable_until > now:
                return
            del self._flights[key]


class _Workers:
    """Daemon threads, so that a server that never finishes cannot keep the program from ending."""

    def __init__(self, size: int) -> None:
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._size = size
        self._count = 0

    def submit(self, job: Callable[[], None]) -> None:
        self._jobs.put(job)
        if self._idle.acquire(blocking=False):
            return
        with self._lock:
            if self._count < self._size:
                self._count += 1
                threading.Thread(target=self._work, name="vestibule-send", daemon=True).start()

    def close(self) -> None:
        for _ in range(self._count):
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            del job  # an idle worker must not keep the last answer alive
            self._idle.release()


class _Client:
    """The HTTP client, made when first needed: importing it costs more than the rest of the package."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: httpx2.Client | None = None

    def get(self) -> "httpx2.Client":
        with self._lock:
            if self._made is None:
                from http.cookiejar import CookieJar, DefaultCookiePolicy

                import httpx2

                self._made = httpx2.Client(
                    headers={"Accept-Encoding": "identity", "User-Agent": "vestibule"},
                    # one client serves all users: what one answer sets, no other request may carry
                    cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
                    follow_redirects=False,
                )
                for transport in (self._made._transport, *self._made._mounts.values()):
                    _bound(transport)
            return self._made

    def close(self) -> None:
        with self._lock:
            if self._made is not None:
                self._made.close()


class _Deadline(threading.local):
    """When the attempt that this thread works on has to end."""

    ends: float = float("inf")

    def left(self, timeout: float | None) -> float:
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left if timeout is None else min(timeout, left)


_deadline = _Deadline()


class _Timed:
    """A stream whose reads end with the attempt. The client's own time-outs are for each read: an answer that
    comes byte by byte would hold a thread and a connection for as long as it likes."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _deadline.left(timeout))  # type: ignore[no-any-return]

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _deadline.left(timeout))

    def start_tls(self, *arguments: Any, **options: Any) -> "_Timed":
        return _Timed(self._stream.start_tls(*arguments, **options))


class _TimedNetwork:
    def __init__(self, network: Any) -> None:
        self._network = network

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)

    def connect_tcp(self, *arguments: Any, **options: Any) -> _Timed:
        return _Timed(self._network.connect_tcp(*arguments, **options))


def _bound(transport: Any) -> None:
    """httpx2 has no place to say this; tests/send notices when its insides have moved."""
    pool: Any = getattr(transport, "_pool", None)
    network = getattr(pool, "_network_backend", None)
    if network is not None:
        pool._network_backend = _TimedNetwork(network)


def _close(workers: _Workers, client: _Client) -> None:
    workers.close()
    client.close()


def _attempt(exchange: Exchange, request: HttpRequest, ends: float, clock: Clock) -> HttpResponse:
    """Try as often as the request allows. An attempt that has successors gets half of the time left."""
    pause, left = FIRST_PAUSE, request.attempts
    while (remaining := ends - clock()) > 0:
        left, wait = left - 1, pause
        try:
            response = exchange(request, remaining / 2 if left else remaining)
        except Unreachable:
            if not left or wait >= ends - clock():
                raise
        else:
            wait = max(pause, _retry_after(response))
            if not left or not _is_transient(response.status) or wait >= ends - clock():
                return response
        time.sleep(wait)
        pause *= PAUSE_GROWTH
    raise _late(request)


def _once(client: _Client, clock: Clock, request: HttpRequest, timeout: float) -> HttpResponse:
    http = client.get()
    import httpx2

    ends = clock() + timeout
    _deadline.ends = time.monotonic() + timeout
    try:
        with http.stream(
            request.method,
            request.url,
            headers=dict(request.headers),
            content=request.body or None,
            timeout=timeout,
        ) as response:
            body = _read(request, response, ends, clock)
            headers = {name.lower(): value for name, value in response.headers.items()}
            return HttpResponse(response.status_code, body, headers)
    except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
        raise Unreachable(f"no answer from {_host(request)}: {type(error).__name__}") from error


def _read(request: HttpRequest, response: "httpx2.Response", ends: float, clock: Clock) -> bytes:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise Unreachable(f"{_host(request)} sent a compressed answer, which was not asked for")
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > request.max_bytes:
            raise Unreachable(f"the answer of {_host(request)} is longer than {request.max_bytes} bytes")
        if clock() > ends:
            raise _late(request)
    return bytes(body)


def _retry_after(response: HttpResponse) -> float:
    value = response.headers.get("retry-after", "")
    return float(value) if value.isascii() and value.isdigit() and len(value) < 6 else 0.0


def _is_transient(status: int) -> bool:
    return status in (408, 429) or status >= 500


def _landed(future: Future[HttpResponse]) -> HttpResponse:
    error = future.exception()
    if isinstance(error, Unreachable):  # each waiter gets its own: a traceback is not for sharing
        raise Unreachable(error.message, retry_after=error.retry_after) from error
    return future.result()


def _late(request: HttpRequest) -> Unreachable:
    return Unreachable(f"no answer from {_host(request)} within {request.deadline:g} s")


def _host(request: HttpRequest) -> str:
    """Never the whole URL: its query may hold what must not reach a log."""
    try:
        return urlsplit(request.url).netloc.rpartition("@")[2] or "the server"
    except ValueError:
        return "the server"
