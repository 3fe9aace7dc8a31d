"""A guard that was made and forgotten."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from vestibule.starlette import Auth, requires

for_admins = requires(role="admin")
for_owners = requires(role="owner")


@for_owners
async def owned(request: Request) -> Response:
    return PlainTextResponse("owned")


app = Starlette(routes=[Route("/owned", owned)])
Auth(app)
