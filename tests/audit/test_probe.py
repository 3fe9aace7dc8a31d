"""Calling what is declared: guards that look right, and do not hold when somebody comes."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import fastapi
import flask
import litestar
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

import vestibule.fastapi
import vestibule.flask
import vestibule.litestar
from tests.adapters.real import serving
from tests.audit.test_contract_apps import FRAMEWORKS, app_of
from vestibule.audit.asserting import assert_guarded
from vestibule.audit.calling import caller_of, is_loopback, over_http
from vestibule.audit.judging import judge
from vestibule.audit.model import Report
from vestibule.audit.probing import probe
from vestibule.audit.reading import read
from vestibule.errors import ConfigError
from vestibule.starlette import Auth, Refusal, requires
from vestibule.testing.issuer import create_config


def probed(app: Any, **options: Any) -> Report:
    surface = read(app)
    return probe(judge(surface, app="app"), caller_of(surface), **options)


def welcome(*_: Any) -> Response:
    return PlainTextResponse("welcome")


def lenient_starlette() -> Any:
    """An exception handler that makes a page of every refusal."""

    @requires(role="admin")
    async def closed(request: Request) -> Response:
        return PlainTextResponse("closed")

    app = Starlette(routes=[Route("/closed/{id:int}", closed)])
    Auth(app, create_config())
    app.add_exception_handler(Refusal, welcome)
    return app


def lenient_fastapi() -> Any:
    app = fastapi.FastAPI()
    vestibule.fastapi.Auth(app, create_config())
    app.add_exception_handler(Refusal, welcome)

    @app.get("/closed/{id}", dependencies=[vestibule.fastapi.requires(role="admin")])
    def closed(id: int) -> str:
        return "closed"

    return app


def lenient_flask() -> Any:
    app = flask.Flask(__name__)
    vestibule.flask.Auth(app, create_config())

    @app.get("/closed/<int:id>")
    @vestibule.flask.requires(role="admin")
    def closed(id: int) -> str:
        return "closed"

    @app.after_request
    def welcoming(response: flask.Response) -> flask.Response:
        return flask.Response("welcome")

    return app


def lenient_litestar() -> Any:
    def welcoming(request: Any, error: Exception) -> litestar.Response[str]:
        return litestar.Response("welcome")

    @litestar.get(
        "/closed/{id:int}", guards=[vestibule.litestar.requires(role="admin")], sync_to_thread=False
    )
    def closed() -> str:
        return "closed"

    handlers: Any = {vestibule.litestar.Refusal: welcoming}
    auth = vestibule.litestar.Auth(create_config())
    return litestar.Litestar([closed], plugins=[auth], exception_handlers=handlers)


@pytest.mark.parametrize("make", [lenient_starlette, lenient_fastapi, lenient_flask, lenient_litestar])
def test_a_guard_that_is_declared_and_does_not_hold_is_found(make: Callable[[], Any]) -> None:
    assert judge(read(make()), app="app").ok
    report = probed(make())
    assert {(each.flaw.value, each.path) for each in report.findings} == {
        ("guard_not_holding", "/closed/{id}")
    }
    message = report.findings[0].message
    assert message.endswith("(role admin), but does not hold: GET /closed/1 answered 200 without a session.")


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_what_holds_is_not_called_broken(framework: str) -> None:
    report = probed(app_of(framework), unsafe=True)
    assert "guard_not_holding" not in {each.flaw.value for each in report.findings}
    assert report.probed > 10
    assert not [each for each in report.warnings if "does its guard hold" in each]


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_open_endpoints_that_answer_data_are_told(framework: str) -> None:
    warnings = " ".join(probed(app_of(framework)).warnings)
    assert "GET /public answered 200 with data, without a session." in warnings


def sockets(*, guarded: bool) -> Starlette:
    async def live(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive()

    endpoint = requires()(live) if guarded else live
    app = Starlette(routes=[WebSocketRoute("/live", endpoint)])
    Auth(app, create_config())
    return app


def test_a_websocket_is_knocked_at_too() -> None:
    assert probed(sockets(guarded=True)).ok
    assert probed(sockets(guarded=True)).probed == 1


def test_an_answer_without_an_end_is_not_waited_for() -> None:
    async def ticks() -> AsyncIterator[bytes]:
        while True:
            yield b"tick"
            await asyncio.sleep(0.01)

    async def forever(request: Request) -> Response:
        return StreamingResponse(ticks())

    app = Starlette(routes=[Route("/ticks", forever)])
    assert "GET /ticks answered 200 with data" in " ".join(probed(app).warnings)


def test_methods_that_change_something_are_only_called_when_asked() -> None:
    called: list[str] = []

    async def change(request: Request) -> Response:
        called.append(request.method)
        return PlainTextResponse("changed")

    app = Starlette(routes=[Route("/change", change, methods=["POST", "DELETE"])])
    probed(app)
    assert called == []
    probed(app, unsafe=True)
    assert sorted(called) == ["DELETE", "POST"]


def test_an_app_that_crashes_is_a_warning() -> None:
    async def boom(request: Request) -> Response:
        raise RuntimeError("boom")

    report = probed(Starlette(routes=[Route("/boom", boom)]))
    assert "GET /boom failed without a session: status 500" in report.warnings


def test_an_answer_that_may_come_from_behind_a_guard_is_a_warning() -> None:
    async def absent(request: Request) -> Response:
        return PlainTextResponse("no such user", 404)

    app = Starlette(routes=[Route("/users/{id}", requires()(absent))])
    Auth(app, create_config())
    app.add_exception_handler(Refusal, lambda request, error: PlainTextResponse("hidden", 404))
    warning = "GET /users/1 answered 404 without a session: does its guard hold?"
    assert warning in probed(app).warnings


def test_the_app_is_started_before_it_is_called() -> None:
    async def state(request: Request) -> Response:
        return PlainTextResponse("".join(started))

    started: list[str] = []

    async def lifespan(scope: Any, receive: Any, send: Any) -> None:
        started.append((await receive())["type"])
        await send({"type": "lifespan.startup.complete"})
        started.append((await receive())["type"])
        await send({"type": "lifespan.shutdown.complete"})

    class Starting:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await (lifespan if scope["type"] == "lifespan" else self.app)(scope, receive, send)

    probed(Starlette(routes=[Route("/state", state)], middleware=[Middleware(Starting)]))
    assert started == ["lifespan.startup", "lifespan.shutdown"]


@pytest.mark.parametrize("framework", ["starlette", "flask"])
def test_a_server_on_this_machine_is_called(framework: str) -> None:
    app = app_of(framework)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with serving(app, listener, kind="wsgi" if framework == "flask" else "asgi"):
            report = probe(judge(read(app), app="app"), over_http(url))
    assert any("GET /public answered 200" in each for each in report.warnings)
    assert {each.flaw.value for each in report.findings} <= {"unguarded", "method_unguarded"}


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "https://127.0.0.1",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://10.0.0.1",
        "http://user@example.com",
        "http://0.0.0.0",
        "http://[::]",
        "ftp://127.0.0.1",
        "127.0.0.1",
    ],
)
def test_no_other_machine_is_called(url: str) -> None:
    with pytest.raises(ConfigError, match="is not on this machine"):
        over_http(url)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_is_known_by_its_text(host: str) -> None:
    assert is_loopback(host)


# What the contract's apps leave open on purpose.
OPEN = ("/*",)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_guards_let_in_exactly_whom_they_should(framework: str) -> None:
    report = assert_guarded(app_of(framework), allow=OPEN, probe=True, session=True)
    assert not [each for each in report.warnings if "was expected" in each]


def test_an_open_app_fails_the_assertion() -> None:
    with pytest.raises(AssertionError, match=r"GET /public: Nothing guards it"):
        assert_guarded(app_of("starlette"))


def generous() -> Any:
    """Lets in whoever is signed in, whatever the guard says."""
    app = fastapi.FastAPI(openapi_url=None)
    vestibule.fastapi.Auth(app, create_config())

    @app.get("/closed", dependencies=[vestibule.fastapi.requires(permission="users:read", recent=600)])
    def closed() -> str:
        return "closed"

    def forgiving(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)
        status = 200 if error.reply.status == 403 else error.reply.status
        return JSONResponse({}, status)

    app.add_exception_handler(Refusal, forgiving)
    return app


def stricter_than_it_says() -> Any:
    """Calls another guard inside, which nobody sees from outside."""

    @requires(role="admin")
    async def hidden(request: Request) -> Response:
        return PlainTextResponse("closed")

    @requires(permission="users:read")
    async def closed(request: Request) -> Response:
        return await hidden(request)

    app = Starlette(routes=[Route("/closed", closed)])
    Auth(app, create_config())
    return app


def test_somebody_without_rights_who_gets_in_is_found() -> None:
    assert probed(generous()).ok
    with pytest.raises(AssertionError, match=r"somebody signed in without any rights got 200"):
        assert_guarded(generous(), session=True)


def test_somebody_with_the_rights_who_does_not_get_in_is_found() -> None:
    with pytest.raises(AssertionError, match=r"exactly what it requires \(permission users:read\) got 403"):
        assert_guarded(stricter_than_it_says(), session=True)


def test_a_session_may_have_more_than_rights() -> None:
    report = assert_guarded(stricter_than_it_says(), session={"roles": ["admin"], "email": "a@example.com"})
    assert report.ok
