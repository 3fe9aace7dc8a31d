"""What only Starlette has: middleware, mounted apps, endpoint classes, lifespans."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Host, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from tests.adapters.rigs import FETCH, NAVIGATE, ORIGIN, Rig
from tests.adapters.starlette_app import rig
from vestibule.asgi import entry_of
from vestibule.errors import ConfigError, NotInstalled
from vestibule.starlette import Auth, current_session, optional_session, requires
from vestibule.testing import Clock, TestIssuer, sign_in
from vestibule.testing.issuer import create_config


async def hello(request: Request) -> Response:
    return PlainTextResponse("hello")


async def crash(request: Request) -> Response:
    await optional_session(request)
    raise RuntimeError("boom")


def install(app: Starlette, **hooks: Any) -> Rig:
    clock = Clock()
    issuer = TestIssuer(create_config(redirect_uri=f"{ORIGIN}/auth/callback"), clock=clock)
    return rig(
        "starlette", app, Auth(app, issuer.config, **{"send": issuer, "clock": clock, **hooks}), issuer, clock
    )


def test_a_route_an_app_and_an_endpoint_class_can_be_guarded() -> None:
    @requires(role="admin")
    class Things(HTTPEndpoint):
        async def get(self, request: Request) -> Response:
            return PlainTextResponse("things")

    app = Starlette(
        routes=[
            requires(role="admin")(Route("/route", hello)),
            Route("/class", Things),
            requires(role="admin")(Mount("/mount", routes=[Route("/x", hello)])),
            Mount("/app", app=requires(role="admin")(Starlette(routes=[Route("/x", hello)]))),
        ]
    )
    guarded = install(app)
    paths = ["/route", "/class", "/mount/x", "/app/x"]
    assert [guarded.get(path).status for path in paths] == [401] * 4
    sign_in(guarded.client)
    assert [guarded.get(path).status for path in paths] == [403] * 4
    sign_in(guarded.client, role="admin")
    assert [guarded.get(path).status for path in paths] == [200] * 4
    assert Things.__name__ == "Things"


def test_one_method_of_an_endpoint_class_can_be_guarded() -> None:
    class Things(HTTPEndpoint):
        async def get(self, request: Request) -> Response:
            return PlainTextResponse("things")

        @requires(role="admin")
        def delete(self, request: Request) -> Response:
            return PlainTextResponse("deleted")

    guarded = install(Starlette(routes=[Route("/things", Things)]))
    assert guarded.get("/things").text == "things"
    assert guarded.send("DELETE", "/things", FETCH, None).status == 401
    sign_in(guarded.client, role="admin")
    assert guarded.send("DELETE", "/things", FETCH, None).text == "deleted"


def test_a_config_error_of_a_handler_is_not_shown_to_visitors() -> None:
    async def wrong(request: Request) -> Response:
        raise ConfigError("the secret setting is wrong")

    answer = install(Starlette(routes=[Route("/x", wrong)])).get("/x")
    assert (answer.status, answer.text) == (500, "Internal Server Error")


def test_a_guarded_function_must_take_the_request() -> None:
    @requires()
    async def nothing() -> None: ...

    @requires()
    def blocking_nothing() -> None: ...

    with pytest.raises(ConfigError, match="take the request"):
        blocking_nothing()


def test_a_mounted_app_with_exception_handlers_of_its_own_still_turns_away() -> None:
    inner = Starlette(routes=[Route("/x", requires()(hello))])
    guarded = install(Starlette(routes=[Mount("/inner", app=inner)]))
    page = guarded.open("/inner/x")
    assert (page.status, page.location) == (303, "/auth/sign-in?return_to=%2Finner%2Fx")
    assert guarded.get("/inner/x").status == 401


def test_an_app_mounted_below_a_prefix_keeps_its_routes_below_it() -> None:
    inner = Starlette(routes=[Route("/me", requires()(hello))])
    clock = Clock()
    issuer = TestIssuer(create_config(redirect_uri=f"{ORIGIN}/portal/auth/callback"), clock=clock)
    auth = Auth(inner, issuer.config, send=issuer, clock=clock)
    outer = rig("starlette", Starlette(routes=[Mount("/portal", app=inner)]), auth, issuer, clock)
    away = outer.open("/portal/me")
    assert away.location == "/portal/auth/sign-in?return_to=%2Fportal%2Fme"
    back = outer.follow_sign_in(away.location)
    assert (back.status, back.location) == (303, "/portal/me")
    assert outer.get("/portal/me").text == "hello"


@pytest.mark.parametrize("debug", [False, True], ids=["plain", "debug"])
def test_a_crash_shows_the_servers_page_and_keeps_the_cookie(debug: bool) -> None:
    broken = install(Starlette(debug=debug, routes=[Route("/boom", crash)]))
    sign_in(broken.client, expires_in=-1)
    answer = broken.get("/boom")
    assert answer.status == 500
    assert ("RuntimeError: boom" in answer.text) is debug
    assert len(answer.session_cookies()) == 1


def test_a_crash_shows_the_apps_own_500_page_and_keeps_the_cookie() -> None:
    async def page(request: Request, error: Exception) -> Response:
        return PlainTextResponse(f"sorry: {error}", 500)

    broken = install(Starlette(routes=[Route("/boom", crash)], exception_handlers={500: page}))
    assert broken.get("/boom").text == "sorry: boom"
    sign_in(broken.client, expires_in=-1)
    answer = broken.get("/boom")
    assert answer.text == "sorry: boom"
    assert len(answer.session_cookies()) == 1


def test_a_crash_is_still_raised_for_logs_and_tests() -> None:
    app = Starlette(routes=[Route("/boom", crash)])
    broken = install(app)
    with pytest.raises(RuntimeError, match="boom"):
        TestClient(app, cookies=broken.issuer.cookies(expires_in=-1)).get("/boom")


def test_middleware_added_later_is_outside_and_sees_our_answers() -> None:
    app = Starlette(routes=[Route("/me", requires()(hello))])
    guarded = install(app)
    app.add_middleware(CORSMiddleware, allow_origins=["https://spa.example"], allow_credentials=True)
    answer = guarded.get("/me", {**FETCH, "Origin": "https://spa.example"})
    assert answer.status == 401
    assert answer["Access-Control-Allow-Origin"] == "https://spa.example"


def test_without_auth_a_guard_names_the_line_to_add() -> None:
    client = TestClient(Starlette(routes=[Route("/x", requires()(hello))]))
    with pytest.raises(NotInstalled, match=r"Auth\(app\)"):
        client.get("/x")


def test_a_second_auth_is_refused() -> None:
    app = Starlette()
    Auth(app)
    with pytest.raises(ConfigError, match="already"):
        Auth(app)


def test_auth_can_come_before_the_app() -> None:
    clock, config = Clock(), create_config(redirect_uri=f"{ORIGIN}/auth/callback")
    issuer = TestIssuer(config, clock=clock)
    auth = Auth(config=config, send=issuer, clock=clock)
    app = Starlette(routes=[Route("/me", requires()(hello))])
    auth.init_app(app)
    assert rig("starlette", app, auth, issuer, clock).open("/me").status == 303


def test_importing_an_app_needs_no_settings_and_starting_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VESTIBULE_CLIENT_ID", "WORKOS_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)
    app = Starlette()
    Auth(app)
    with pytest.raises(ConfigError, match="VESTIBULE_CLIENT_ID") as caught, TestClient(app):
        pass
    assert len(caught.value.problems) >= 3


def test_the_apps_own_lifespan_still_runs() -> None:
    seen: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        seen.append("up")
        yield
        seen.append("down")

    app = Starlette(routes=[Route("/", hello)], lifespan=lifespan)
    install(app)
    with TestClient(app, base_url=ORIGIN) as client:
        assert client.get("/").text == "hello"
    assert seen == ["up", "down"]


def test_a_blocking_sender_does_for_an_async_app() -> None:
    app = Starlette(routes=[Route("/me", requires()(hello))])
    issuer = TestIssuer(create_config(redirect_uri=f"{ORIGIN}/auth/callback"))
    auth = Auth(app, issuer.config, send=issuer.send)
    client = TestClient(app, base_url=ORIGIN, cookies=issuer.cookies(expires_in=-1))
    assert client.get("/me").text == "hello"
    auth.transport.close()


def test_links_only_ever_lead_to_our_own_routes() -> None:
    auth = install(Starlette()).auth
    assert auth.sign_in_url(return_to="/a?b=c") == "/auth/sign-in?return_to=%2Fa%3Fb%3Dc"
    assert auth.sign_up_url(login_hint="ada@example.com") == "/auth/sign-up?login_hint=ada%40example.com"
    assert auth.sign_out_url() == "/auth/sign-out"


def test_current_session_turns_away_inside_a_handler() -> None:
    async def me(request: Request) -> Response:
        return PlainTextResponse((await current_session(request)).user.email)

    guarded = install(Starlette(routes=[Route("/me", me)]))
    assert guarded.get("/me", NAVIGATE).status == 303
    sign_in(guarded.client, email="ada@example.com")
    assert guarded.get("/me").text == "ada@example.com"


def test_a_middleware_of_the_app_decides_by_the_session() -> None:
    """The composable way: `Auth` keeps the session, and who may go where is for the app's own code."""
    issuer = TestIssuer()
    app = Starlette(routes=[Route("/{path}", lambda request: PlainTextResponse(request.url.path))])

    class Doorkeeper:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            entry = entry_of(scope)
            if scope["path"].startswith("/members") and await entry.load() is None:
                await RedirectResponse(entry.authorization_url(return_to=scope["path"]))(scope, receive, send)
                return
            await self.app(scope, receive, send)

    app.add_middleware(Doorkeeper)
    Auth(app, issuer.config, send=issuer)
    client = TestClient(app, follow_redirects=False)
    away = client.get("/members")
    assert away.headers["location"].startswith("https://id.example.com/user_management/authorize?")
    assert away.headers["set-cookie"].startswith("wos-auth-verifier-")
    assert client.get(issuer.authorize(away.headers["location"])).headers["location"] == "/members"
    assert client.get("/members").text == "/members"
    assert TestClient(app).get("/about").text == "/about"


