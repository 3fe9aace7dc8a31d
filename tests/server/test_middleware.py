"""The outermost layer, driven by hand: addresses, sizes, faults and what is logged of them."""

import asyncio
import logging
from typing import Any

import pytest
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from vestibule.server.middleware import BODY_LIMIT, Edge
from vestibule.server.settings import Settings
from vestibule.server.tally import Tally

SECRET = "kZ3v9Qh1-for-these-tests-and-nothing-else"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers the address it sees, after reading the whole body."""
    more = True
    while more:
        more = (await receive()).get("more_body", False)
    await PlainTextResponse(scope["client"][0] if scope["client"] else "-")(scope, receive, send)


async def fail(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("no luck")


def refuse(scope: Scope, status: int) -> Response:
    return PlainTextResponse("refused", status)


def ask(
    app: Any = echo,
    *,
    proxies: tuple[str, ...] = (),
    peer: tuple[str, int] | None = ("192.0.2.1", 1),
    forwarded: tuple[str, ...] = (),
    body: tuple[bytes, ...] = (b"",),
    headers: tuple[tuple[bytes, bytes], ...] = (),
    path: bytes = b"/x",
    public_url: str = "https://id.example.com",
) -> tuple[int, dict[str, str], str]:
    settings = Settings(public_url=public_url, secret=SECRET, trusted_proxies=proxies)
    events = [
        {"type": "http.request", "body": piece, "more_body": place < len(body)}
        for place, piece in enumerate(body, start=1)
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return events.pop(0)

    async def send(event: Message) -> None:
        sent.append(event)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path.decode(),
        "raw_path": path,
        "query_string": b"token=canary",
        "client": peer,
        "headers": [*headers, *[(b"x-forwarded-for", line.encode()) for line in forwarded]],
    }
    asyncio.run(Edge(app, settings=settings, refuse=refuse, tally=Tally())(scope, receive, send))
    start, *rest = sent
    names = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], names, b"".join(each.get("body", b"") for each in rest).decode()


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "seen"),
    [
        ((), ("192.0.2.1", 1), ("203.0.113.9",), "192.0.2.1"),
        (("10.0.0.0/8",), ("192.0.2.1", 1), ("203.0.113.9",), "192.0.2.1"),
        (("192.0.2.0/24",), ("192.0.2.1", 1), (), "192.0.2.1"),
        (("192.0.2.0/24",), ("192.0.2.1", 1), ("203.0.113.9",), "203.0.113.9"),
        (("192.0.2.0/24",), ("192.0.2.1", 1), ("1.1.1.1, 203.0.113.9",), "203.0.113.9"),
        (("192.0.2.0/24",), ("192.0.2.1", 1), ("1.1.1.1", "203.0.113.9, 192.0.2.7"), "203.0.113.9"),
        (("192.0.2.0/24",), ("192.0.2.1", 1), ("<script>, 192.0.2.7",), "192.0.2.7"),
        (("192.0.2.0/24", "2001:db8::/32"), ("2001:db8::1", 1), ("2001:db9::5",), "2001:db9::5"),
        (("192.0.2.0/24",), None, ("203.0.113.9",), "-"),
    ],
)
def test_RL_3_HH_1_only_a_trusted_proxy_names_the_address(
    proxies: tuple[str, ...], peer: Any, forwarded: tuple[str, ...], seen: str
) -> None:
    assert ask(proxies=proxies, peer=peer, forwarded=forwarded)[2] == seen


def test_SZ_1_a_body_over_the_limit_is_refused_however_it_comes() -> None:
    large = (b"a" * BODY_LIMIT, b"a")
    assert ask(body=large)[0] == 413
    assert ask(headers=((b"content-length", str(BODY_LIMIT + 1).encode()),))[0] == 413
    assert ask(body=(b"a" * BODY_LIMIT,))[0] == 200


def test_a_fault_is_a_500_with_an_id_that_the_log_has_too(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="vestibule.server.requests"):
        status, headers, text = ask(fail)
    assert (status, text) == (500, "refused")
    assert headers["x-request-id"] in caplog.text
    assert "RuntimeError" in caplog.text


def test_LG_3_a_request_is_one_line_without_its_query(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="vestibule.server.requests"):
        ask(path=b"/a%0aINFO%20forged%1b[31m")
    (record,) = caplog.records
    assert "canary" not in record.getMessage()
    assert "\n" not in record.getMessage()
    assert "\x1b" not in record.getMessage()


def test_probes_are_not_worth_a_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="vestibule.server.requests"):
        ask(path=b"/healthz")
    assert not caplog.records


def test_https_is_kept_for_a_year_and_only_where_there_is_https() -> None:
    assert ask()[1]["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in ask(public_url="http://localhost")[1]


def test_an_answer_keeps_the_headers_it_chose() -> None:
    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        headers = {"content-security-policy": "default-src 'self'"}
        await PlainTextResponse("page", headers=headers)(scope, receive, send)

    assert ask(page)[1]["content-security-policy"] == "default-src 'self'"
