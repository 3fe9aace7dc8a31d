"""A transport that answers some addresses itself: what a flow asks of the app, not of the network."""

from collections.abc import Callable

from vestibule.flow import HttpRequest, HttpResponse
from vestibule.send import Transport


class Alongside:
    """Requests to `address` go to `answer`, which may block; all others to `transport`."""

    def __init__(
        self, transport: Transport, address: str, answer: Callable[[HttpRequest], HttpResponse]
    ) -> None:
        self.transport = transport
        self._address = f"{address}?"
        self._answer = answer

    def send(self, request: HttpRequest) -> HttpResponse:
        is_ours = request.url.startswith(self._address)
        return self._answer(request) if is_ours else self.transport.send(request)

    async def send_async(self, request: HttpRequest) -> HttpResponse:
        if not request.url.startswith(self._address):
            return await self.transport.send_async(request)
        import asyncio

        return await asyncio.to_thread(self._answer, request)

    def close(self) -> None:
        self.transport.close()
