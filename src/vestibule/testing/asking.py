"""Asking an ASGI app in the same process, from blocking and asynchronous code alike."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote, urlsplit

from vestibule.errors import Unreachable
from vestibule.flow import HttpRequest

Message = MutableMapping[str, Any]
App = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]
Answer = tuple[int, list[tuple[str, str]], bytes]

ADDRESS = ("127.0.0.1", 0)
A_MINUTE = 60.0


class Asked:
    """The app lives in an event loop of its own, in a thread of its own: whoever asks may have a loop that is
    waiting for the answer, or none."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="vestibule-lab", daemon=True)
        self._thread.start()

    def ask(self, request: HttpRequest) -> Answer:
        """Header names are in lower case. Raises Unreachable when the app has stopped."""
        if self._loop.is_closed():
            raise Unreachable("this identity server was stopped")
        return asyncio.run_coroutine_threadsafe(_answer(self._app, request), self._loop).result(A_MINUTE)

    def stop(self) -> None:
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self._loop.shutdown_asyncgens(), self._loop).result(A_MINUTE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _answer(app: App, request: HttpRequest) -> Answer:
    status, headers, body = 500, list[tuple[str, str]](), bytearray()
    arriving = [{"type": "http.request", "body": request.body, "more_body": False}]

    async def receive() -> Message:
        return arriving.pop() if arriving else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            headers.extend((name.decode().lower(), value.decode()) for name, value in message["headers"])
        else:
            body.extend(message.get("body", b""))

    await app(_scope(request), receive, send)
    return status, headers, bytes(body)


def _scope(request: HttpRequest) -> dict[str, Any]:
    url = urlsplit(request.url)
    given = {**request.headers, "host": url.netloc}
    if request.body:
        given["content-length"] = str(len(request.body))
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": unquote(url.path),
        "raw_path": url.path.encode(),
        "root_path": "",
        "query_string": url.query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
        "client": ADDRESS,
        "server": (url.hostname, url.port or (443 if url.scheme == "https" else 80)),
    }
