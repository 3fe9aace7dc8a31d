"""A page for everyone, one for people who are signed in, and an API that answers no stranger."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from vestibule.starlette import Auth, current_session, optional_session, requires

HERE = Path(__file__).parent


async def home(request: Request) -> Response:
    return pages.TemplateResponse(request, "home.html", {"session": await optional_session(request)})


async def account(request: Request) -> Response:
    return pages.TemplateResponse(request, "account.html", {"session": await current_session(request)})


async def me(request: Request) -> JSONResponse:
    session = await current_session(request)
    return JSONResponse({"email": session.user.email})


@requires(permission="reports:read")
async def reports(request: Request) -> JSONResponse:
    return JSONResponse(["March", "April"])


app = Starlette(
    routes=[
        Route("/", home),
        Route("/account", account),
        Route("/api/me", me),
        Route("/api/reports", reports),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
)
auth = Auth(app)
pages = auth.templates(Jinja2Templates(HERE / "templates"))
