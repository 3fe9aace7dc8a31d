"""Seven mistakes in Litestar."""

from typing import Any

from litestar import Controller, Litestar, Router, WebSocket, asgi, get, head, post, route, websocket_listener
from litestar import websocket as websocket_handler
from litestar.types import Receive, Scope, Send
from starlette.applications import Starlette
from starlette.routing import Route

from tests.audit import unattached_litestar
from tests.audit.planted import Planted
from vestibule.litestar import Auth, CurrentSession, OptionalSession, requires
from vestibule.testing.issuer import create_config


@get("/me", sync_to_thread=False)
def me(session: CurrentSession) -> str:
    return session.user.email


@get("/optional", sync_to_thread=False)
def optional(session: OptionalSession) -> str:
    return "anybody"


@post("/invoices", guards=[requires(permission="invoices:read")], sync_to_thread=False)
def invoices() -> str:
    return "invoices"


@get("/report", sync_to_thread=False)
def report() -> str:
    return "report"


@get("/late", sync_to_thread=False)
def late() -> str:
    return "late"


@asgi("/plain", is_mount=True, copy_scope=True)
async def opaque(scope: Scope, receive: Receive, send: Send) -> None:
    raise NotImplementedError


def app_of(*handlers: Any, installed: bool = True, guards: Any = None, **settings: Any) -> Litestar:
    plugins = [Auth(create_config(**settings))] if installed else []
    needs_auth = [me] if installed else []
    return Litestar([invoices, *needs_auth, *handlers], plugins=plugins, guards=guards)


def unguarded() -> list[Planted]:
    return [Planted(app_of(report, optional), {("unguarded", "GET /report"), ("unguarded", "GET /optional")})]


def above_the_route() -> list[Planted]:
    """A guard of Litestar's is no decorator: above or below a handler it stops the program. What goes unsaid
    is one that is given to a handler when the app has its copy."""
    app = app_of(late)
    late.guards = [requires(role="admin")]
    return [Planted(app, {("guard_not_applied", "GET /late")})]


def sub_app() -> list[Planted]:
    inner = Starlette(routes=[Route("/inside", lambda request: None)])
    closed = asgi("/closed", is_mount=True, copy_scope=True, guards=[requires()])(opaque.fn)
    return [
        Planted(app_of(opaque), {("cannot_see", "* /plain/{path}")}),
        Planted(app_of(closed), set()),
        Planted(
            app_of(asgi("/sub", is_mount=True, copy_scope=True)(inner)), {("unguarded", "GET /sub/inside")}
        ),
        Planted(app_of(asgi("/sub", is_mount=True, copy_scope=True, guards=[requires()])(inner)), set()),
    ]


def websocket() -> list[Planted]:
    @websocket_listener("/live")
    def live(data: str) -> str:
        return data

    @websocket_handler("/private")
    async def private(socket: WebSocket[Any, Any, Any], session: CurrentSession) -> None:
        await socket.accept()

    @websocket_listener("/members", guards=[requires(role="member")])
    def members(data: str) -> str:
        return data

    return [Planted(app_of(live, private, members), {("unguarded", "WEBSOCKET /live")})]


class Reports(Controller):
    path = "/reports"
    guards = [requires(role="admin")]  # noqa: RUF012 - as Litestar has it

    @get("/", sync_to_thread=False)
    def all(self) -> str:
        return "reports"


def router_level() -> list[Planted]:
    return [
        Planted(app_of(Router("/group", route_handlers=[report], guards=[requires(role="admin")])), set()),
        Planted(app_of(Reports), set()),
        Planted(app_of(Router("/outer", route_handlers=[Reports, report], guards=[requires()])), set()),
        Planted(app_of(report, guards=[requires()]), set()),
    ]


class Orders(Controller):
    path = "/orders"

    @get("/", guards=[requires(permission="orders:read")], sync_to_thread=False)
    def find(self) -> str:
        return "orders"

    @post("/", sync_to_thread=False)
    def create(self) -> str:
        return "ordered"

    @head("/", sync_to_thread=False)
    def look(self) -> None:
        return None

    @route("/", http_method=["OPTIONS"], sync_to_thread=False)
    def ask(self) -> str:
        return "anything"


def other_methods() -> list[Planted]:
    found = {("method_unguarded", f"{method} /orders") for method in ("POST", "HEAD", "OPTIONS")}
    return [Planted(app_of(Orders), found)]


class Lax(Reports):
    """What a subclass says takes the place of what its parent says."""

    path = "/lax"
    guards: Any = []  # noqa: RUF012


def not_holding() -> list[Planted]:
    paths = ("/api/report", "/about", "/home")
    opened = [get(path, sync_to_thread=False)(report.fn) for path in paths]
    protected = app_of(*opened, protect=True, public_paths=("/api/:path*", "/about"))
    unattached = f"guard {unattached_litestar.__name__}.for_admins"
    return [
        Planted(app_of(Lax), {("unguarded", "GET /lax")}),
        Planted(unattached_litestar.app, {("guard_unused", unattached)}),
        Planted(protected, {("opened_by_pattern", "GET /api/report")}),
        Planted(app_of(installed=False), {("not_installed", "POST /invoices")}),
    ]
