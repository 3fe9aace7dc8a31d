"""What a Litestar app answers: to exceptions, to WebSockets, around other apps, and when it is protected."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from litestar import (
    Litestar,
    Request,
    Response,
    asgi,
    get,
    post,
    route,
    websocket,
    websocket_listener,
)
from litestar.config.cors import CORSConfig
from litestar.config.csrf import CSRFConfig
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import ServerSentEvent
from litestar.static_files import create_static_files_router
from litestar.testing import TestClient
from litestar.types import Receive, Scope, Send
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.testclient import WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from tests.adapters.litestar_app import AnyRequest, AnySocket
from tests.adapters.litestar_small import JSONBody, Order, fine, install, me, passing
from tests.adapters.rigs import FETCH, ORIGIN, Rig
from tests.adapters.starlette_app import rig
from vestibule.errors import ConfigError
from vestibule.litestar import (
    Auth,
    CurrentSession,
    OptionalSession,
    requires,
)
from vestibule.testing import TestIssuer, sign_in, sign_out
from vestibule.testing.issuer import create_config

# --- answers ---


@get("/teapot")
async def teapot(session: OptionalSession) -> str:
    raise HTTPException(status_code=418)


@get("/number")
async def number(session: OptionalSession, request: AnyRequest) -> str:
    raise ValidationException("not a number")


@get("/boom")
async def boom(session: OptionalSession) -> str:
    raise RuntimeError("boom")


@pytest.mark.parametrize("middleware", [[], [passing]], ids=["bare", "middleware"])
@pytest.mark.parametrize(("path", "status"), [("/teapot", 418), ("/number", 400), ("/boom", 500)])
def test_a_refreshed_cookie_leaves_with_whatever_litestar_answers(
    path: str, status: int, middleware: list[Any]
) -> None:
    made = install(teapot, number, boom, middleware=middleware)
    sign_in(made.client, expires_in=-1)
    answer = made.get(path)
    assert answer.status == status
    assert len(answer.session_cookies()) == 1
    assert answer["Cache-Control"] == "private, no-store"
    assert "Cookie" in answer["Vary"]


def test_a_body_that_is_refused_leaves_the_cookie_there() -> None:
    @post("/orders")
    async def order(session: CurrentSession, data: JSONBody[Order]) -> Order:
        return data

    made = install(order)
    sign_in(made.client, expires_in=-1)
    json = {**FETCH, "Content-Type": "application/json"}
    answer = made.send("POST", "/orders", json, b'{"amount": "many"}')
    assert (answer.status, len(answer.session_cookies())) == (400, 1)


def test_a_page_that_is_not_there_may_know_who_asks() -> None:
    made = install(fine)
    sign_in(made.client, expires_in=-1)
    answer = made.open("/nowhere")
    assert (answer.status, len(answer.session_cookies())) == (404, 1)


def test_the_apps_own_page_for_a_crash_keeps_the_cookie() -> None:
    def sorry(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
        return Response("sorry", status_code=500)

    made = install(boom, me, exception_handlers={500: sorry, HTTPException: sorry})
    sign_in(made.client, expires_in=-1)
    answer = made.get("/boom")
    assert (answer.status, answer.text, len(answer.session_cookies())) == (500, "sorry", 1)
    made.client.cookies.clear()
    assert made.get("/me").status == 401


def test_a_sign_in_hook_that_fails_is_answered_by_the_app() -> None:
    def refuse(sign_in: object) -> None:
        raise RuntimeError("no")

    def sorry(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
        return Response(f"sorry, {error}", status_code=500)

    made = install(me, hooks={"on_sign_in": refuse}, exception_handlers={RuntimeError: sorry})
    answer = made.follow_sign_in()
    assert (answer.status, answer.text, answer.session_cookies()) == (500, "sorry, no", [])


def test_the_error_hook_may_answer_with_a_response_of_litestar() -> None:
    made = install(me, hooks={"on_sign_in_error": lambda error: Response("our own", status_code=418)})
    answer = made.open("/auth/callback?error=access_denied&state=x")
    assert (answer.status, answer.text) == (418, "our own")


def test_a_config_error_of_a_handler_is_not_shown_to_visitors() -> None:
    @get("/x")
    async def wrong() -> str:
        raise ConfigError("the secret setting is wrong")

    answer = install(wrong).get("/x")
    assert (answer.status, "secret" in answer.text) == (500, False)


def test_a_refusal_can_be_read_by_pages_of_origins_that_are_let_in() -> None:
    made = install(me, cors_config=CORSConfig(allow_origins=["https://spa.example"], allow_credentials=True))
    answer = made.get("/me", {**FETCH, "Origin": "https://spa.example", "Sec-Fetch-Site": "cross-site"})
    assert answer.status == 401
    assert answer["Access-Control-Allow-Origin"] == "https://spa.example"
    assert {"Origin", "Cookie"} <= set(answer["Vary"].replace(" ", "").split(","))
    assert answer["Cache-Control"] == "private, no-store"


def test_a_refusal_is_no_failure_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    config = create_config()
    app = Litestar([me], plugins=[Auth(config, send=TestIssuer(config))], debug=True)
    assert TestClient(app).get("/me").status_code == 401
    assert "Traceback" not in caplog.text


def test_litestars_own_protection_against_forgery_leaves_sign_out_to_ours() -> None:
    made = install(me, csrf_config=CSRFConfig(secret="x" * 32))
    sign_in(made.client)
    assert made.post("/auth/sign-out").status == 303
    assert made.get("/me").status == 401


def test_events_can_be_sent_to_who_is_signed_in() -> None:
    @get("/events")
    async def events(session: CurrentSession, request: AnyRequest) -> ServerSentEvent:
        async def each() -> AsyncIterator[str]:
            yield session.user.email
            again = await request.app.state.vestibule.session(request)
            yield "still" if again else "gone"

        return ServerSentEvent(each())

    made = install(events)
    assert made.get("/events").status == 401
    sign_in(made.client, email="ada@example.com", expires_in=-1)
    answer = made.get("/events")
    assert answer.text.replace("\r\n", "\n") == "data: ada@example.com\n\ndata: still\n\n"
    assert len(answer.session_cookies()) == 1


# --- WebSockets ---


@websocket_listener("/echo", guards=[requires(role="admin")])
async def echo(data: str, session: CurrentSession) -> str:
    return f"{session.user.email} said {data}"


@websocket_listener("/unreachable")
async def unreachable(data: str, session: OptionalSession) -> str:
    return "never"


@pytest.mark.parametrize("middleware", [[], [passing]], ids=["bare", "middleware"])
def test_a_guarded_listener_says_why_it_refuses(middleware: list[Any]) -> None:
    made = install(echo, unreachable, middleware=middleware)
    assert refused(made, "/echo") == (401, "signed_out")
    sign_in(made.client, email="ada@example.com")
    assert refused(made, "/echo") == (403, "forbidden")
    sign_in(made.client, role="admin")
    with made.client.websocket_connect("ws://localhost/echo") as socket:
        socket.send_text("hello")
        assert socket.receive_text() == "ada@example.com said hello"
    sign_in(made.client, expires_in=-1)
    made.issuer.drop()
    assert refused(made, "/unreachable") == (503, "unreachable")


def test_a_protected_app_refuses_a_websocket_of_somebody_who_is_signed_out() -> None:
    @websocket("/ws")
    async def open_to_all(socket: AnySocket) -> None:
        await socket.accept()
        await socket.close()

    assert refused(install(open_to_all, settings={"protect": True}), "/ws") == (401, "signed_out")


def test_what_goes_wrong_in_a_websocket_is_litestars_to_answer() -> None:
    @websocket("/ws")
    async def wrong(socket: AnySocket, session: OptionalSession) -> None:
        await socket.accept()
        raise RuntimeError("boom")

    with (
        install(wrong).client.websocket_connect("ws://localhost/ws") as socket,
        pytest.raises(WebSocketDisconnect) as caught,
    ):
        socket.receive_text()
    assert caught.value.code == 4500


def refused(made: Rig, path: str) -> tuple[int, str]:
    with (
        pytest.raises(WebSocketDenialResponse) as caught,
        made.client.websocket_connect(f"ws://localhost{path}"),
    ):
        pass
    return caught.value.status_code, caught.value.json()["error"]["code"]


# --- around it ---


def test_litestars_own_test_client_can_be_signed_in() -> None:
    with TestClient(Litestar([me], plugins=[Auth(create_config())], logging_config=None)) as client:
        assert client.get("/me").status_code == 401
        sign_in(client, email="ada@example.com")
        assert client.get("/me").text == "ada@example.com"
        sign_in(client, expires_in=-1)
        assert len(client.get("/me").headers.get_list("set-cookie")) == 1
        sign_out(client)
        assert client.get("/me").status_code == 401


def test_an_app_mounted_below_a_prefix_keeps_its_routes_below_it() -> None:
    inner = install(me, settings={"redirect_uri": f"{ORIGIN}/portal/auth/callback"})
    mounted = Starlette(routes=[Mount("/portal", app=inner.client.app)])
    outer = rig("litestar", mounted, inner.auth, inner.issuer, inner.clock)
    away = outer.open("/portal/me")
    assert away.location == "/portal/auth/sign-in?return_to=%2Fportal%2Fme"
    back = outer.follow_sign_in(away.location, email="ada@example.com")
    assert (back.status, back.location) == (303, "/portal/me")
    assert outer.get("/portal/me").text == "ada@example.com"


def test_an_app_mounted_in_it_is_guarded_by_the_outer_auth() -> None:
    @get("/x", guards=[requires()])
    async def x() -> str:
        return "fine"

    inner = Litestar([x], logging_config=None)

    @asgi("/inner", is_mount=True, copy_scope=True)
    async def mount(scope: Scope, receive: Receive, send: Send) -> None:
        await inner(scope, receive, send)

    guarded = install(mount)
    assert guarded.get("/inner/x").status == 401
    page = guarded.open("/inner/x")
    assert (page.status, page.location) == (303, "/auth/sign-in?return_to=%2Finner%2Fx")
    sign_in(guarded.client)
    assert guarded.get("/inner/x").text == "fine"


def test_a_mount_of_any_asgi_app_can_be_guarded() -> None:
    @asgi("/inner", is_mount=True, copy_scope=True, guards=[requires()])
    async def mount(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("any")(scope, receive, send)

    guarded = install(mount)
    assert guarded.get("/inner/x").status == 401
    sign_in(guarded.client)
    assert guarded.get("/inner/x").text == "any"


# --- whole-app protection ---


@route("/files/secret", http_method=["GET", "OPTIONS"])
async def secret() -> str:
    return "secret"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "x.css").write_text("open")
    return tmp_path


def test_static_files_are_open_in_a_protected_app(folder: Path) -> None:
    made = install(create_static_files_router("/files", [folder]), fine, settings={"protect": True})
    assert made.get("/files/x.css").text == "open"
    assert made.get("/x").status == 401
    assert made.get("/files/../x").status != 200
    assert made.get("/schema/openapi.json").status == 401


def test_reg_CVE_2026_0976_routes_among_static_files_stay_closed(folder: Path) -> None:
    made = install(create_static_files_router("/files", [folder]), secret, settings={"protect": True})
    assert made.get("/files/secret").status == 401
    assert made.get("/files/x.css").status == 401


@pytest.mark.parametrize("path", ["/x", "//x", "/x/", "/x;y", "/%78", "/x/.", "/files/secret"])
def test_reg_CVE_2026_0976_static_files_at_the_root_open_nothing_else(folder: Path, path: str) -> None:
    static = create_static_files_router("/", [folder], html_mode=True)
    made = install(static, fine, secret, settings={"protect": True})
    assert made.get(path).status == 401


def test_reg_CVE_2026_0976_a_root_path_is_read_as_the_router_reads_it() -> None:
    made = install(fine, settings={"protect": True, "public_paths": ("/open/:path*",)})
    made.client.app_state = {}
    transport = made.client._transport
    transport.root_path = "/app"
    assert made.get("/open/app/x").status == 401
    assert made.get("/app/x").status == 401
    assert made.get("/app/open/x").status == 404
