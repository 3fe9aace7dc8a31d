"""What an editor shows to the author of a Litestar app."""

from typing import Any, assert_type

from litestar import Controller, Litestar, Request, Router, WebSocket, get, post, websocket
from litestar.response import Redirect

from vestibule.entry import AsyncEntry
from vestibule.litestar import (
    Auth,
    CurrentAuth,
    CurrentSession,
    CurrentUser,
    Guard,
    OptionalSession,
    requires,
)
from vestibule.session.model import Session


class Person:
    name: str = "Ada"


@get("/")
async def home(session: OptionalSession) -> str:
    assert_type(session, Session | None)
    if session is None:
        return "Hello stranger"
    assert_type(session, Session)
    return f"Hello {session.user.email}"


@get("/me", guards=[requires(permission="me:read", recent=600)])
async def me(session: CurrentSession) -> dict[str, str]:
    assert_type(session, Session)
    assert_type(session.user.email, str)
    assert_type(session.permissions, frozenset[str])
    return {"email": session.user.email}


@get("/name")
async def name(user: CurrentUser[Person]) -> str:
    assert_type(user, Person)
    return user.name


@post("/leave")
async def leave(auth: CurrentAuth) -> Redirect:
    assert_type(auth, AsyncEntry)
    return Redirect(auth.sign_out(return_to="/"))


@websocket("/ws")
async def talk(socket: WebSocket[Any, Any, Any], session: CurrentSession) -> None:
    assert_type(await auth.session(socket), Session | None)


class Reports(Controller):
    guards = [requires(role="admin")]  # noqa: RUF012 - as Litestar's own documents have it


async def switch(request: Request[Any, Any, Any]) -> None:
    assert_type(await auth.session(request), Session | None)
    assert_type(await auth.refresh(request, organization_id="org_1"), Session)
    assert_type(auth.sign_out(request), str)


auth = Auth()
admin = Router("/admin", route_handlers=[Reports], guards=[requires(role="admin")])
app = Litestar([home, me, name, leave, talk, admin], plugins=[auth], guards=[requires()])
assert_type(requires(permission={"a", "b"}), Guard)
