"""All that an app can reach in a test: one transport before several providers."""

from typing import Protocol
from urllib.parse import urlsplit

from vestibule.errors import Unreachable
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.send import Transport


class _Place(Transport, Protocol):
    def is_at(self, url: str, /) -> bool: ...


class Network:
    """`Auth.direct(app, a.client(), b.client(), send=Network(a, b))`: the provider that an address belongs to
    answers; everything else does not exist."""

    def __init__(self, *places: _Place) -> None:
        self._places = places

    def send(self, request: HttpRequest) -> HttpResponse:
        return self._place(request).send(request)

    async def send_async(self, request: HttpRequest) -> HttpResponse:
        return await self._place(request).send_async(request)

    def close(self) -> None:
        for place in self._places:
            place.close()

    def _place(self, request: HttpRequest) -> Transport:
        for place in self._places:
            if place.is_at(request.url):
                return place
        raise Unreachable(f"{urlsplit(request.url).netloc} is not in this network")