@pytest.mark.parametrize("root", ["/", "/files"])
def test_reg_CVE_2026_0976_static_files_open_no_route_before_them(root: str, tmp_path: Path) -> None:
    (tmp_path / "x.css").write_text("open")
    routes = [Route(f"{root.rstrip('/')}/{path}", hello) for path in ("secret", "{name}/secret")]
    app = Starlette(routes=[*routes, Mount(root, StaticFiles(directory=tmp_path)), Route("/later", hello)])
    clock = Clock()
    issuer = TestIssuer(create_config(redirect_uri=f"{ORIGIN}/auth/callback", protect=True), clock=clock)
    made = rig("starlette", app, Auth(app, issuer.config, send=issuer, clock=clock), issuer, clock)
    base = root.rstrip("/")
    assert made.get(f"{base}/x.css").text == "open"
    for path in (f"{base}/secret", f"{base}/any/secret", f"{base}/%73ecret"):
        assert made.get(path).status == 401
    assert "hello" not in made.get("/later").text


async def greet(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


@pytest.mark.parametrize("route", [WebSocketRoute("/files/live", greet), Host("api.example.com", hello)])
def test_reg_CVE_2026_0976_static_files_open_no_socket_and_no_host_before_them(
    route: BaseRoute, tmp_path: Path
) -> None:
    app = Starlette(routes=[route, Mount("/files", StaticFiles(directory=tmp_path))])
    issuer = TestIssuer(create_config(redirect_uri=f"{ORIGIN}/auth/callback", protect=True))
    auth = Auth(app, issuer.config, send=issuer)
    assert not auth.is_open("/files/live")


def test_auth_knows_the_apps_own_user_and_data() -> None:
    issuer = TestIssuer()

    async def home(request: Request) -> Response:
        (await auth.data(request)).update(seen=True)
        user, data = await auth.user(request), await auth.data(request)
        return JSONResponse({"user": user, "data": data.value})

    app = Starlette(routes=[Route("/", home)])
    auth = Auth(app, issuer.config, send=issuer, load_user=lambda session: session.user.email)
    client = TestClient(app)
    sign_in(client, email="ada@example.com")
    assert client.get("/").json() == {"user": "ada@example.com", "data": {"seen": True}}
