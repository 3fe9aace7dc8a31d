"""What several steps of a sign-in need: going on as somebody, and saying what was wrong with a form."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from starlette.responses import Response

from vestibule.server import browsers
from vestibule.server.identity.emails import lookup_key
from vestibule.server.identity.environment import get_environment
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.logins import Login, update_login
from vestibule.server.identity.people import User
from vestibule.server.identity.policies import find_policy
from vestibule.server.visitor import Visitor

UNNAMED: Final = "Vestibule"
SENTENCES: Final = {
    "password_too_common": "This password is one of the first that attackers try. Choose another one.",
    "password_contains_context": "Leave your own address and the name of this service out of the password.",
    "invalid_email": "Enter an email address, like name@example.com.",
}


def enter(
    visitor: Visitor, login: Login, user: User, *, method: str | None, second_factor: str | None = None
) -> Response:
    """Go on as `user`. `method` is how that was proven in this sign-in; None while only a session vouches.

    What was shown before, perhaps by somebody else, is forgotten. `second_factor` is for methods that are
    two factors in one."""
    update_login(
        visitor.identity,
        login,
        user_id=user.id,
        authentication_method=method,
        second_factor=shown(user.id, second_factor),
        email=user.email,
        sign_up=None,
        code_for=None,
        organization_id=None,
    )
    response = visitor.go("/continue")
    account = lookup_key(user.email)
    if user.email_verified and account is not None:
        browsers.acquaint(response, visitor.identity.settings, visitor.binding, account=account)
    return response


def shown(user_id: str, second_factor: str | None) -> Mapping[str, str] | None:
    """For the login's progress: a second factor is worth something for its owner only."""
    return None if second_factor is None else {"shown": second_factor, "user_id": user_id}


def allowed_methods(visitor: Visitor, login: Login) -> frozenset[str]:
    """What the sign-in page may offer, here and in the organization that the app named."""
    wanted = login.request.organization_id if login.request else None
    return find_policy(visitor.identity, wanted).methods


def application(visitor: Visitor, login: Login) -> str:
    """What the person signs in to: the environment's name, or where the app answers while it has none."""
    name = get_environment(visitor.identity).name
    return name if name != UNNAMED else urlsplit(login.request.redirect_uri if login.request else "").netloc


def is_asked_again(visitor: Visitor, login: Login) -> bool:
    """Whether somebody who is signed in here was asked to prove it once more."""
    request = login.request
    if request is None:
        return "fresh" in login.progress
    return "login" in request.prompt or request.max_age is not None


def hinted_email(login: Login) -> str:
    """What was typed on an earlier page, else what the app said who it might be."""
    hint = login.request.login_hint if login.request else None
    return str(login.progress.get("email") or hint or "")


def explain(error: Invalid) -> tuple[Mapping[str, str], str]:
    """Each problem in a sentence by its input; what belongs to no input comes second."""
    by_field: dict[str, str] = {}
    for problem in error.errors:
        sentence = SENTENCES.get(problem["code"], problem["message"])
        by_field.setdefault(problem.get("field", ""), sentence)
    loose = by_field.pop("", "" if by_field else error.message)
    return by_field, loose
