"""Sign-in for FastAPI.

    auth = Auth(app)                       # adds sign-in, sign-up, callback, sign-out and session routes

    @app.get("/me")
    async def me(session: CurrentSession): ...

    @app.get("/invoices", dependencies=[requires(permission="invoices:read")])
    async def invoices(): ...

`requires` goes wherever FastAPI takes `dependencies`: a route, an APIRouter, `include_router`, the app.
"""

from typing import Annotated, TypeAlias, Unpack

from fastapi import Depends, Security, params
from fastapi.openapi.models import APIKey
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection

from vestibule.asgi import entry_of
from vestibule.entry import AsyncEntry
from vestibule.session.guards import Requirement, Wanted, mark, requirement
from vestibule.session.model import Session
from vestibule.starlette import LINE, Auth, Refusal, current_session, optional_session

__all__ = ["Auth", "CurrentAuth", "CurrentSession", "OptionalSession", "Refusal", "requires"]


COOKIE_NAME = "wos-session"


class SessionCookie(SecurityBase):
    """How the OpenAPI document names what guards a route."""

    def __init__(self) -> None:
        self.scheme_name = "session"
        self.model = APIKey.model_validate(
            {"in": "cookie", "name": COOKIE_NAME, "description": "The session cookie, set by signing in."}
        )


class Guard(SessionCookie):
    """A dependency that turns away who lacks something."""

    def __init__(self, wanted: Requirement) -> None:
        super().__init__()
        self._wanted = wanted
        mark(self, wanted)

    async def __call__(self, connection: HTTPConnection) -> None:
        reply = await entry_of(connection.scope, line=LINE).guard(self._wanted)
        if reply is not None:
            raise Refusal(reply)


class SignedIn(SessionCookie):
    """A dependency that is the session."""

    def __init__(self) -> None:
        super().__init__()
        mark(self, requirement())

    async def __call__(self, connection: HTTPConnection) -> Session:
        return await current_session(connection)


CurrentSession: TypeAlias = Annotated[Session, Depends(SignedIn())]
"""The session. Signed out: a browser opening a page goes to sign-in, everything else gets a 401."""

OptionalSession: TypeAlias = Annotated[Session | None, Depends(optional_session)]
"""The session, or None."""


def _entry(connection: HTTPConnection) -> AsyncEntry:
    return entry_of(connection.scope, line=LINE)


CurrentAuth: TypeAlias = Annotated[AsyncEntry, Depends(_entry)]
"""What a handler can do with this request's session: refresh, switch, sign out, save, …"""


def requires(*requirements: Requirement, **wanted: Unpack[Wanted]) -> params.Security:
    """What a visitor must have, for `dependencies=[…]`. Bare: signed in."""
    return Security(Guard(requirement(*requirements, **wanted)))  # type: ignore[no-any-return]
