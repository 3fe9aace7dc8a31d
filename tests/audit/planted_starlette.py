"""Seven mistakes in Starlette."""

from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route, Router, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from tests.audit import unattached_starlette
from tests.audit.planted import Planted
from vestibule.starlette import Auth, current_session, requires
from vestibule.testing.issuer import create_config


async def report(request: Request) -> Response:
    return PlainTextResponse("report")


@requires(permission="invoices:read")
async def invoices(request: Request) -> Response:
    return PlainTextResponse("invoices")


async def me(request: Request) -> Response:
    return PlainTextResponse((await current_session(request)).user.email)


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()


@requires()
async def private_socket(websocket: WebSocket) -> None:
    await websocket.accept()


async def opaque(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("anything")(scope, receive, send)


async def salaries(request: Request) -> Response:
    return PlainTextResponse("salaries")


guarded_salaries = requires(role="admin")(salaries)


def app_of(*routes: Any, installed: bool = True, **settings: Any) -> Starlette:
    app = Starlette(routes=[Route("/invoices", invoices), Route("/me", me), *routes])
    if installed:
        Auth(app, create_config(**settings))
    return app


def unguarded() -> list[Planted]:
    return [Planted(app_of(Route("/report", report)), {("unguarded", "GET /report")})]


def above_the_route() -> list[Planted]:
    """Starlette has no route decorators; those people write themselves register the bare function."""
    app = app_of(Route("/salaries", salaries))

    def route(path: str) -> Callable[[Any], Any]:
        def register(endpoint: Any) -> Any:
            app.router.routes.append(Route(path, endpoint))
            return endpoint

        return register

    @requires(role="admin")
    @route("/above")
    async def above(request: Request) -> Response:
        return PlainTextResponse("above")

    @route("/below")
    @requires(role="admin")
    async def below(request: Request) -> Response:
        return PlainTextResponse("below")

    return [
        Planted(app, {("guard_not_applied", "GET /above"), ("guard_not_applied", "GET /salaries")}),
    ]


def sub_app() -> list[Planted]:
    inner = Starlette(routes=[Route("/invoices", invoices), Route("/report", report)])
    return [
        Planted(app_of(Mount("/admin", app=inner)), {("unguarded", "GET /admin/report")}),
        Planted(app_of(Mount("/plain", app=opaque)), {("cannot_see", "* /plain/{path}")}),
        Planted(app_of(Mount("/plain", app=requires()(opaque))), set()),
    ]


def websocket() -> list[Planted]:
    app = app_of(WebSocketRoute("/live", socket), WebSocketRoute("/private", private_socket))
    return [Planted(app, {("unguarded", "WEBSOCKET /live")})]


def router_level() -> list[Planted]:
    router = Router([Route("/report", report), WebSocketRoute("/live", socket)])
    return [
        Planted(app_of(Mount("/group", app=requires(role="admin")(router))), set()),
        Planted(app_of(requires(role="admin")(Mount("/group", app=router))), set()),
        Planted(app_of(requires(role="admin")(Route("/report", report))), set()),
    ]


class Orders(HTTPEndpoint):
    @requires(permission="orders:read")
    async def get(self, request: Request) -> Response:
        return PlainTextResponse("orders")

    async def post(self, request: Request) -> Response:
        return PlainTextResponse("ordered")


def other_methods() -> list[Planted]:
    explicit = [
        Route("/report", requires()(report), methods=["GET"]),
        Route("/report", report, methods=["HEAD", "OPTIONS"]),  # HEAD is answered by the first
    ]
    return [
        Planted(app_of(Route("/orders", Orders)), {("method_unguarded", "POST /orders")}),
        Planted(app_of(Route("/orders", requires()(Orders))), set()),
        Planted(app_of(*explicit), {("method_unguarded", "OPTIONS /report")}),
    ]


def not_holding() -> list[Planted]:
    first = [Route("/users/{name}", report), Route("/users/admin", requires(role="admin")(report))]
    harmless = [Route("/users/{id:int}", requires()(report)), Route("/users/admin", requires()(report))]
    protected = {"protect": True, "public_paths": ("/api/:path*", "/about")}
    opened = [Route("/api/report", report), Route("/about", report), Route("/home", report)]
    return [
        Planted(
            unattached_starlette.app, {("guard_unused", f"guard {unattached_starlette.__name__}.for_admins")}
        ),
        Planted(app_of(*first), {("unguarded", "GET /users/{name}"), ("shadowed", "GET /users/admin")}),
        Planted(app_of(*harmless), set()),
        Planted(app_of(*opened, **protected), {("opened_by_pattern", "GET /api/report")}),
        Planted(app_of(installed=False), {("not_installed", "GET /invoices"), ("not_installed", "GET /me")}),
    ]
