"""The contract's app in Litestar."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response, Router, WebSocket, get, post, route, websocket
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Stream, Template
from litestar.template.config import TemplateConfig

from tests.adapters.acts import act
from tests.adapters.rigs import Rig
from tests.adapters.starlette_app import EITHER, rig
from vestibule.litestar import Auth, CurrentAuth, CurrentSession, OptionalSession, requires
from vestibule.session.config import Config
from vestibule.testing import Clock, TestIssuer

try:
    from litestar.plugins.jinja import JinjaTemplateEngine
except ImportError:  # Litestar before 2.22
    from litestar.contrib.jinja import JinjaTemplateEngine

AnyRequest = Request[Any, Any, Any]
AnySocket = WebSocket[Any, Any, Any]


def auth_of(request: AnyRequest) -> Auth:
    found = request.app.state.vestibule
    assert isinstance(found, Auth)
    return found


@get("/", sync_to_thread=True)
def home(session: OptionalSession) -> dict[str, str | None]:
    return {"email": session.user.email if session else None}


@get("/public")
async def public() -> Response[str]:
    headers = {"Cache-Control": "public, max-age=60", "Vary": "Accept"}
    return Response("public", headers=headers, media_type="text/plain")


@get("/me")
async def me(session: CurrentSession) -> dict[str, str | None]:
    return {"email": session.user.email, "organization_id": session.organization_id}


@get("/invoices", guards=[requires(permission="invoices:read")])
async def invoices() -> str:
    return "invoices"


@get("/both", guards=[requires(permission="invoices:read", role=["admin", "owner"])], sync_to_thread=False)
def both() -> str:
    return "both"


@get("/either", guards=[requires(EITHER)])
async def either() -> str:
    return "either"


@get("/recent", guards=[requires(recent=600)])
async def recent() -> str:
    return "recent"


@post("/note", status_code=200)
async def note(request: AnyRequest) -> str:
    return (await request.body()).decode() or "noted"


@get("/boom")
async def boom(session: OptionalSession) -> str:
    raise RuntimeError("boom")


@get("/teapot")
async def teapot(session: OptionalSession) -> str:
    raise HTTPException(status_code=418)


@get("/away", status_code=302)
async def away(session: OptionalSession) -> Redirect:
    return Redirect("/elsewhere")


@get("/stream")
async def stream(request: AnyRequest) -> Stream:
    async def lines() -> AsyncIterator[bytes]:
        yield b"started "
        session = await auth_of(request).session(request)
        yield session.user.email.encode() if session else b"nobody"

    return Stream(lines())


@post("/switch", status_code=200)
async def switch(request: AnyRequest, session: CurrentSession) -> dict[str, str | None]:
    switched = await auth_of(request).refresh(request, organization_id=request.query_params["to"])
    return {"organization_id": switched.organization_id}


@post("/leave", status_code=303)
async def leave(auth: CurrentAuth, session: OptionalSession) -> Redirect:
    return Redirect(auth.sign_out(return_to="/bye"))


@post("/leave-then-refresh", status_code=200)
async def leave_then_refresh(request: AnyRequest, session: OptionalSession) -> dict[str, bool]:
    auth_of(request).sign_out(request)
    return {"before": bool(session), "after": bool(await auth_of(request).session(request))}


@route("/act", http_method=["GET", "POST"], status_code=200, include_in_schema=False)
async def acting(request: AnyRequest, auth: CurrentAuth) -> dict[str, object]:
    return await act(auth, request.query_params)


@get("/greeting")
async def greeting() -> Template:
    return Template("greeting.html")


@get("/shop/x")
async def shop() -> str:
    return "public"


@websocket("/ws")
async def socket(socket: AnySocket, session: OptionalSession) -> None:
    await socket.accept()
    await socket.send_json({"email": session.user.email if session else None})
    await socket.close()


@websocket("/private-ws")
async def private_socket(socket: AnySocket, session: CurrentSession) -> None:
    await socket.accept()
    await socket.send_json({"email": session.user.email})
    await socket.close()


@get("/x")
async def grouped() -> str:
    return "public"


HANDLERS: list[Any] = [
    home,
    public,
    me,
    invoices,
    both,
    either,
    recent,
    note,
    boom,
    teapot,
    away,
    stream,
    switch,
]
HANDLERS += [leave, leave_then_refresh, acting, greeting, shop, socket, private_socket]
HANDLERS += [Router("/group", route_handlers=[grouped], guards=[requires(role="admin")])]


def create_app(auth: Auth | None = None) -> Litestar:
    templates = TemplateConfig(directory=Path(__file__).with_name("templates"), engine=JinjaTemplateEngine)
    return Litestar(HANDLERS, plugins=[auth or Auth()], template_config=templates, logging_config=None)


def install(app: Litestar, config: Config) -> Auth:
    """The plugin is part of its app from the beginning: what comes later are its settings."""
    auth = app.state.vestibule
    assert isinstance(auth, Auth)
    auth.core.restart(config=config)
    return auth


def build(issuer: TestIssuer, clock: Clock, hooks: dict[str, Any]) -> Rig:
    auth = Auth(issuer.config, **{"send": issuer, "clock": clock, **hooks})
    return rig("litestar", create_app(auth), auth, issuer, clock)
