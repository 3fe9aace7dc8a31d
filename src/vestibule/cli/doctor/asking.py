"""The only way out: the configured identity server and the address given by --url, with short deadlines."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from vestibule.errors import Unreachable
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.send import Transport

DEADLINE: Final = 4.0
MOST_BYTES: Final = 1_048_576


@dataclass(frozen=True, slots=True)
class Answer:
    """With the times between which the server made it."""

    response: HttpResponse
    asked_at: float
    answered_at: float

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self.response.headers

    @property
    def text(self) -> str:
        return self.response.body.decode("utf-8", "replace")


@dataclass(slots=True)
class Asking:
    """Remembers answers; and does not wait again for a server that did not answer."""

    transport: Transport
    clock: Callable[[], float] = time.time
    _answers: dict[str, Answer] = field(default_factory=dict)
    _silent: dict[str, Unreachable] = field(default_factory=dict)

    def get(self, url: str, **headers: str) -> Answer:
        """Redirects are not followed. Raises Unreachable."""
        key = f"{url} {sorted(headers.items())}"
        if key not in self._answers:
            self._answers[key] = self._ask(url, {k.replace("_", "-"): v for k, v in headers.items()})
        return self._answers[key]

    def _ask(self, url: str, headers: dict[str, str]) -> Answer:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin in self._silent:
            raise self._silent[origin]
        asked_at = self.clock()
        request = HttpRequest("GET", url, headers=headers, deadline=DEADLINE, max_bytes=MOST_BYTES)
        try:
            response = self.transport.send(request)
        except Unreachable as silence:
            self._silent[origin] = silence
            raise
        return Answer(response, asked_at, self.clock())
