"""The password of an address that was typed a moment ago, or any other way that the policy leaves for it."""

from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server.identity.errors import Denied
from vestibule.server.identity.logins import Login
from vestibule.server.identity.passwords import verify_password
from vestibule.server.identity.people import User
from vestibule.server.languages import mark
from vestibule.server.login import invitation, refusals, steps
from vestibule.server.visitor import Visitor

METHOD: Final = "Password"
BLANK: Final = mark("Enter your password.")
INCORRECT: Final = mark(
    "That email address and password do not belong together. Check both, or choose “Forgot password?”."
)

WRONG: Final = mark("That is not your password. Try again, or use another way.")


def show(visitor: Visitor) -> Response:
    login = visitor.login()
    email = _address(visitor, login)
    return _form(visitor, login, email) if email else visitor.go("/sign-in")


def submit(visitor: Visitor) -> Response:
    """The address is the one that stands on the page: in another tab it may have become another one."""
    login = visitor.login()
    email = _address(visitor, login)
    if not email:
        return visitor.go("/sign-in")
    if not steps.policy_for(visitor, login, email).allows(METHOD):
        return refusals.method_not_allowed(visitor)
    if not visitor.form.get("password"):
        return _form(visitor, login, email, error=BLANK)
    user = verify(visitor, email)
    if user is None:
        return _form(visitor, login, email, problem=INCORRECT)
    return steps.enter(visitor, login, user, method=METHOD)


def verify(visitor: Visitor, email: str) -> User | None:
    """Whose password was typed. Raises TooMany."""
    try:
        return verify_password(
            visitor.identity,
            email,
            visitor.form.get("password", ""),
            caller=visitor.caller,
            known_device=visitor.is_acquainted(email),
        )
    except Denied:
        return None


def _address(visitor: Visitor, login: Login) -> str:
    known = invitation.invited(visitor, login)
    if known is not None:
        return known.email
    return visitor.form.get("email", "").strip() or str(login.progress.get("identified") or "")


def _form(visitor: Visitor, login: Login, email: str, *, error: str = "", problem: str = "") -> Response:
    known = invitation.invited(visitor, login)
    methods = steps.allowed_methods(visitor, login, email)
    said = visitor.say(problem) if problem else "" if error else steps.refused(visitor)
    return visitor.page(
        "login/password.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error or problem else HTTPStatus.OK,
        application=steps.application(visitor, login),
        invited=invitation.welcome(visitor, known),
        sign_up=visitor.identity.settings.sign_up,
        email=email,
        errors={"password": visitor.say(error)} if error else {},
        problem=said,
        **steps.ways_in(visitor, methods),
    )
