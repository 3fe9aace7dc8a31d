"""Equal requests in flight become one, across threads and event loops, and nobody is harmed by it."""

import asyncio
import socket
import threading

import pytest

from tests.rude_server import OK, RudeServer, answering, held, in_turn
from vestibule.errors import Unreachable
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.send import Sender


def test_equal_requests_in_flight_become_one_across_threads(server: RudeServer, sender: Sender) -> None:
    server.answers["/"] = held(server, lambda s: s.sendall(OK))
    request = HttpRequest("GET", server.url("/"), share="k")
    results: list[HttpResponse] = []
    threads = [threading.Thread(target=lambda: results.append(sender.send(request))) for _ in range(20)]
    for thread in threads:
        thread.start()
    server.arrived.acquire(timeout=5)
    server.release.set()
    for thread in threads:
        thread.join()
    assert [r.body for r in results] == [b"ok"] * 20
    assert server.seen == ["/"]


def test_equal_requests_in_flight_become_one_across_loops_and_threads(
    server: RudeServer, sender: Sender
) -> None:
    server.answers["/"] = held(server, lambda s: s.sendall(OK))
    request = HttpRequest("GET", server.url("/"), share="k")
    results: list[HttpResponse] = []

    async def several() -> None:
        results.extend(await asyncio.gather(*(sender.send_async(request) for _ in range(5))))

    threads = [threading.Thread(target=lambda: asyncio.run(several())) for _ in range(3)]
    threads.append(threading.Thread(target=lambda: results.append(sender.send(request))))
    for thread in threads:
        thread.start()
    server.arrived.acquire(timeout=5)
    server.release.set()
    for thread in threads:
        thread.join()
    assert len(results) == 16
    assert server.seen == ["/"]


def test_different_keys_methods_and_addresses_are_never_shared(server: RudeServer, sender: Sender) -> None:
    sender.send(HttpRequest("GET", server.url("/a"), share="one"))
    sender.send(HttpRequest("GET", server.url("/a"), share="two"))
    sender.send(HttpRequest("POST", server.url("/a"), share="one"))
    sender.send(HttpRequest("GET", server.url("/b"), share="one"))
    sender.send(HttpRequest("GET", server.url("/a")))
    sender.send(HttpRequest("GET", server.url("/a")))
    assert len(server.seen) == 6


def test_a_cancelled_leader_harms_nobody(server: RudeServer, sender: Sender) -> None:
    server.answers["/"] = held(server, lambda s: s.sendall(OK))
    request = HttpRequest("GET", server.url("/"), share="k")

    async def story() -> HttpResponse:
        leader = asyncio.create_task(sender.send_async(request))
        await asyncio.to_thread(server.arrived.acquire, timeout=5)
        follower = asyncio.create_task(sender.send_async(request))
        await asyncio.sleep(0)
        leader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leader
        server.release.set()
        return await follower

    assert asyncio.run(story()).body == b"ok"
    assert server.seen == ["/"]


def test_a_loop_that_is_gone_does_not_disturb_the_answer(server: RudeServer, sender: Sender) -> None:
    server.answers["/"] = held(server, lambda s: s.sendall(OK))
    request = HttpRequest("GET", server.url("/"), share="k")

    async def leave() -> None:
        task = asyncio.create_task(sender.send_async(request))
        await asyncio.to_thread(server.arrived.acquire, timeout=5)
        task.cancel()

    asyncio.run(leave())
    server.release.set()
    assert sender.send(request).body == b"ok"
    assert server.seen == ["/"]


def test_stragglers_get_the_same_answer_for_five_seconds(server: RudeServer) -> None:
    now = [100.0]
    sender = Sender(clock=lambda: now[0])
    request = HttpRequest("POST", server.url("/"), share="k")
    for seconds in (0.0, 4.9):
        now[0] = 100.0 + seconds
        sender.send(request)
    assert len(server.seen) == 1
    now[0] = 105.0
    sender.send(request)
    assert len(server.seen) == 2
    sender.close()


def test_what_stragglers_no_longer_need_is_forgotten(server: RudeServer) -> None:
    now = [0.0]
    sender = Sender(clock=lambda: now[0])
    for number in range(50):
        now[0] = float(number)
        sender.send(HttpRequest("GET", server.url("/"), share=str(number)))
    assert len(sender._flights) <= 6
    sender.close()


@pytest.mark.parametrize("status", ["500 Oops", "429 Slow"])
def test_a_passing_fault_is_not_kept_for_stragglers(server: RudeServer, sender: Sender, status: str) -> None:
    server.answers["/"] = in_turn(answering(status), lambda s: s.sendall(OK))
    request = HttpRequest("GET", server.url("/"), share="k")
    assert sender.send(request).status != 200
    assert sender.send(request).status == 200


def test_waiters_share_a_fault_each_with_an_exception_of_its_own(server: RudeServer, sender: Sender) -> None:
    def drop(connection: socket.socket) -> None:
        server.release.wait(5)
        connection.shutdown(socket.SHUT_RDWR)

    server.answers["/"] = drop
    request = HttpRequest("GET", server.url("/"), share="k")

    async def story() -> list[HttpResponse | BaseException]:
        waiters = [asyncio.create_task(sender.send_async(request)) for _ in range(3)]
        await asyncio.to_thread(server.arrived.acquire, timeout=5)
        server.release.set()
        return await asyncio.gather(*waiters, return_exceptions=True)

    errors = asyncio.run(story())
    assert all(isinstance(error, Unreachable) for error in errors)
    assert len({id(error) for error in errors}) == 3
    assert server.seen == ["/"]


def test_nobody_joins_a_request_that_outlived_its_deadline(server: RudeServer, sender: Sender) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        while not server.release.wait(0.02):
            connection.sendall(b"x")

    server.answers["/"] = in_turn(drip, lambda s: s.sendall(OK))
    with pytest.raises(Unreachable):
        sender.send(HttpRequest("GET", server.url("/"), share="k", deadline=0.2))
    assert sender.send(HttpRequest("GET", server.url("/"), share="k", deadline=10)).status == 200


def test_a_server_that_is_asked_without_a_network_is_shared_and_asked_again_too() -> None:
    asked: list[str] = []

    def exchange(request: HttpRequest, seconds: float) -> HttpResponse:
        asked.append(request.url)
        if len(asked) == 1:
            raise Unreachable("not yet")
        return HttpResponse(200, b"ok")

    sender = Sender(exchange=exchange)
    request = HttpRequest("POST", "https://id.example.com/token", share="k", attempts=2)
    assert sender.send(request).body == b"ok"
    assert asyncio.run(sender.send_async(request)).body == b"ok"  # a straggler
    assert len(asked) == 2
    sender.close()
