"""A page for everyone, one for people who are signed in, and an API that answers no stranger."""

from pathlib import Path

from litestar import Litestar, get
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.static_files import create_static_files_router
from litestar.template.config import TemplateConfig

from vestibule.litestar import Auth, CurrentSession, OptionalSession, requires

HERE = Path(__file__).parent


@get("/", include_in_schema=False)
async def home(session: OptionalSession) -> Template:
    return Template("home.html", context={"session": session})


@get("/account", include_in_schema=False)
async def account(session: CurrentSession) -> Template:
    return Template("account.html", context={"session": session})


@get("/api/me")
async def me(session: CurrentSession) -> dict[str, str]:
    return {"email": session.user.email}


@get("/api/reports", guards=[requires(permission="reports:read")])
async def reports() -> list[str]:
    return ["March", "April"]


app = Litestar(
    [home, account, me, reports, create_static_files_router("/static", [HERE / "static"])],
    plugins=[Auth()],
    template_config=TemplateConfig(directory=HERE / "templates", engine=JinjaTemplateEngine),
)
