"""The sender: answers, faults, deadlines, attempts, workers."""

import asyncio
import gc
import os
import socket
import subprocess
import sys

import pytest

from tests.rude_server import OK, RudeServer, answering, held, in_turn
from vestibule.errors import Unreachable
from vestibule.flow import Flow, HttpRequest, HttpResponse, run, run_async
from vestibule.send import Sender, _bound, _Deadline, _TimedNetwork, blocking_transport


def test_an_answer_comes_back_whole(server: RudeServer, sender: Sender) -> None:
    server.answers["/"] = answering("201 Created", "X-Thing: A", "X-Thing: B", body=b"hello")
    response = sender.send(HttpRequest("POST", server.url("/"), {"X-Mine": "yes"}, b"payload"))
    assert (response.status, response.body) == (201, b"hello")
    assert response.headers["x-thing"] == "A, B"
    assert "x-mine: yes" in server.heads[0].lower()


def test_both_drivers_run_the_same_flow(server: RudeServer, sender: Sender) -> None:
    def flow() -> Flow[bytes]:
        response = yield HttpRequest("GET", server.url("/"))
        return response.body

    assert run(flow(), sender.send) == b"ok"
    assert asyncio.run(run_async(flow(), sender.send_async)) == b"ok"


def test_connections_are_reused(server: RudeServer, sender: Sender) -> None:
    for _ in range(5):
        sender.send(HttpRequest("GET", server.url("/")))
    assert len(server.seen) == 5
    assert server.connections == 1


def test_redirects_are_answers(server: RudeServer, sender: Sender) -> None:
    server.answers["/"] = answering("302 Found", f"Location: {server.url('/elsewhere')}")
    assert sender.send(HttpRequest("GET", server.url("/"))).status == 302
    assert server.seen == ["/"]


def test_cookies_of_one_answer_are_not_sent_with_the_next_request(server: RudeServer, sender: Sender) -> None:
    server.answers["/"] = answering("200 OK", "Set-Cookie: who=ada")
    sender.send(HttpRequest("GET", server.url("/")))
    sender.send(HttpRequest("GET", server.url("/")))
    assert "cookie" not in server.heads[1].lower()


def test_a_refused_connection_is_unreachable(sender: Sender) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unreachable, match=rf"127\.0\.0\.1:{port}: ConnectError"):
        sender.send(HttpRequest("GET", f"http://127.0.0.1:{port}/?secret=1"))


@pytest.mark.parametrize("url", ["http://[::/", "nonsense", "ftp://127.0.0.1/"])
def test_an_address_nobody_can_reach_is_unreachable(sender: Sender, url: str) -> None:
    with pytest.raises(Unreachable):
        sender.send(HttpRequest("GET", url))


def test_a_dropped_connection_is_unreachable(server: RudeServer, sender: Sender) -> None:
    server.answers["/"] = lambda s: s.shutdown(socket.SHUT_RDWR)
    with pytest.raises(Unreachable):
        sender.send(HttpRequest("GET", server.url("/")))
    assert server.seen == ["/"]


