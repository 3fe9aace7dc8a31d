"""A new account. An address that has one already gets the same answer here, and the truth by mail."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server.identity.emails import lookup_key, parse_email
from vestibule.server.identity.errors import Invalid, OAuthDenied
from vestibule.server.identity.logins import Login, update_login
from vestibule.server.identity.people import Invitation, Taken
from vestibule.server.identity.sign_up import SignUp, sign_up
from vestibule.server.identity.welcoming import sign_up_invited
from vestibule.server.login import invitation, refusals, steps
from vestibule.server.visitor import NOTHING, Visitor

FIELDS: Final = ("first_name", "last_name", "email")


def show(visitor: Visitor) -> Response:
    login = visitor.login()
    if "password" not in steps.allowed_methods(visitor, login):
        return visitor.go("/sign-in")
    known = invitation.invited(visitor, login)
    if known is not None:
        if invitation.has_account(visitor, known):
            return visitor.go("/sign-in")
        return _form(visitor, login, {"email": known.email}, known=known)
    if not visitor.identity.settings.sign_up:
        return refusals.closed(visitor)
    return _form(visitor, login, {"email": steps.hinted_email(login)})


def submit(visitor: Visitor) -> Response:
    login = visitor.login()
    if "password" not in steps.allowed_methods(visitor, login):
        return refusals.method_not_allowed(visitor)
    known = invitation.invited(visitor, login)
    if known is not None:
        return _accept(visitor, login, known)
    if not visitor.identity.settings.sign_up:
        return refusals.closed(visitor)
    values = {name: visitor.form.get(name, "").strip() for name in FIELDS}
    if _is_under_way(login, values["email"]):
        return visitor.go("/verify-email")
    before = login.progress.get("sign_up")
    # Nobody's until proven: a second form of the same double click finds the account that the first one
    # makes, and must not write afterwards that it is somebody else's.
    email = _address(values["email"])
    began = {"email": email, "user_id": None}
    sent_at = visitor.identity.now.isoformat()
    login = update_login(visitor.identity, login, email=email, sign_up=began, sent_at=sent_at)
    try:
        signed_up = _sign_up(visitor, values)
    except Exception as error:
        login = update_login(visitor.identity, login, sign_up=before)
        if isinstance(error, Invalid):
            return _form(visitor, login, values, error)
        raise
    if signed_up.user_id is not None:
        update_login(visitor.identity, login, sign_up={"email": email, "user_id": signed_up.user_id})
    return visitor.go("/verify-email")


def _accept(visitor: Visitor, login: Login, known: Invitation) -> Response:
    """The address is proven by the link: no code is asked for."""
    values = {name: visitor.form.get(name, "").strip() for name in FIELDS} | {"email": known.email}
    try:
        user = sign_up_invited(
            visitor.identity,
            known,
            password=visitor.form.get("password", ""),
            first_name=values["first_name"] or None,
            last_name=values["last_name"] or None,
            caller=visitor.caller,
        )
    except Invalid as error:
        return _form(visitor, login, values, error, known=known)
    except (Taken, OAuthDenied):  # by the same form, sent twice; or it was taken back meanwhile
        return visitor.go("/continue")
    return steps.enter(visitor, login, user, method="Password")


def _address(typed: str) -> str:
    """As mail will be sent to it; what is no address is refused in a moment."""
    try:
        return parse_email(typed).address
    except ValueError:
        return typed


def _is_under_way(login: Login, email: str) -> bool:
    known = login.progress.get("sign_up")
    return known is not None and lookup_key(known["email"]) == lookup_key(email)


def _sign_up(visitor: Visitor, values: Mapping[str, str]) -> SignUp:
    return sign_up(
        visitor.identity,
        email=values["email"],
        password=visitor.form.get("password", ""),
        first_name=values["first_name"] or None,
        last_name=values["last_name"] or None,
        caller=visitor.caller,
    )


def _form(
    visitor: Visitor,
    login: Login,
    values: Mapping[str, str],
    error: Invalid | None = None,
    *,
    known: Invitation | None = None,
) -> Response:
    errors, problem = steps.explain(visitor, error) if error else (NOTHING, "")
    return visitor.page(
        "login/sign-up.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        application=steps.application(visitor, login),
        invited=invitation.welcome(visitor, known),
        values=values,
        providers=steps.ways_to_providers(visitor, steps.allowed_methods(visitor, login)),
        script=steps.FORMS,
        errors=errors,
        problem=problem,
    )
