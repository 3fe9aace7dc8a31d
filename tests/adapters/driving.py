"""An ASGI app driven by hand."""

import asyncio
from typing import Any


def scope(path: str = "/", **more: Any) -> dict[str, Any]:
    headers = [(name.encode(), value.encode()) for name, value in more.pop("headers", ())]
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"testserver"), *headers],
        **more,
    }


def drive(app: Any, scope: dict[str, Any], *received: dict[str, Any]) -> list[dict[str, Any]]:
    """Everything the app sends."""
    sent: list[dict[str, Any]] = []
    waiting = list(received)

    async def receive() -> dict[str, Any]:
        if not waiting and scope["type"] == "websocket":
            await asyncio.Event().wait()  # the browser says nothing more
        return waiting.pop(0) if waiting else {"type": "http.request"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(dict(message))

    async def story() -> None:
        try:
            await app(scope, receive, send)
        except RuntimeError as error:
            sent.append({"type": "raised", "error": error})

    asyncio.run(story())
    return sent