def test_half_a_body_is_unreachable(server: RudeServer, sender: Sender) -> None:
    def half(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        connection.shutdown(socket.SHUT_RDWR)

    server.answers["/"] = half
    with pytest.raises(Unreachable):
        sender.send(HttpRequest("GET", server.url("/")))


def test_a_server_that_hangs_is_given_up_at_the_deadline(server: RudeServer, sender: Sender) -> None:
    server.answers["/"] = held(server, lambda s: s.sendall(OK))
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1"):
        sender.send(HttpRequest("GET", server.url("/"), deadline=0.2))
    with pytest.raises(Unreachable):
        asyncio.run(sender.send_async(HttpRequest("GET", server.url("/"), deadline=0.2)))


@pytest.mark.parametrize(
    "start",
    [b"HTTP/1.1 200 OK\r\nX-Drip: ", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"],
    ids=["headers", "body"],
)
def test_a_server_that_drips_is_given_up_at_the_deadline(
    server: RudeServer, sender: Sender, start: bytes
) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(start)
        while not server.release.wait(0.02):
            connection.sendall(b"x")

    server.answers["/"] = drip
    with pytest.raises(Unreachable):
        sender.send(HttpRequest("GET", server.url("/"), deadline=0.3))


def test_a_head_that_drips_holds_no_worker_and_no_connection(server: RudeServer) -> None:
    """The next request would wait for minutes."""

    def drip(connection: socket.socket) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nX-Padding: " + b"x" * 1_000:
            connection.sendall(bytes([byte]))
            if server.release.wait(0.05):
                return

    server.answers["/slow"] = drip
    sender = Sender(workers=1)
    with pytest.raises(Unreachable):
        sender.send(HttpRequest("GET", server.url("/slow"), deadline=0.2))
    assert sender.send(HttpRequest("GET", server.url("/"), deadline=5.0)).status == 200
    assert server.connections == 2
    sender.close()


def test_a_body_that_is_not_whole_in_time_is_unreachable(server: RudeServer) -> None:
    now = [0.0]
    sender = Sender(clock=lambda: now[0])

    def slow(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab")
        now[0] = 60.0
        connection.sendall(b"cd")

    server.answers["/"] = slow
    with pytest.raises(Unreachable, match=r"within 5 s"):
        sender.send(HttpRequest("GET", server.url("/"), deadline=5))
    sender.close()


def test_a_body_that_is_too_long_is_unreachable(server: RudeServer, sender: Sender) -> None:
    server.answers["/"] = answering("200 OK", body=b"x" * 1001)
    with pytest.raises(Unreachable, match="longer than 1000 bytes"):
        sender.send(HttpRequest("GET", server.url("/"), max_bytes=1000))
    assert len(sender.send(HttpRequest("GET", server.url("/"), max_bytes=1001)).body) == 1001


def test_a_compressed_answer_is_not_read(server: RudeServer, sender: Sender) -> None:
    server.answers["/"] = answering("200 OK", "Content-Encoding: gzip", body=b"x")
    with pytest.raises(Unreachable, match="compressed"):
        sender.send(HttpRequest("GET", server.url("/")))


@pytest.mark.parametrize("status", ["408 Timeout", "429 Too Many", "500 Oops", "503 Busy"])
def test_transient_answers_are_tried_again(server: RudeServer, sender: Sender, status: str) -> None:
    server.answers["/"] = in_turn(answering(status), answering("200 OK", body=b"at last"))
    assert sender.send(HttpRequest("GET", server.url("/"), attempts=2)).body == b"at last"


def test_a_lost_connection_is_tried_again(server: RudeServer, sender: Sender) -> None:
    server.answers["/"] = in_turn(lambda s: s.shutdown(socket.SHUT_RDWR), lambda s: s.sendall(OK))
    assert sender.send(HttpRequest("GET", server.url("/"), attempts=3)).status == 200


def test_a_lost_reply_leaves_time_for_another_attempt(server: RudeServer, sender: Sender) -> None:
    server.answers["/"] = in_turn(held(server, lambda s: None), lambda s: s.sendall(OK))
    assert sender.send(HttpRequest("GET", server.url("/"), attempts=2, deadline=4.0)).status == 200


def test_the_last_answer_is_returned_when_all_attempts_fail(server: RudeServer, sender: Sender) -> None:
    server.answers["/"] = answering("503 Busy")
    assert sender.send(HttpRequest("GET", server.url("/"), attempts=3)).status == 503
    assert len(server.seen) == 3


def test_a_lasting_error_is_not_tried_again(server: RudeServer, sender: Sender) -> None:
    server.answers["/"] = answering("400 Bad Request")
    assert sender.send(HttpRequest("GET", server.url("/"), attempts=3)).status == 400
    assert len(server.seen) == 1


def test_retry_after_beyond_the_deadline_ends_the_attempts(server: RudeServer, sender: Sender) -> None:
    server.answers["/"] = answering("429 Slow", "Retry-After: 60")
    assert sender.send(HttpRequest("GET", server.url("/"), attempts=3)).status == 429
    assert len(server.seen) == 1


@pytest.mark.parametrize("value", ["soon", "-1", "Infinity", "1e9", "٣", "9" * 400])
def test_a_strange_retry_after_is_ignored(server: RudeServer, sender: Sender, value: str) -> None:
    body = f"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\nRetry-After: {value}\r\n\r\n".encode()
    server.answers["/"] = in_turn(lambda s: s.sendall(body), lambda s: s.sendall(OK))
    assert sender.send(HttpRequest("GET", server.url("/"), attempts=2)).status == 200


def test_a_retry_after_inside_the_deadline_is_honored(server: RudeServer, sender: Sender) -> None:
    server.answers["/"] = in_turn(answering("503 Busy", "Retry-After: 1"), lambda s: s.sendall(OK))
    assert sender.send(HttpRequest("GET", server.url("/"), attempts=2, deadline=10)).status == 200


def test_more_requests_than_workers_all_get_their_answer(server: RudeServer) -> None:
    sender = Sender(workers=2)

    async def story() -> list[HttpResponse]:
        return await asyncio.gather(
            *(sender.send_async(HttpRequest("GET", server.url(f"/{n}"), deadline=10)) for n in range(20))
        )

    assert {response.status for response in asyncio.run(story())} == {200}
    assert server.connections <= 2
    sender.close()


def test_a_request_still_queued_at_its_deadline_is_never_sent(server: RudeServer) -> None:
    sender = Sender(workers=1)
    server.answers["/slow"] = held(server, lambda s: s.sendall(OK))

    async def story() -> None:
        slow = asyncio.create_task(sender.send_async(HttpRequest("GET", server.url("/slow"), deadline=5)))
        await asyncio.to_thread(server.arrived.acquire, timeout=5)
        with pytest.raises(Unreachable):
            await sender.send_async(HttpRequest("GET", server.url("/queued"), deadline=0.05))
        server.release.set()
        assert (await slow).status == 200
        await sender.send_async(HttpRequest("GET", server.url("/next")))

    asyncio.run(story())
    assert server.seen == ["/slow", "/next"]
    sender.close()


def test_waiting_never_blocks_the_loop(server: RudeServer, sender: Sender) -> None:
    server.answers["/"] = held(server, lambda s: s.sendall(OK))

    async def story() -> HttpResponse:
        waiting = asyncio.create_task(sender.send_async(HttpRequest("GET", server.url("/"))))
        await asyncio.to_thread(server.arrived.acquire, timeout=5)
        server.release.set()  # only a loop that still turns gets here
        return await waiting

    assert asyncio.run(story()).status == 200


def test_a_sender_works_again_after_close(server: RudeServer, sender: Sender) -> None:
    sender.send(HttpRequest("GET", server.url("/")))
    sender.close()
    assert sender.send(HttpRequest("GET", server.url("/"))).status == 200
    assert server.connections == 2


def test_a_forgotten_sender_closes_its_connections(server: RudeServer) -> None:
    sender = Sender()
    sender.send(HttpRequest("GET", server.url("/")))
    del sender
    gc.collect()  # an open socket left behind would be a ResourceWarning, an error here


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_forked_child_opens_connections_of_its_own(server: RudeServer, sender: Sender) -> None:
    request = HttpRequest("GET", server.url("/"), share="k")
    sender.send(request)
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if sender.send(request).status == 200 else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(server.seen) == 2
    assert server.connections == 2


def test_a_program_error_is_not_taken_for_an_outage(sender: Sender) -> None:
    with pytest.raises(TypeError):
        sender.send(HttpRequest("GET", "http://127.0.0.1/", {"X-Number": 7}))  # type: ignore[dict-item]


def test_the_http_client_is_imported_only_when_first_used() -> None:
    code = "import sys, vestibule.send; vestibule.send.Sender(); sys.exit('httpx2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_plain_function_is_a_transport() -> None:
    transport = blocking_transport(lambda request: HttpResponse(200, request.url.encode()))
    asked = HttpRequest("GET", "https://id.example.com/")
    assert transport.send(asked).body == asyncio.run(transport.send_async(asked)).body == asked.url.encode()
    transport.close()
    sender = Sender()
    assert blocking_transport(sender) is sender


def test_tls_is_begun_within_the_time_of_the_attempt(server: RudeServer, sender: Sender) -> None:
    with pytest.raises(Unreachable):
        sender.send(HttpRequest("GET", server.url("/").replace("http:", "https:"), deadline=1.0))


def test_an_attempt_that_has_ended_reads_nothing_more() -> None:
    deadline = _Deadline()
    assert deadline.left(2.0) == 2.0
    deadline.ends = 0.0
    with pytest.raises(TimeoutError):
        deadline.left(2.0)


def test_what_has_no_pool_is_left_as_it_is() -> None:
    network = _TimedNetwork("any network")
    _bound(network)
    assert network.upper() == "ANY NETWORK"
