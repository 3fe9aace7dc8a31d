"""Seven mistakes in FastAPI."""

from typing import Annotated, Any

import fastapi.routing
from fastapi import APIRouter, Depends, FastAPI, WebSocket
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

import vestibule.starlette
from tests.audit import unattached_fastapi
from tests.audit.planted import Planted
from vestibule.fastapi import Auth, CurrentSession, OptionalSession, requires
from vestibule.session.model import Session
from vestibule.testing.issuer import create_config

# Older releases copy the routes of a router, and what was around them is nowhere any more.
LOST = "guard_not_applied" if hasattr(fastapi.routing, "iter_route_contexts") else "unguarded"
MAY_READ = requires(permission="invoices:read")


class Invoice(BaseModel):
    total: int


def current_admin(session: CurrentSession) -> Session:
    return session


def app_of(*, installed: bool = True, dependencies: Any = None, **settings: Any) -> FastAPI:
    """With a guard in each of the places FastAPI has for one."""
    app = FastAPI(dependencies=dependencies)
    if installed:
        Auth(app, create_config(**settings))

    @app.get("/me")
    async def me(session: CurrentSession) -> str:
        return session.user.email

    @app.get("/deep")
    async def deep(session: Annotated[Session, Depends(current_admin)]) -> str:
        return session.user.email

    @app.post("/invoices", dependencies=[MAY_READ])
    def invoices(invoice: Invoice) -> str:
        return "invoices"

    return app


def report() -> str:
    return "report"


async def plain(request: Request) -> Response:
    return PlainTextResponse("plain")


def reports(**options: Any) -> APIRouter:
    router = APIRouter(**options)
    router.get("/report")(report)
    return router


async def opaque(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("anything")(scope, receive, send)


def unguarded() -> list[Planted]:
    app = app_of()
    app.get("/report")(report)

    @app.get("/optional")
    def optional(session: OptionalSession) -> str:
        return "anybody"

    return [Planted(app, {("unguarded", "GET /report"), ("unguarded", "GET /optional")})]


def above_the_route() -> list[Planted]:
    """FastAPI's own `requires` is no decorator; Starlette's is, and goes below."""
    app = app_of()

    @vestibule.starlette.requires(role="admin")
    @app.get("/above")
    async def above(request: Request) -> str:
        return "above"

    @app.get("/below")
    @vestibule.starlette.requires(role="admin")
    async def below(request: Request) -> str:
        return "below"

    return [Planted(app, {("guard_not_applied", "GET /above")})]


def sub_app() -> list[Planted]:
    inner = app_of(installed=False)
    inner.get("/report")(report)
    mounted = app_of()
    mounted.mount("/admin", inner)
    closed = app_of()
    closed.mount("/admin", vestibule.starlette.requires()(inner))
    hidden = app_of()
    hidden.mount("/plain", opaque)
    return [
        Planted(mounted, {("unguarded", "GET /admin/report")}),
        Planted(closed, set()),
        Planted(hidden, {("cannot_see", "* /plain/{path}")}),
    ]


def websocket() -> list[Planted]:
    app = app_of()

    @app.websocket("/live")
    async def live(websocket: WebSocket) -> None:
        await websocket.accept()

    @app.websocket("/private")
    async def private(websocket: WebSocket, session: CurrentSession) -> None:
        await websocket.accept()

    @app.websocket("/members", dependencies=[requires(role="member")])
    async def members(websocket: WebSocket) -> None:
        await websocket.accept()

    return [Planted(app, {("unguarded", "WEBSOCKET /live")})]


def router_level() -> list[Planted]:
    on_router, on_include = app_of(), app_of()
    on_router.include_router(reports(prefix="/group", dependencies=[requires(role="admin")]))
    on_include.include_router(reports(prefix="/group"), dependencies=[requires(role="admin")])
    nested, outer = app_of(), APIRouter(prefix="/outer", dependencies=[requires()])
    outer.include_router(reports(prefix="/inner"))
    nested.include_router(outer)
    on_app = app_of(dependencies=[requires()])
    on_app.get("/report")(report)
    return [Planted(app, set()) for app in (on_router, on_include, nested, on_app)]


def other_methods() -> list[Planted]:
    app = app_of()
    app.get("/report", dependencies=[requires()])(report)
    app.head("/report")(report)
    app.options("/report")(report)
    app.put("/report", dependencies=[requires(role="admin")])(report)
    return [Planted(app, {("method_unguarded", "HEAD /report"), ("method_unguarded", "OPTIONS /report")})]


def not_holding() -> list[Planted]:
    overridden = app_of()
    overridden.dependency_overrides[MAY_READ.dependency] = lambda: None
    shadowed = app_of()
    shadowed.get("/users/{name}")(report)
    shadowed.get("/users/admin", dependencies=[requires(role="admin")])(report)
    lost, router = app_of(), APIRouter()
    router.routes.append(vestibule.starlette.requires()(Route("/lost", plain)))
    lost.include_router(router)
    protected = app_of(protect=True, public_paths=("/api/:path*", "/about"))
    for path in ("/api/report", "/about", "/home"):
        protected.get(path)(report)
    missing = {("not_installed", name) for name in ("GET /me", "GET /deep", "POST /invoices")}
    unattached = f"guard {unattached_fastapi.__name__}.for_admins"
    return [
        Planted(overridden, {("guard_overridden", "POST /invoices")}),
        Planted(unattached_fastapi.app, {("guard_unused", unattached)}),
        Planted(shadowed, {("unguarded", "GET /users/{name}"), ("shadowed", "GET /users/admin")}),
        Planted(lost, {(LOST, "GET /lost")}),
        Planted(protected, {("opened_by_pattern", "GET /api/report")}),
        Planted(app_of(installed=False), missing),
    ]
