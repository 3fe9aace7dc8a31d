"""A page for everyone, one for people who are signed in, and an API that answers no stranger."""

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

from vestibule.fastapi import Auth, CurrentSession, OptionalSession, requires

HERE = Path(__file__).parent

app = FastAPI(title="Example")
app.mount("/static", StaticFiles(directory=HERE / "static"))
auth = Auth(app)
pages = auth.templates(Jinja2Templates(HERE / "templates"))


@app.get("/", include_in_schema=False)
def home(request: Request, session: OptionalSession) -> Response:
    return pages.TemplateResponse(request, "home.html", {"session": session})


@app.get("/account", include_in_schema=False)
def account(request: Request, session: CurrentSession) -> Response:
    return pages.TemplateResponse(request, "account.html", {"session": session})


@app.get("/api/me")
async def me(session: CurrentSession) -> dict[str, str]:
    return {"email": session.user.email}


@app.get("/api/reports", dependencies=[requires(permission="reports:read")])
async def reports() -> list[str]:
    return ["March", "April"]
