"""Who is signed in at this server itself, for the pages that are its own: the account and the dashboard."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from starlette.responses import RedirectResponse, Response

from vestibule.server.identity.browser import find_browser_session
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.logins import begin_login
from vestibule.server.identity.models import BrowserSession
from vestibule.server.identity.people import User
from vestibule.server.identity.users import get_user
from vestibule.server.visitor import SEE_OTHER, Visitor

TEN_MINUTES: Final = 600


@dataclass(frozen=True, slots=True)
class Insider:
    """`session` is that of the browser at this server, which is nobody's who only impersonates."""

    visitor: Visitor
    session: BrowserSession
    user: User


def find_insider(visitor: Visitor) -> Insider | None:
    """None: nobody is signed in here, their address is not confirmed, or they are suspended."""
    session = find_browser_session(visitor.identity, visitor.session_token)
    if session is None:
        return None
    try:
        user = get_user(visitor.identity, session.user_id)
    except NotFound:
        return None
    return Insider(visitor, session, user) if user.email_verified and not user.suspended_at else None


def sign_in_first(visitor: Visitor, back: str, *, fresh: bool = False) -> Response:
    """To the sign-in, and from there to `back`, a path of this server. `fresh` asks again although somebody
    is signed in."""
    asked = {"fresh": True} if fresh else {}
    login = begin_login(visitor.identity, None, visitor.binding, back_to=back, **asked)
    return RedirectResponse(f"/continue?login={login.token}", SEE_OTHER)


def is_fresh(insider: Insider, *, seconds: int = TEN_MINUTES) -> bool:
    """Whether they proved who they are a short while ago."""
    age = insider.visitor.identity.now - insider.session.authenticated_at
    return age < dt.timedelta(seconds=seconds)
