"""In front of the server of an example: counts what it is asked, and closes it for a while."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Door:
    """`around` goes to `running_server` as `watched`."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self._closed = False
        self._app: Any = None

    def around(self, app: Any) -> Any:
        self._app = app
        return self

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            self.asked[scope["path"]] += 1
            if self._closed:
                await send({"type": "http.response.start", "status": 503, "headers": []})
                await send({"type": "http.response.body", "body": b""})
                return
        await self._app(scope, receive, send)

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Every request gets a 503, as from a proxy whose server is away."""
        self._closed = True
        try:
            yield
        finally:
            self._closed = False
