"""One source for blocking and async: a flow yields requests and receives responses.

    def fetch() -> Flow[bytes]:
        response = yield HttpRequest("GET", "https://id.example.com/healthz")
        return response.body

    run(fetch(), send)                  # Flask, Django, a script
    await run_async(fetch(), send)      # ASGI

A flow does no I/O, waits for nothing and never calls the application. Tests drive it by hand with
`next(flow)` and `flow.send(HttpResponse(...))`.
"""

from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias, TypeVar

from vestibule.errors import Unreachable

T = TypeVar("T")

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request the flow wants made.

    share     requests with the same key that are in flight together become one, and its answer
              serves stragglers for five seconds; None: never shared
    attempts  how often it may be tried in all when the answer is transient (408, 429, 5xx, no answer)
    deadline  seconds for everything: queueing, all attempts, reading the body
    max_bytes a longer body counts as no answer
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS, repr=False)
    body: bytes = field(default=b"", repr=False)
    share: str | None = field(default=None, repr=False)
    attempts: int = 1
    deadline: float = 3.0
    max_bytes: int = 1_048_576


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """`headers` has lower-case names."""

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS, repr=False)


Flow: TypeAlias = Generator[HttpRequest, HttpResponse, T]
Send: TypeAlias = Callable[[HttpRequest], HttpResponse]
AsyncSend: TypeAlias = Callable[[HttpRequest], Awaitable[HttpResponse]]


def run(flow: Flow[T], send: Send) -> T:
    """Drive a flow with a blocking sender. `Unreachable` from the sender is raised inside the flow."""
    try:
        request = next(flow)
        while True:
            try:
                response = send(request)
            except Unreachable as error:
                request = flow.throw(error)
            else:
                request = flow.send(response)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    finally:
        flow.close()


async def run_async(flow: Flow[T], send: AsyncSend) -> T:
    """Drive a flow with an awaitable sender. `Unreachable` from the sender is raised inside the flow."""
    try:
        request = next(flow)
        while True:
            try:
                response = await send(request)
            except Unreachable as error:
                request = flow.throw(error)
            else:
                request = flow.send(response)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    finally:
        flow.close()
