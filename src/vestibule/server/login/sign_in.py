"""Who are you? The email address and the password, on one page."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server.identity.errors import Denied
from vestibule.server.identity.logins import Login
from vestibule.server.identity.passwords import verify_password
from vestibule.server.login import invitation, magic_code, refusals, steps
from vestibule.server.visitor import NOTHING, Visitor

INCORRECT: Final = (
    "That email address and password do not belong together. Check both, or choose “Forgot password?”."
)

REFUSED_PASSKEY: Final = "That passkey did not work. Try again, or sign in another way."


def show(visitor: Visitor) -> Response:
    login = visitor.login()
    known = invitation.invited(visitor, login)
    may_sign_up = known is not None and "password" in steps.allowed_methods(visitor, login)
    if known is not None and may_sign_up and not invitation.has_account(visitor, known):
        return visitor.go("/sign-up")
    return _form(visitor, login, email=steps.hinted_email(login))


def submit(visitor: Visitor) -> Response:
    login = visitor.login()
    if "password" not in steps.allowed_methods(visitor, login):
        return refusals.method_not_allowed(visitor)
    known = invitation.invited(visitor, login)
    email = known.email if known is not None else visitor.form.get("email", "").strip()
    password = visitor.form.get("password", "")
    errors = _blanks(email, password)
    if errors:
        return _form(visitor, login, email=email, errors=errors)
    try:
        user = verify_password(
            visitor.identity,
            email,
            password,
            caller=visitor.caller,
            known_device=visitor.is_acquainted(email),
        )
    except Denied:
        return _form(visitor, login, email=email, problem=INCORRECT)
    return steps.enter(visitor, login, user, method="Password")


def _blanks(email: str, password: str) -> Mapping[str, str]:
    errors = {}
    if not email:
        errors["email"] = "Enter your email address."
    if not password:
        errors |= {"password": "Enter your password."}
    return errors


def _form(
    visitor: Visitor,
    login: Login,
    *,
    email: str,
    errors: Mapping[str, str] = NOTHING,
    problem: str = "",
) -> Response:
    known, methods = invitation.invited(visitor, login), steps.allowed_methods(visitor, login)
    refused = visitor.request.query_params.get("passkey") == "refused" and not errors
    return visitor.page(
        "login/sign-in.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors or problem else HTTPStatus.OK,
        application=steps.application(visitor, login),
        again=steps.is_asked_again(visitor, login),
        invited=invitation.welcome(visitor, known),
        sign_up=visitor.identity.settings.sign_up,
        magic=magic_code.is_offered(visitor, login),
        passwords="password" in methods,
        script="passkeys.js" if "passkey" in methods else "",
        values={"email": email if known is None else known.email},
        errors=errors,
        problem=problem or (REFUSED_PASSKEY if refused else ""),
    )
