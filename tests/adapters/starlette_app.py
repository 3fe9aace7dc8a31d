"""The contract's app in Starlette."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, Router, WebSocketRoute
from starlette.templating import Jinja2Templates
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from tests.adapters.acts import act
from tests.adapters.rigs import ORIGIN, Answer, Rig
from vestibule.session.guards import requirement
from vestibule.starlette import Auth, current_session, optional_session, requires
from vestibule.testing import Clock, TestIssuer

TEMPLATES = Jinja2Templates(Path(__file__).parent / "templates")
EITHER = requirement(permission="invoices:read") | requirement(role="admin")


async def home(request: Request) -> Response:
    session = await optional_session(request)
    return JSONResponse({"email": session and session.user.email})


async def public(request: Request) -> Response:
    return PlainTextResponse("public", headers={"Cache-Control": "public, max-age=60", "Vary": "Accept"})


async def me(request: Request) -> Response:
    session = await current_session(request)
    return JSONResponse({"email": session.user.email, "organization_id": session.organization_id})


@requires(permission="invoices:read")
async def invoices(request: Request) -> Response:
    return PlainTextResponse("invoices")


@requires(permission="invoices:read", role=["admin", "owner"])
def both(request: Request) -> Response:
    return PlainTextResponse("both")


@requires(EITHER)
async def either(request: Request) -> Response:
    return PlainTextResponse("either")


@requires(recent=600)
async def recent(request: Request) -> Response:
    return PlainTextResponse("recent")


async def note(request: Request) -> Response:
    return PlainTextResponse((await request.body()).decode() or "noted")


async def boom(request: Request) -> Response:
    await optional_session(request)
    raise RuntimeError("boom")


async def teapot(request: Request) -> Response:
    await optional_session(request)
    raise HTTPException(418)


async def away(request: Request) -> Response:
    await optional_session(request)
    return RedirectResponse("/elsewhere", 302)


async def stream(request: Request) -> Response:
    async def lines() -> AsyncIterator[bytes]:
        yield b"started "
        session = await optional_session(request)
        yield session.user.email.encode() if session else b"nobody"

    return StreamingResponse(lines())


async def switch(request: Request) -> Response:
    auth = request.app.state.vestibule
    await auth.session(request)
    session = await auth.refresh(request, organization_id=request.query_params["to"])
    return JSONResponse({"organization_id": session.organization_id})


async def leave(request: Request) -> Response:
    auth = request.app.state.vestibule
    await auth.session(request)
    return RedirectResponse(auth.sign_out(request, return_to="/bye"), 303)


async def leave_then_refresh(request: Request) -> Response:
    auth = request.app.state.vestibule
    session = await auth.session(request)
    auth.sign_out(request)
    again = await auth.session(request)
    return JSONResponse({"before": bool(session), "after": bool(again)})


async def socket(websocket: WebSocket) -> None:
    session = await optional_session(websocket)
    await websocket.accept()
    await websocket.send_json({"email": session and session.user.email})
    await websocket.close()


async def private_socket(websocket: WebSocket) -> None:
    session = await current_session(websocket)
    await websocket.accept()
    await websocket.send_json({"email": session.user.email})
    await websocket.close()


async def acting(request: Request) -> Response:
    auth = request.app.state.vestibule
    return JSONResponse(await act(auth.entry(request), request.query_params))


async def greeting(request: Request) -> Response:
    return TEMPLATES.TemplateResponse(request, "greeting.html")


class Group:
    """A group of routes behind one guard."""

    routes = [Route("/x", public)]  # noqa: RUF012 - a test's constant


def create_app() -> Starlette:
    get = {"/": home, "/public": public, "/me": me, "/invoices": invoices, "/both": both, "/either": either}
    get |= {"/recent": recent, "/boom": boom, "/teapot": teapot, "/away": away, "/stream": stream}
    get |= {"/greeting": greeting, "/shop/x": public}
    post = {"/note": note, "/switch": switch, "/leave": leave, "/leave-then-refresh": leave_then_refresh}
    return Starlette(
        routes=[
            *(Route(path, endpoint) for path, endpoint in get.items()),
            *(Route(path, endpoint, methods=["POST"]) for path, endpoint in post.items()),
            WebSocketRoute("/ws", socket),
            WebSocketRoute("/private-ws", private_socket),
            Route("/act", acting, methods=["GET", "POST"]),
            Mount("/group", app=requires(role="admin")(Router(Group.routes))),
        ]
    )


def build(issuer: TestIssuer, clock: Clock, hooks: dict[str, Any]) -> Rig:
    app = create_app()
    auth = Auth(app, issuer.config, **{"send": issuer, "clock": clock, **hooks})
    TEMPLATES.context_processors.clear()
    auth.templates(TEMPLATES)
    return rig("starlette", app, auth, issuer, clock)


def rig(name: str, app: Any, auth: Any, issuer: TestIssuer, clock: Clock) -> Rig:
    client = TestClient(app, base_url=ORIGIN, raise_server_exceptions=False, follow_redirects=False)
    for automatic in ("accept", "user-agent", "accept-encoding"):
        client.headers.pop(automatic, None)

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        response = client.request(method, path, headers=dict(headers), content=body)
        return Answer(response.status_code, tuple(response.headers.multi_items()), response.content)

    return Rig(name, client, auth, issuer, clock, send)
