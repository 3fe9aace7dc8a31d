"""What a type checker says of the parts below the adapters: flows, drivers, sealing, sessions."""

from typing import assert_type

from vestibule.crypto.seal import seal
from vestibule.flow import AsyncSend, Flow, HttpRequest, HttpResponse, Send, run, run_async


def status() -> Flow[int]:
    response = yield HttpRequest("GET", "https://id.example.com/healthz")
    assert_type(response, HttpResponse)
    return response.status


def both() -> Flow[tuple[int, int]]:
    first = yield from status()
    assert_type(first, int)
    return first, (yield from status())


def blocking(send: Send) -> None:
    assert_type(run(status(), send), int)
    assert_type(run(both(), send), tuple[int, int])


async def waiting(send: AsyncSend) -> None:
    assert_type(await run_async(status(), send), int)


assert_type(seal({"a": 1}, "p" * 32), str)
