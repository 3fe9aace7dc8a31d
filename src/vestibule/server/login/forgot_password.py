"""The way back in by mail. Whether there is such an account is said only in that mail."""

from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server.identity.emails import parse_email
from vestibule.server.identity.logins import get_login
from vestibule.server.identity.resets import request_reset
from vestibule.server.languages import mark
from vestibule.server.login import steps
from vestibule.server.visitor import Visitor

NO_ADDRESS: Final = mark("Enter an email address, like name@example.com.")


def show(visitor: Visitor) -> Response:
    return _form(visitor, _typed_before(visitor))


def submit(visitor: Visitor) -> Response:
    email = visitor.form.get("email", "").strip()
    try:
        parse_email(email)
    except ValueError:
        return _form(visitor, email, error=NO_ADDRESS)
    request_reset(visitor.identity, email, caller=visitor.caller)
    return visitor.page("login/check-your-mail.html", email=email)


def _typed_before(visitor: Visitor) -> str:
    """This page also works without a sign-in under way: the reset link starts at the mail anyway."""
    login = get_login(visitor.identity, visitor.login_token, visitor.binding)
    return "" if login is None else steps.hinted_email(login)


def _form(visitor: Visitor, email: str, *, error: str = "") -> Response:
    return visitor.page(
        "login/forgot-password.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        values={"email": email},
        errors={"email": visitor.say(error)} if error else {},
    )
