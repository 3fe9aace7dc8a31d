"""The one client for addresses that customers give. It looks a name up once and connects to what it checked,
follows nothing, believes no proxy of the environment, and gives up on time.
"""

import contextlib
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from vestibule.flow import HttpRequest, HttpResponse
from vestibule.server.outbound.addresses import Address, Reach, Resolve

if TYPE_CHECKING:
    from vestibule.server.outbound.line import Line


def look_up(host: str) -> Sequence[Address]:
    """As the machine's resolver says, `/etc/hosts` included."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    texts = dict.fromkeys(str(each[4][0]) for each in found)
    return [ipaddress.ip_address(text.partition("%")[0]) for text in texts]


class Outbound:
    """Safe in every thread. `send` raises Unreachable or its AddressRefused; any status is an answer."""

    def __init__(
        self,
        reach: Reach,
        *,
        resolve: Resolve = look_up,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.reach = reach
        self._resolve = resolve
        self._make_tls = tls
        self._clock = clock

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._make_tls()

    def send(self, request: HttpRequest) -> HttpResponse:
        with self.line() as line:
            return line.send(request)

    @contextlib.contextmanager
    def line(self) -> "Iterator[Line]":
        """For one thread and several requests: a connection stays open between those to the same host."""
        from vestibule.server.outbound.line import Line  # loading it takes longer than most of the start

        line = Line(self.reach, resolve=self._resolve, tls=self._tls, clock=self._clock)
        try:
            yield line
        finally:
            line.close()
