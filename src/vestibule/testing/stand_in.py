"""What stands in for the network in a test: it is asked what a `Sender` would send, in the same process."""

import asyncio
import secrets
import threading
import time
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from vestibule.errors import Unreachable
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.session.config import Config
from vestibule.testing.clock import Clock
from vestibule.testing.faults import Fault, Faults


class StandIn(Faults):
    """`requests` lists all it was asked. It tries nothing twice, as a `Sender` would: what a test sees is
    what the first answer leads to."""

    config: Config

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self.clock = clock
        self.requests: list[HttpRequest] = []
        self._lock = threading.RLock()

    def send(self, request: HttpRequest) -> HttpResponse:
        """A blocking sender. Raises Unreachable when it was told not to answer."""
        with self._lock:
            self.requests.append(request)
            fault = self._due(request)
        if fault is None:
            return self._answer(request)
        return self._misbehave(fault, request)

    async def send_async(self, request: HttpRequest) -> HttpResponse:
        """An awaitable sender."""
        await asyncio.sleep(0)
        return self.send(request)

    def close(self) -> None:
        """There is nothing to close; senders have the method."""

    def requests_to(self, part: str) -> list[HttpRequest]:
        return [request for request in self.requests if part in request.url]

    def _answer(self, request: HttpRequest) -> HttpResponse:
        raise NotImplementedError

    def _now(self) -> float:
        """The time by the server's own clock."""
        return self.clock() + self.skew

    def _misbehave(self, fault: Fault, request: HttpRequest) -> HttpResponse:
        if fault.lost:
            self._answer(request)
        if fault.slow:
            if isinstance(self.clock, Clock):
                self.clock.advance(seconds=request.deadline)
            raise Unreachable(f"no answer within {request.deadline:g} s, as the test said")
        if fault.response is None:
            raise Unreachable("the connection broke, as the test said")
        return fault.response

    def way_back(self, url: str) -> str:
        """The callback URL that somebody really comes back with."""
        if not self.foreign_state:
            return url
        address, _, query = url.partition("?")
        answer = dict(parse_qsl(query)) | {"state": secrets.token_urlsafe(32)}
        return f"{address}?{urlencode(answer)}"
