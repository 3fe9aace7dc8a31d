"""A new account. An address that has one already gets the same answer here, and the truth by mail."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.logins import Login, update_login
from vestibule.server.identity.sign_up import SignUp, sign_up
from vestibule.server.login import steps
from vestibule.server.login.visitor import NOTHING, Visitor

FIELDS: Final = ("first_name", "last_name", "email")


def show(visitor: Visitor) -> Response:
    login = visitor.login()
    return _form(visitor, login, {"email": steps.hinted_email(login)})


def submit(visitor: Visitor) -> Response:
    login = visitor.login()
    values = {name: visitor.form.get(name, "").strip() for name in FIELDS}
    try:
        signed_up = sign_up(
            visitor.identity,
            email=values["email"],
            password=visitor.form.get("password", ""),
            first_name=values["first_name"] or None,
            last_name=values["last_name"] or None,
            caller=visitor.caller,
        )
    except Invalid as error:
        return _form(visitor, login, values, error)
    login = visitor.login()
    if not _is_sent_twice(login, signed_up):
        kept = {"email": signed_up.email, "user_id": signed_up.user_id}
        update_login(visitor.identity, login, email=signed_up.email, sign_up=kept)
    return visitor.go("/verify-email")


def _is_sent_twice(login: Login, signed_up: SignUp) -> bool:
    """A double click: the second form finds the account that the first one made, and must not disown it."""
    before = login.progress.get("sign_up", {})
    return (
        signed_up.user_id is None and before.get("email") == signed_up.email and before["user_id"] is not None
    )


def _form(
    visitor: Visitor, login: Login, values: Mapping[str, str], error: Invalid | None = None
) -> Response:
    errors, problem = steps.explain(error) if error else (NOTHING, "")
    return visitor.page(
        "login/sign-up.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        application=steps.application(visitor, login),
        values=values,
        errors=errors,
        problem=problem,
    )
