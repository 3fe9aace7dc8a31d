"""The contract's app in FastAPI."""

from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException, Request, WebSocket
from fastapi.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse

from tests.adapters.acts import act
from tests.adapters.rigs import Rig
from tests.adapters.starlette_app import EITHER, TEMPLATES, rig
from vestibule.fastapi import Auth, CurrentAuth, CurrentSession, OptionalSession, requires
from vestibule.starlette import optional_session
from vestibule.testing import Clock, TestIssuer

router = APIRouter()
group = APIRouter(prefix="/group", dependencies=[requires(role="admin")])


@router.get("/")
def home(session: OptionalSession) -> dict[str, str | None]:
    return {"email": session.user.email if session else None}


@router.get("/public")
async def public() -> Response:
    return PlainTextResponse("public", headers={"Cache-Control": "public, max-age=60", "Vary": "Accept"})


@router.get("/me")
async def me(session: CurrentSession) -> dict[str, str | None]:
    return {"email": session.user.email, "organization_id": session.organization_id}


@router.get("/invoices", dependencies=[requires(permission="invoices:read")])
async def invoices() -> Response:
    return PlainTextResponse("invoices")


@router.get("/both", dependencies=[requires(permission="invoices:read", role=["admin", "owner"])])
def both() -> Response:
    return PlainTextResponse("both")


@router.get("/either", dependencies=[requires(EITHER)])
async def either() -> Response:
    return PlainTextResponse("either")


@router.get("/recent", dependencies=[requires(recent=600)])
async def recent() -> Response:
    return PlainTextResponse("recent")


@router.post("/note")
async def note(request: Request) -> Response:
    return PlainTextResponse((await request.body()).decode() or "noted")


@router.get("/boom")
async def boom(session: OptionalSession) -> Response:
    raise RuntimeError("boom")


@router.get("/teapot")
async def teapot(session: OptionalSession) -> Response:
    raise HTTPException(418)


@router.get("/away")
async def away(session: OptionalSession) -> Response:
    return RedirectResponse("/elsewhere", 302)


@router.get("/stream")
async def stream(request: Request) -> Response:
    async def lines() -> AsyncIterator[bytes]:
        yield b"started "
        session = await optional_session(request)
        yield session.user.email.encode() if session else b"nobody"

    return StreamingResponse(lines())


@router.post("/switch")
async def switch(request: Request, session: CurrentSession, to: str) -> dict[str, str | None]:
    switched = await request.app.state.vestibule.refresh(request, organization_id=to)
    return {"organization_id": switched.organization_id}


@router.post("/leave")
async def leave(request: Request, session: OptionalSession) -> Response:
    return RedirectResponse(request.app.state.vestibule.sign_out(request, return_to="/bye"), 303)


@router.post("/leave-then-refresh")
async def leave_then_refresh(request: Request, session: OptionalSession) -> dict[str, bool]:
    auth = request.app.state.vestibule
    auth.sign_out(request)
    return {"before": bool(session), "after": bool(await auth.session(request))}


@router.api_route("/act", methods=["GET", "POST"], include_in_schema=False)
async def acting(request: Request, auth: CurrentAuth) -> dict[str, object]:
    return await act(auth, request.query_params)


@router.get("/greeting")
async def greeting(request: Request) -> Response:
    return TEMPLATES.TemplateResponse(request, "greeting.html")


@router.get("/shop/x")
async def shop() -> Response:
    return PlainTextResponse("public")


@router.websocket("/ws")
async def socket(websocket: WebSocket, session: OptionalSession) -> None:
    await websocket.accept()
    await websocket.send_json({"email": session.user.email if session else None})
    await websocket.close()


@router.websocket("/private-ws")
async def private_socket(websocket: WebSocket, session: CurrentSession) -> None:
    await websocket.accept()
    await websocket.send_json({"email": session.user.email})
    await websocket.close()


@group.get("/x")
async def grouped() -> Response:
    return PlainTextResponse("public")


def create_app() -> FastAPI:
    app = FastAPI()
    app.include_router(router)
    app.include_router(group)
    return app


def build(issuer: TestIssuer, clock: Clock, hooks: dict[str, Any]) -> Rig:
    app = create_app()
    auth = Auth(app, issuer.config, **{"send": issuer, "clock": clock, **hooks})
    TEMPLATES.context_processors.clear()
    auth.templates(TEMPLATES)
    return rig("fastapi", app, auth, issuer, clock)
