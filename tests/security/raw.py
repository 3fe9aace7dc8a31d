"""Bytes to a server over a socket, as no client library would send them."""

import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3}) ")
PATIENCE = 20
QUIET = 0.15
"""After an answer: how long a second one is waited for."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """All that came back before the server closed, or fell silent after an answer."""

    received: bytes
    closed: bool

    @property
    def statuses(self) -> list[int]:
        return [int(status) for status in STATUS.findall(self.received)]

    @property
    def head(self) -> list[bytes]:
        """The lines of the first answer's head, in lower case."""
        return self.received.partition(b"\r\n\r\n")[0].lower().split(b"\r\n")

    def header(self, name: bytes) -> list[bytes]:
        return [line.partition(b":")[2].strip() for line in self.head if line.startswith(name + b":")]


def talk(url: str, *parts: bytes, says_no_more: bool = False) -> Exchange:
    """Sends `parts` one after the other on one connection; and then, if asked to, closes its half of it."""
    place = urlsplit(url)
    received = b""
    with socket.create_connection((place.hostname or "", place.port or 80), timeout=PATIENCE) as line:
        try:
            for part in parts:
                line.sendall(part)
            if says_no_more:
                line.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused before all was said: the answer is what matters
        try:
            while data := line.recv(65_536):
                received += data
                line.settimeout(QUIET)
        except TimeoutError:
            return Exchange(received, closed=False)
        except OSError:
            pass
    return Exchange(received, closed=True)


def request(method: str, path: str, *headers: str, body: bytes = b"", host: str = "localhost") -> bytes:
    """`headers` are whole lines, put as they are."""
    head = "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *headers])
    return head.encode("latin-1") + b"\r\n\r\n" + body
