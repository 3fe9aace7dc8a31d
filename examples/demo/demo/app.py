"""The routes: one public page, one for people who are signed in, and an API that answers no stranger."""

from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from demo.organizations import Organizations
from vestibule.fastapi import Auth, CurrentSession, OptionalSession, requires
from vestibule.session.config import Config

HERE = Path(__file__).parent
REPORTS = [
    {"id": 1, "title": "Difference engine, third quarter"},
    {"id": 2, "title": "Jacquard cards, wear and tear"},
]

READ = requires(permission="reports:read")
DELETE = requires(permission="reports:delete")

app = FastAPI(title="Atrium", docs_url=None, redoc_url=None)
app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
config = Config.from_env()
auth = Auth(app, config)
organizations = Organizations(config)
pages = Jinja2Templates(directory=HERE / "templates")


@app.get("/", include_in_schema=False)
def home(request: Request, session: OptionalSession) -> Response:
    return pages.TemplateResponse(request, "home.html", {"session": session})


@app.get("/account", include_in_schema=False)
def account(request: Request, session: CurrentSession) -> Response:
    context = {"session": session, "organizations": organizations.of(session), "server": config.url}
    return pages.TemplateResponse(request, "account.html", context)


@app.post("/organizations", include_in_schema=False)
def create_organization(session: CurrentSession, name: Annotated[str, Form(max_length=80)]) -> Response:
    if name.strip():
        organizations.create(session, name=name.strip())
    return RedirectResponse("/account#organizations", status_code=303)


@app.get("/api/me")
def me(session: CurrentSession) -> dict[str, object]:
    return {
        "email": session.user.email,
        "organization": session.organization_id,
        "permissions": sorted(session.permissions),
    }


@app.get("/api/reports", dependencies=[READ])
def reports() -> list[dict[str, object]]:
    return list(REPORTS)


@app.delete("/api/reports/{number}", dependencies=[DELETE])
def delete_report(number: int) -> dict[str, object]:
    return {"deleted": number, "note": "Only in this answer: the demo keeps its reports."}
