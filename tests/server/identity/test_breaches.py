import hashlib
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.server.people import make_user
from vestibule.errors import ConfigError, Unreachable
from vestibule.flow import HttpResponse
from vestibule.server.identity import resets, users
from vestibule.server.identity.breaches import is_breached, look_up
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Invalid
from vestibule.server.settings import Settings

LEAKED, FRESH = "seven green bottles", "eight purple lanterns"


@dataclass
class Range:
    """A server of leaked hashes, as the public ones answer."""

    url: str
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    status: int = 200


def hashed(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


@pytest.fixture
def leaks() -> Iterator[Range]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            lines = [f"{'0' * 35}:3", f"{hashed(LEAKED)[5:]}:12", f"{hashed(FRESH)[5:]}:0"]
            body = "\r\n".join(lines).encode()
            self.send_response(found.status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Not on the test's output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Range(f"http://127.0.0.1:{server.server_port}/range")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield found
        server.shutdown()
        thread.join()


def watching(identity: Identity, url: str) -> Identity:
    return replace(identity, settings=replace(identity.settings, breach_lookup_url=url))


def test_PW_3_a_leaked_password_is_refused_wherever_one_is_set(identity: Identity, leaks: Range) -> None:
    identity = watching(identity, leaks.url)
    user = make_user(identity, password=FRESH)
    reset = resets.create_reset(identity, user.email)
    for attempt in (
        lambda: make_user(identity, "bob@example.com", password=LEAKED),
        lambda: users.update_user(identity, user.id, changes={"password": LEAKED}),
        lambda: resets.confirm_reset(identity, reset.password_reset_token, LEAKED),
    ):
        with pytest.raises(Invalid) as refused:
            attempt()
        assert refused.value.code == "password_strength_error"
        assert [error["code"] for error in refused.value.errors] == ["password_breached"]


def test_five_characters_of_a_hash_are_all_that_is_told(leaks: Range) -> None:
    assert is_breached(leaks.url, LEAKED)
    ((path, headers),) = leaks.asked
    assert path == f"/range/{hashed(LEAKED)[:5]}"
    assert headers["add-padding"] == "true"
    assert hashed(LEAKED)[5:] not in str(headers)


def test_padding_is_no_leak(leaks: Range) -> None:
    assert not is_breached(leaks.url + "/", FRESH)
    assert leaks.asked[0][0] == f"/range/{hashed(FRESH)[:5]}"


def test_nobody_is_asked_unless_a_url_is_set(identity: Identity, leaks: Range) -> None:
    make_user(identity, password=LEAKED)
    assert leaks.asked == []


def test_a_password_refused_at_home_is_told_nobody(identity: Identity, leaks: Range) -> None:
    with pytest.raises(Invalid):
        make_user(watching(identity, leaks.url), password="password")
    assert leaks.asked == []


def test_a_server_in_trouble_stops_nobody(
    identity: Identity, leaks: Range, caplog: pytest.LogCaptureFixture
) -> None:
    leaks.status = 503
    identity = watching(identity, leaks.url)
    with caplog.at_level(logging.WARNING, logger="vestibule.server.passwords"):
        make_user(identity, password=LEAKED)
    (record,) = caplog.records
    assert record.getMessage().startswith("breach_lookup_failed: status 503")
    assert LEAKED not in caplog.text
    assert hashed(LEAKED)[:5] not in caplog.text


def test_a_server_that_is_away_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="vestibule.server.passwords"):
        assert not is_breached("http://127.0.0.1:1/range", LEAKED)
    assert "breach_lookup_failed: no answer" in caplog.text


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (f"{hashed(LEAKED)[5:]}:1".encode(), True),
        (f"{hashed(LEAKED)[5:].lower()}:9".encode(), True),
        (f"{hashed(LEAKED)[5:]}:0".encode(), False),
        (f"{hashed(LEAKED)[5:]}".encode(), False),
        (b"\xff\xfe not what was asked for", False),
        (b"", False),
    ],
)
def test_answers_are_read_line_by_line(body: bytes, found: bool) -> None:
    flow = look_up("https://leaks.example.com/range", LEAKED)
    request = next(flow)
    assert request.url == f"https://leaks.example.com/range/{hashed(LEAKED)[:5]}"
    with pytest.raises(StopIteration) as stop:
        flow.send(HttpResponse(200, body))
    assert stop.value.value is found


def test_no_answer_in_two_seconds_is_no_answer() -> None:
    flow = look_up("https://leaks.example.com/range", LEAKED)
    assert next(flow).deadline == 2.0
    with pytest.raises(StopIteration) as stop:
        flow.throw(Unreachable("late"))
    assert stop.value.value is False


@pytest.mark.parametrize(
    "url", ["http://leaks.example.com/range", "ftp://x", "https://", "https://a/?q=1", "x"]
)
def test_the_address_must_be_a_safe_one(url: str) -> None:
    with pytest.raises(ConfigError, match="BREACH_LOOKUP_URL"):
        Settings(
            public_url="http://localhost",
            secret="a-secret-that-only-these-tests-know-of",
            breach_lookup_url=url,
        )
