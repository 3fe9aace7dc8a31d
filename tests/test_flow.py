import asyncio
from collections.abc import Iterator

import pytest

from vestibule.errors import Unreachable
from vestibule.flow import Flow, HttpRequest, HttpResponse, run, run_async

FIRST = HttpRequest("GET", "https://id.example.com/one")
SECOND = HttpRequest("POST", "https://id.example.com/two", body=b"secret")


def two_requests() -> Flow[list[bytes]]:
    one = yield FIRST
    two = yield SECOND
    return [one.body, two.body]


def patient() -> Flow[str]:
    try:
        yield FIRST
    except Unreachable as error:
        response = yield SECOND
        return f"{error.message}, then {response.status}"
    return "answered"


def test_a_flow_is_driven_by_hand() -> None:
    flow = two_requests()
    assert next(flow) is FIRST
    assert flow.send(HttpResponse(200, b"1")) is SECOND
    with pytest.raises(StopIteration) as stop:
        flow.send(HttpResponse(200, b"2"))
    assert stop.value.value == [b"1", b"2"]


def test_both_drivers_give_the_same_result() -> None:
    def send(request: HttpRequest) -> HttpResponse:
        return HttpResponse(200, request.url[-3:].encode())

    async def send_async(request: HttpRequest) -> HttpResponse:
        await asyncio.sleep(0)
        return send(request)

    assert run(two_requests(), send) == [b"one", b"two"]
    assert asyncio.run(run_async(two_requests(), send_async)) == [b"one", b"two"]


def test_unreachable_is_raised_inside_the_flow() -> None:
    def send(request: HttpRequest) -> HttpResponse:
        if request is FIRST:
            raise Unreachable("no answer")
        return HttpResponse(204)

    async def send_async(request: HttpRequest) -> HttpResponse:
        return send(request)

    assert run(patient(), send) == "no answer, then 204"
    assert asyncio.run(run_async(patient(), send_async)) == "no answer, then 204"


def test_unreachable_leaves_a_flow_that_does_not_expect_it() -> None:
    def send(request: HttpRequest) -> HttpResponse:
        raise Unreachable("no answer", retry_after=7)

    with pytest.raises(Unreachable) as caught:
        run(two_requests(), send)
    assert caught.value.retry_after == 7


@pytest.mark.parametrize("driver", ["blocking", "async"])
def test_a_flow_is_closed_when_its_sender_breaks(driver: str) -> None:
    closed: list[str] = []

    def watched() -> Iterator[HttpRequest]:
        try:
            yield FIRST
        finally:
            closed.append("closed")

    def send(request: HttpRequest) -> HttpResponse:
        raise ZeroDivisionError

    async def send_async(request: HttpRequest) -> HttpResponse:
        raise ZeroDivisionError

    def drive() -> None:
        if driver == "blocking":
            run(watched(), send)  # type: ignore[arg-type]
        else:
            asyncio.run(run_async(watched(), send_async))  # type: ignore[arg-type]

    with pytest.raises(ZeroDivisionError):
        drive()
    assert closed == ["closed"]


def test_secrets_stay_out_of_a_repr() -> None:
    assert "secret" not in repr(SECOND)
    assert "secret" not in repr(HttpResponse(200, b"secret", {"set-cookie": "secret"}))
    assert "secret" not in repr(HttpRequest("GET", "https://id.example.com", share="secret"))
