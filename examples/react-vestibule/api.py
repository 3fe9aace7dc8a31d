"""The built page for everyone, and an API that answers no stranger, whatever the page shows."""

import json
from pathlib import Path
from urllib.parse import urlencode

from litestar import Litestar, delete, get
from litestar.params import FromPath
from litestar.response import File
from litestar.static_files import create_static_files_router

from vestibule.flow import HttpRequest
from vestibule.litestar import Auth, CurrentSession, requires

TEN_MINUTES = 600
BUILT = Path(__file__).parent / "dist"
ONLY_OURS = {"Content-Security-Policy": "default-src 'self'; img-src data:", "Cache-Control": "no-cache"}

auth = Auth()


@get(["/", "/account"], include_in_schema=False, sync_to_thread=False)
def page() -> File:
    html = BUILT / "index.html"
    return File(html, media_type="text/html", content_disposition_type="inline", headers=ONLY_OURS)


@get("/style.css", include_in_schema=False, sync_to_thread=False)
def style() -> File:
    return File(BUILT / "style.css", media_type="text/css", content_disposition_type="inline")


@get("/api/me")
async def me(session: CurrentSession) -> dict[str, str]:
    return {"email": session.user.email}


@get("/api/reports", guards=[requires(permission="reports:read")])
async def reports() -> list[str]:
    return ["March", "April"]


@delete(
    "/api/reports/{month:str}",
    status_code=200,
    guards=[requires(permission="reports:delete", recent=TEN_MINUTES)],
)
async def delete_report(month: FromPath[str]) -> dict[str, str]:
    return {"deleted": month}


@get("/api/organizations", sync_to_thread=True)
def organizations(session: CurrentSession) -> list[dict[str, str]]:
    """Membership is the server's to know."""
    query = urlencode({"user_id": session.user.id, "statuses": "active", "limit": 100})
    url = f"{auth.config.url}/user_management/organization_memberships?{query}"
    answer = auth.transport.send(HttpRequest("GET", url, {"Authorization": f"Bearer {auth.config.api_key}"}))
    rows = json.loads(answer.body)["data"]
    return [{"id": row["organization_id"], "name": row["organization_name"]} for row in rows]


app = Litestar(
    [
        page,
        style,
        me,
        reports,
        delete_report,
        organizations,
        create_static_files_router("/assets", [BUILT / "assets"]),
    ],
    plugins=[auth],
)
