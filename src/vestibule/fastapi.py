"""Sign-in for FastAPI.

    auth = Auth(app)                       # adds sign-in, sign-up, callback, sign-out and session routes

    @app.get("/me")
    async def me(session: CurrentSession): ...

    @app.get("/invoices", dependencies=[requires(permission="invoices:read")])
    async def invoices(): ...

`requires` goes wherever FastAPI takes `dependencies`: a route, an APIRouter, `include_router`, the app.
"""

from typing import Annotated, Any, TypeAlias, TypeVar, Unpack

from fastapi import Depends, Security, params
from fastapi.openapi.models import APIKey
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection

from vestibule.asgi import entry_of
from vestibule.entry import AsyncEntry
from vestibule.session.data import Data
from vestibule.session.guards import Requirement, Wanted, mark, requirement
from vestibule.session.model import Session
from vestibule.starlette import LINE, Auth, Refusal, current_session, optional_session

__all__ = [
    "AppData",
    "Auth",
    "CurrentAuth",
    "CurrentSession",
    "CurrentUser",
    "OptionalSession",
    "Refusal",
    "requires",
]

U = TypeVar("U")
D = TypeVar("D")


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

    async def __call__(self, connection: HTTPConnection) -> Any:
        return await current_session(connection)


CurrentSession: TypeAlias = Annotated[Session, Depends(SignedIn())]
"""The session. Signed out: a browser opening a page goes to sign-in, everything else gets a 401."""

OptionalSession: TypeAlias = Annotated[Session | None, Depends(optional_session)]
"""The session, or None."""


def _entry(connection: HTTPConnection) -> AsyncEntry:
    return entry_of(connection.scope, line=LINE)


async def _data(connection: HTTPConnection) -> Data[Any]:
    return await _entry(connection).data()


class KnownUser(SignedIn):
    """A dependency that is the app's own user."""

    async def __call__(self, connection: HTTPConnection) -> Any:
        await current_session(connection)
        return await _entry(connection).user()


CurrentUser: TypeAlias = Annotated[U, Depends(KnownUser())]
"""The app's own user, from `load_user`: `CurrentUser[MyUser]`. Signed out: as `CurrentSession`."""

AppData: TypeAlias = Annotated[Data[D], Depends(_data)]
"""What the app keeps for this browser, signed in or not: `AppData[Cart]`."""

CurrentAuth: TypeAlias = Annotated[AsyncEntry, Depends(_entry)]
"""What a handler can do with this request's session: refresh, switch, sign out, save, …"""


def requires(*requirements: Requirement, **wanted: Unpack[Wanted]) -> params.Security:
    """What a visitor must have, for `dependencies=[…]`. Bare: signed in."""
    return Security(Guard(requirement(*requirements, **wanted)))  # type: ignore[no-any-return]
