"""The identity server inside a Django project (`VESTIBULE = {"embedded": {…}}`): its answers as Django's."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from vestibule.django.responses import response
from vestibule.installation import Mounted

PIECE = 65_536


def answer(server: Mounted, request: HttpRequest) -> HttpResponseBase:
    started: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], *crash: Any) -> Any:
        started[:] = [int(status.partition(" ")[0]), headers]
        return lambda data: None

    # Django has decoded these two, and WSGI hands bytes over as latin-1 (PEP 3333).
    places = {name: request.META[name].encode().decode("latin-1") for name in ("PATH_INFO", "SCRIPT_NAME")}
    chunks = server.wsgi({**request.META, **places}, start)
    try:
        body = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    status, headers = started
    return response(status, headers, body)


async def answer_async(server: Mounted, request: HttpRequest) -> HttpResponseBase:
    """Django has read the body already, so the server gets it anew: by pieces, for it stops where it is too
    long, and Django has put a long one on the disk."""
    started: dict[str, Any] = {}
    chunks: list[bytes] = []

    async def receive() -> dict[str, Any]:
        piece = request.read(PIECE)
        return {"type": "http.request", "body": piece, "more_body": bool(piece)}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
        else:
            chunks.append(message.get("body", b""))

    await server(request.scope, receive, send)  # type: ignore[attr-defined]
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in started["headers"]]
    return response(started["status"], headers, b"".join(chunks))
