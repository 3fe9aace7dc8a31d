"""What an editor shows to the author of a FastAPI app."""

from typing import assert_type

from fastapi import APIRouter, FastAPI
from fastapi.params import Security
from starlette.requests import Request

from vestibule.entry import AsyncEntry
from vestibule.fastapi import Auth, CurrentAuth, CurrentSession, OptionalSession, requires
from vestibule.session.model import Session

app = FastAPI()
auth = Auth(app)
router = APIRouter(dependencies=[requires(role="admin")])


@app.get("/")
def home(session: OptionalSession) -> str:
    assert_type(session, Session | None)
    if session is None:
        return "Hello stranger"
    assert_type(session, Session)
    return f"Hello {session.user.email}"


@app.get("/me")
async def me(session: CurrentSession) -> dict[str, str]:
    assert_type(session, Session)
    assert_type(session.user.email, str)
    assert_type(session.organization_id, str | None)
    assert_type(session.permissions, frozenset[str])
    return {"email": session.user.email}


@router.delete("/users/{user_id}", dependencies=[requires(permission="users:delete", recent=600)])
async def delete_user(user_id: str, session: CurrentSession) -> bool:
    return session.allows("users:delete")


async def switch(request: Request) -> None:
    assert_type(await auth.session(request), Session | None)
    assert_type(await auth.refresh(request, organization_id="org_1"), Session)
    assert_type(auth.sign_out(request), str)


@app.post("/teams/{team}")
async def change_team(team: str, auth: CurrentAuth) -> str:
    assert_type(auth, AsyncEntry)
    assert_type(await auth.switch_organization(team, return_to="/"), Session)
    assert_type((await auth.recent(600)).is_stale, bool)
    return auth.authorization_url(return_to="/", max_age=0, prompt="login")


assert_type(requires(permission={"a", "b"}), Security)
