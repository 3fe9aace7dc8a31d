"""The app asks its server by a call: from every thread and loop, whatever becomes of the server."""

import asyncio
import io
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.embedded.apps import ORIGIN, Built
from tests.embedded.people import me, sign_up
from vestibule.embedded.exchanges import Answered, Asked, call, read_environ, send_answer, start_answer
from vestibule.embedded.server import EmbeddedServer
from vestibule.embedded.worker import Stopped
from vestibule.errors import ConfigError, Unreachable
from vestibule.flow import HttpRequest
from vestibule.server.middleware import BODY_LIMIT

KEYS = HttpRequest("GET", f"{ORIGIN}/id/oauth2/jwks")


@pytest.fixture
def flask_app(make: Callable[..., Built]) -> Built:
    built = make("flask")
    _ = built.auth.config
    return built


def test_it_answers_every_thread_and_every_loop(flask_app: Built) -> None:
    line = flask_app.auth.transport
    bodies = [line.send(KEYS).body, asyncio.run(line.send_async(KEYS)).body]
    threads = [
        threading.Thread(target=lambda: bodies.append(asyncio.run(line.send_async(KEYS)).body)),
        threading.Thread(target=lambda: bodies.append(line.send(KEYS).body)),
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(bodies) == 4
    assert b'"keys"' in bodies[0]
    assert len(set(bodies)) == 1


def test_a_refusal_of_the_server_is_an_answer(flask_app: Built) -> None:
    answer = flask_app.auth.transport.send(HttpRequest("POST", f"{ORIGIN}/id/user_management/authenticate"))
    assert answer.status == 415
    assert answer.headers["content-type"].startswith("application/json")


def test_an_answer_that_takes_too_long_is_none(flask_app: Built) -> None:
    config = flask_app.auth.config
    asked = {
        "client_id": config.client_id,
        "redirect_uri": config.callback_url(),
        "response_type": "code",
        "provider": "authkit",
    }
    begin = HttpRequest("GET", f"{config.url}/user_management/authorize?{urlencode(asked)}", deadline=0.3)
    assert flask_app.auth.transport.send(begin).status == 302
    with flask_app.auth.identity.store.transaction():  # there is one writer at a time
        began = time.monotonic()
        with pytest.raises(Unreachable):
            flask_app.auth.transport.send(begin)
        assert time.monotonic() - began < 3


def test_after_its_end_it_begins_again_when_somebody_asks(flask_app: Built) -> None:
    line, first = flask_app.auth.transport, flask_app.auth.mounted.running()
    line.close()
    line.close()
    assert line.send(KEYS).status == 200
    assert flask_app.auth.mounted.running() is not first


def test_what_is_under_way_at_its_end_is_finished(flask_app: Built) -> None:
    answers: list[int] = []
    asking = threading.Thread(
        target=lambda: answers.extend(flask_app.auth.transport.send(KEYS).status for _ in range(50))
    )
    asking.start()
    time.sleep(0.05)
    flask_app.auth.transport.close()
    asking.join()
    assert answers == [200] * 50


def test_an_app_that_is_gone_asks_nobody() -> None:
    server = EmbeddedServer("/id", settings={}, management_api=False, clock=None)
    line = server.transport
    with pytest.raises(ConfigError, match="is gone"):
        server.running()
    del server
    with pytest.raises(Unreachable, match="is gone"):
        line.send(KEYS)
    line.close()


def test_a_server_that_fails_is_unreachable_and_nobody_is_signed_out(
    make: Callable[..., Built], clock: Any, tmp_path: Any
) -> None:
    built = make("flask")
    with built.browser() as browser:
        sign_up(browser, "ada@example.com")
        clock.advance(minutes=6)
        away = (tmp_path / "auth.db").rename(tmp_path / "away.db")
        assert me(browser).status_code == 503
        away.rename(tmp_path / "auth.db")
        assert me(browser).status_code == 200


def test_an_answer_in_pieces_arrives_whole() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        first, then = await receive(), await receive()
        assert (first["body"], then["type"]) == (b"hello", "http.disconnect")
        await send({"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]})
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        await send({"type": "http.response.body", "body": b"two"})
        await send({"type": "http.response.trailers", "headers": []})

    answered = asyncio.run(call(app, Asked("POST", "/", body=b"hello")))
    assert answered == Answered(200, ((b"a", b"b"),), b"onetwo")


def test_an_environ_is_read_as_far_as_it_says() -> None:
    def read(**more: Any) -> Asked:
        environ = {"REQUEST_METHOD": "POST", "wsgi.input": io.BytesIO(b"a" * 100_000)} | more
        return read_environ(environ, "/")

    assert len(read().body) == 0
    assert len(read(CONTENT_LENGTH="10").body) == 10
    assert len(read(CONTENT_LENGTH="99999999999999999999999").body) == BODY_LIMIT + 1
    assert len(read(CONTENT_LENGTH="-5").body) == 0
    assert len(read(**{"wsgi.input_terminated": True}).body) == BODY_LIMIT + 1
    asked = read(CONTENT_TYPE="text/plain", HTTP_X_THING="a", REMOTE_ADDR="127.0.0.1", QUERY_STRING="a=b")
    assert asked.headers == ((b"x-thing", b"a"), (b"content-type", b"text/plain"))
    assert (asked.client, asked.query, asked.scheme) == (("127.0.0.1", 0), b"a=b", "http")


def test_a_body_that_broke_off_is_none() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise ConnectionResetError

    environ = {"REQUEST_METHOD": "POST", "wsgi.input": Broken(), "CONTENT_LENGTH": "5"}
    assert read_environ(environ, "/").body == b""


def test_what_belongs_to_the_connection_stays_with_the_server_of_the_app() -> None:
    started: list[Any] = []
    headers = ((b"connection", b"close"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"))
    start_answer(Answered(413, headers, b""), lambda *given: started.append(given))
    assert started == [("413 Request Entity Too Large", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])]
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(send_answer(Answered(200, ((b"a", b"b"),), b"c"), send))
    assert [each["type"] for each in sent] == ["http.response.start", "http.response.body"]


def test_head_has_the_headers_and_no_body(flask_app: Built) -> None:
    with flask_app.browser() as browser:
        answer = browser.head("/id/.well-known/openid-configuration")
        assert (answer.status_code, answer.content) == (200, b"")
        assert int(answer.headers["content-length"]) > 100


def test_an_asgi_app_goes_on_after_its_server_was_stopped(make: Callable[..., Built]) -> None:
    built = make("starlette")
    with built.browser() as browser:
        assert browser.get("/id/healthz").status_code == 200
        built.auth.transport.close()
        assert browser.get("/id/healthz").status_code == 200


def test_a_worker_that_was_stopped_takes_nothing(flask_app: Built) -> None:
    worker = flask_app.auth.mounted.running()
    worker.stop()
    with pytest.raises(Stopped):
        worker.ask(Asked("GET", "/healthz"))
    with pytest.raises(Unreachable, match="the server inside the app"):
        flask_app.auth.transport.send(KEYS)


def test_a_child_of_a_fork_begins_its_own(flask_app: Built) -> None:
    server = flask_app.auth.mounted
    parents = server.running()
    server.begin_anew()  # as in the child
    try:
        assert server.running() is not parents
        assert flask_app.auth.transport.send(KEYS).status == 200
    finally:
        parents.stop()
