"""What an editor shows to the author of a Starlette app: a guard keeps the signature of what it guards."""

from typing import assert_type

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from vestibule.session.model import Session
from vestibule.starlette import Auth, current_session, optional_session, requires


async def home(request: Request) -> PlainTextResponse:
    session = await optional_session(request)
    assert_type(session, Session | None)
    return PlainTextResponse(session.user.email if session else "stranger")


@requires(permission="invoices:read")
async def invoices(request: Request) -> PlainTextResponse:
    assert_type(await current_session(request), Session)
    return PlainTextResponse("paid")


async def call(request: Request) -> None:
    assert_type(await invoices(request), PlainTextResponse)


app = Starlette(routes=[Route("/", home), requires(role="admin")(Route("/invoices", invoices))])
auth = Auth(app)
