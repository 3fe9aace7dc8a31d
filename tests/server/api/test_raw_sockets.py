"""What no client library would send."""

import socket
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.servers import Running


def talk(server: Running, *pieces: bytes) -> bytes:
    """Send, and read until the server closes or has said enough."""
    port = urlsplit(server.url).port or 0
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
        except ConnectionError:
            pass  # it has closed already, having answered
        answer = b""
        try:
            while b"\r\n\r\n" not in answer and (piece := connection.recv(65_536)):
                answer += piece
        except ConnectionError:
            pass
        return answer


def post(path: str, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", *headers, "", ""]
    return "\r\n".join(lines).encode()


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_SZ_1_a_chunked_body_without_end_is_cut(server: Running) -> None:
    head = post(
        "/user_management/authenticate",
        "Transfer-Encoding: chunked",
        f"Authorization: Bearer {server.api_key}",
    )
    chunk = b"1000\r\n" + b"a" * 4096 + b"\r\n"
    assert status(talk(server, head, *[chunk] * 40)) == 413


def test_SZ_1_a_length_over_the_limit_is_refused_before_the_body(server: Running) -> None:
    head = post("/user_management/authenticate", "Content-Length: 10000000")
    assert status(talk(server, head)) == 413


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\nY: b\x00\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nCookie: " + b"a" * 70_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
    ids=["negative length", "two lengths", "bad chunk", "control characters", "64 KB cookie", "TLS"],
)
def test_SZ_2_malformed_requests_are_refused_and_the_server_lives(
    server: Running, api: httpx2.Client, request_bytes: bytes
) -> None:
    answer = talk(server, request_bytes)
    assert answer == b"" or status(answer) in (400, 404, 413, 431)
    assert api.get("/healthz").status_code == 200


def test_HI_2_a_header_cannot_be_smuggled_through_an_id(server: Running) -> None:
    head = (
        f"GET /user_management/users/user%0d%0aX-Evil:1 HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {server.api_key}\r\nConnection: close\r\n\r\n"
    )
    answer = talk(server, head.encode()).lower()
    assert status(answer) == 404
    assert b"\r\nx-evil" not in answer.partition(b"\r\n\r\n")[0]
