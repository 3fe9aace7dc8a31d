"""A new account. An address that has one already gets the same answer here, and the truth by mail."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server.identity.emails import lookup_key
from vestibule.server.identity.errors import Invalid, TooMany
from vestibule.server.identity.limits import hit
from vestibule.server.identity.logins import Login, update_login
from vestibule.server.identity.secrets import new_token
from vestibule.server.identity.sign_up import SignUp, sign_up
from vestibule.server.login import steps
from vestibule.server.login.visitor import NOTHING, Visitor

FIELDS: Final = ("first_name", "last_name", "email")
A_DOUBLE_CLICK: Final = 10  # seconds


def show(visitor: Visitor) -> Response:
    login = visitor.login()
    return _form(visitor, login, {"email": steps.hinted_email(login)})


def submit(visitor: Visitor) -> Response:
    login = visitor.login()
    values = {name: visitor.form.get(name, "").strip() for name in FIELDS}
    if _is_made(login, values["email"]):
        return visitor.go("/verify-email")
    first = _is_first(visitor)
    try:
        signed_up = _sign_up(visitor, values)
    except Invalid as error:
        return _form(visitor, login, values, error)
    login = visitor.login()
    if signed_up.user_id is not None or (first and not _is_made(login, signed_up.email)):
        kept = {"email": signed_up.email, "user_id": signed_up.user_id}
        update_login(visitor.identity, login, email=signed_up.email, sign_up=kept)
    return visitor.go("/verify-email")


def _sign_up(visitor: Visitor, values: Mapping[str, str]) -> SignUp:
    return sign_up(
        visitor.identity,
        email=values["email"],
        password=visitor.form.get("password", ""),
        first_name=values["first_name"] or None,
        last_name=values["last_name"] or None,
        caller=visitor.caller,
    )


def _is_made(login: Login, email: str) -> bool:
    before = login.progress.get("sign_up")
    return before is not None and lookup_key(before["email"]) == lookup_key(email)


def _is_first(visitor: Visitor) -> bool:
    """A double click: the second copy of a form finds the account that the first one makes, and must not
    disown it."""
    attempt = visitor.form.get("attempt")
    if not attempt:
        return True
    try:
        hit(visitor.identity, f"sign-up:attempt:{attempt}", limit=1, seconds=A_DOUBLE_CLICK)
    except TooMany:
        return False
    return True


def _form(
    visitor: Visitor, login: Login, values: Mapping[str, str], error: Invalid | None = None
) -> Response:
    errors, problem = steps.explain(error) if error else (NOTHING, "")
    return visitor.page(
        "login/sign-up.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        application=steps.application(visitor, login),
        attempt=new_token(),
        values=values,
        errors=errors,
        problem=problem,
    )
