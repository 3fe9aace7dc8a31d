"""Two pages of plain HTML, and the data that only Python can guard."""

from pathlib import Path

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from vestibule.starlette import Auth, current_session, requires

TEN_MINUTES = 600
HERE = Path(__file__).parent
ONLY_OURS = {"Content-Security-Policy": "default-src 'self'; img-src data:", "Cache-Control": "no-store"}


async def home(request: Request) -> FileResponse:
    return FileResponse(HERE / "index.html", headers=ONLY_OURS)


@requires()
async def account(request: Request) -> FileResponse:
    return FileResponse(HERE / "account.html", headers=ONLY_OURS)


async def me(request: Request) -> JSONResponse:
    session = await current_session(request)
    return JSONResponse({"email": session.user.email})


@requires(permission="reports:read")
async def reports(request: Request) -> JSONResponse:
    return JSONResponse(["March", "April"])


@requires(permission="reports:delete", recent=TEN_MINUTES)
async def delete_report(request: Request) -> JSONResponse:
    return JSONResponse({"deleted": request.path_params["month"]})


async def organizations(request: Request) -> JSONResponse:
    """Whose member somebody is, the server knows."""
    session = await current_session(request)
    query = {"user_id": session.user.id, "statuses": "active", "limit": "100"}
    key = {"Authorization": f"Bearer {auth.config.api_key}"}
    async with httpx2.AsyncClient(base_url=auth.config.url, headers=key) as server:
        found = await server.get("/user_management/organization_memberships", params=query)
    rows = found.json()["data"]
    return JSONResponse([{"id": row["organization_id"], "name": row["organization_name"]} for row in rows])


app = Starlette(
    routes=[
        Route("/", home),
        Route("/account", account),
        Route("/api/me", me),
        Route("/api/reports", reports),
        Route("/api/reports/{month}", delete_report, methods=["DELETE"]),
        Route("/api/organizations", organizations),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
)
auth = Auth(app)
