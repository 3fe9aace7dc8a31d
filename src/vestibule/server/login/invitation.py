"""A sign-in that somebody was invited to: the link of the mail, and the invitation accepted on the way."""

from http import HTTPStatus
from typing import Final

from starlette.responses import RedirectResponse, Response

from vestibule.server import browsers
from vestibule.server.identity.environment import get_environment
from vestibule.server.identity.errors import NotFound, OAuthDenied
from vestibule.server.identity.joining import find_invitation, find_invitation_by_id, join_by_id
from vestibule.server.identity.logins import Login, begin_login, get_login, update_login
from vestibule.server.identity.organizations import get_organization
from vestibule.server.identity.people import Invitation
from vestibule.server.identity.responding import add_query
from vestibule.server.identity.users import find_user, find_user_by_email, get_user
from vestibule.server.visitor import SEE_OTHER, NotStarted, Visitor

WITHOUT: Final = "without_invitation"


def show(visitor: Visitor) -> Response:
    """The link of the mail. Opening it changes nothing: scanners of mail open links too."""
    if visitor.request.method == "HEAD":
        return Response()
    token = visitor.request.query_params.get("invitation_token")
    found = find_invitation(visitor.identity, token)
    place = get_environment(visitor.identity)
    if found is None or token is None or found.state != "pending":
        return _over(visitor, place.initiate_login_url or place.app_homepage_url or "")
    if place.initiate_login_url:
        target = add_query(place.initiate_login_url, {"invitation_token": token})
        response = RedirectResponse(target, SEE_OTHER)
        # Not every app passes the token on: whatever sign-in this browser begins next is meant.
        browsers.remember_invitation(response, visitor.identity.settings, token)
        return response
    login = begin_login(
        visitor.identity, None, visitor.binding, invitation_id=found.id, continue_to="/joined"
    )
    return RedirectResponse(f"/continue?login={login.token}", SEE_OTHER)


def joined(visitor: Visitor) -> Response:
    """Where an invitation ends that no app is set up to take over."""
    login = get_login(visitor.identity, visitor.login_token, visitor.binding)
    if login is None or login.finished_at is None:
        raise NotStarted
    name = _name_of(visitor, login.progress.get("finished_as", {}).get("organization_id"))
    place = get_environment(visitor.identity)
    return visitor.page("login/joined.html", organization=name, continue_url=place.app_homepage_url or "")


def invited(visitor: Visitor, login: Login) -> Invitation | None:
    """The invitation that this sign-in is to accept, while it is pending: its address is the only one."""
    invitation_id = _invitation_id(login)
    found = None if invitation_id is None else find_invitation_by_id(visitor.identity, invitation_id)
    return found if found is not None and found.state == "pending" else None


def has_account(visitor: Visitor, invitation: Invitation) -> bool:
    return find_user_by_email(visitor.identity, invitation.email) is not None


def welcome(visitor: Visitor, invitation: Invitation | None) -> str:
    """Who invites, and to where, in a sentence; '' without an invitation."""
    if invitation is None:
        return ""
    inviter = invitation.inviter_user_id and find_user(visitor.identity, invitation.inviter_user_id)
    place = _name_of(visitor, invitation.organization_id) or get_environment(visitor.identity).name
    if inviter:
        return visitor.say("%(email)s has invited you to %(place)s.", email=inviter.email, place=place)
    return visitor.say("You are invited to %(place)s.", place=place)


def settle(visitor: Visitor, login: Login, user_id: str | None) -> Response | None:
    """Before anything else of a sign-in. None when there is nothing to settle, or nobody yet to do it for.

    `user_id`: who has proven to be here, or whom the browser's session vouches for.
    """
    invitation_id = _invitation_id(login)
    if invitation_id is None or (login.request is not None and "none" in login.request.prompt):
        return None
    if WITHOUT in visitor.request.query_params:
        return _go_on(visitor, login)
    if user_id is None:
        return None if invited(visitor, login) is not None else _dead(visitor)
    user = get_user(visitor.identity, user_id)
    try:
        accepted, _ = join_by_id(visitor.identity, invitation_id, user)
    except OAuthDenied as error:
        if error.code == "invitation_cannot_be_used_for_email":
            return _for_another(visitor, login, user.email)
        return _dead(visitor)
    return _go_on(visitor, login, organization_id=accepted.organization_id)


def _name_of(visitor: Visitor, organization_id: str | None) -> str:
    try:
        return get_organization(visitor.identity, organization_id).name if organization_id else ""
    except NotFound:
        return ""


def _invitation_id(login: Login) -> str | None:
    if "invitation_over" in login.progress:
        return None
    asked = login.progress.get("invitation_id") or (login.request and login.request.invitation_id)
    return str(asked) if asked else None


def _go_on(visitor: Visitor, login: Login, *, organization_id: str | None = None) -> Response:
    chosen = organization_id or login.progress.get("organization_id")
    update_login(visitor.identity, login, invitation_over=True, organization_id=chosen)
    response = visitor.go("/continue")
    browsers.forget_invitation(response, visitor.identity.settings)
    return response


def _dead(visitor: Visitor) -> Response:
    return _over(visitor, visitor.link("/continue", **{WITHOUT: "1"}))


def _over(visitor: Visitor, continue_url: str) -> Response:
    """One page for used, revoked, expired, altered and foreign links (IN-1)."""
    page = visitor.page(
        "error.html",
        status=HTTPStatus.BAD_REQUEST,
        title=visitor.say("This invitation no longer works"),
        message=visitor.say(
            "An invitation works once, for a few days, and only as long as nobody takes it back."
        ),
        hint=visitor.say(
            "Have you accepted it before? Then sign in. Otherwise ask whoever invited you for a new one."
        ),
        code="invitation_invalid",
        continue_url=continue_url,
        continue_text=visitor.say("Sign in"),
    )
    browsers.forget_invitation(page, visitor.identity.settings)
    return page


def _for_another(visitor: Visitor, login: Login, email: str) -> Response:
    """Signed in as somebody else (IN-2): never joined with the wrong account without a word."""
    return visitor.page(
        "login/invitation-for-another.html",
        status=HTTPStatus.FORBIDDEN,
        email=email,
        code="invitation_cannot_be_used_for_email",
        without_url=visitor.link("/continue", **{WITHOUT: "1"}),
    )
