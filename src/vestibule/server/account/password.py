"""A new password, or the first one."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server import browsers
from vestibule.server.account.person import Person, blank
from vestibule.server.account.sentences import explain
from vestibule.server.identity.errors import Denied, Invalid
from vestibule.server.identity.own_password import has_password, set_own_password
from vestibule.server.identity.passwords import verify_password
from vestibule.server.languages import mark
from vestibule.server.visitor import NOTHING

NO_PASSWORD: Final = mark("Enter the new password.")
NO_CURRENT: Final = mark("Enter your current password.")
WRONG: Final = mark("This is not your current password.")


def show(person: Person) -> Response:
    return _form(person)


def submit(person: Person) -> Response:
    wanted = {"password": NO_PASSWORD} | ({"current_password": NO_CURRENT} if _asks(person) else {})
    errors = blank(person, **wanted)
    if errors:
        return _form(person, errors=errors)
    if _asks(person) and not _knows_it(person):
        return _form(person, errors={"current_password": person.say(WRONG)})
    try:
        token = set_own_password(
            person.identity,
            person.user,
            person.visitor.form["password"],
            here=person.session,
            end_others=person.typed("end_others") == "1",
        )
    except Invalid as error:
        return _form(person, errors=explain(person, error))
    response = person.go("/account/security", done="password")
    browsers.remember(response, person.identity.settings, token)
    return response


def _asks(person: Person) -> bool:
    """Who signed in some other way a few minutes ago has proven more than a password could."""
    known = has_password(person.identity, person.user.id)
    return known and person.session.authentication_method == "Password"


def _knows_it(person: Person) -> bool:
    """Counted and limited as a sign-in is."""
    email = person.user.email
    try:
        verify_password(
            person.identity,
            email,
            person.visitor.form["current_password"],
            caller=person.caller,
            known_device=person.visitor.is_acquainted(email),
        )
    except Denied:
        return False
    return True


def _form(person: Person, *, errors: Mapping[str, str] = NOTHING) -> Response:
    return person.page(
        "password.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        has_password=has_password(person.identity, person.user.id),
        asks=_asks(person),
        errors=errors,
        problem=errors.get("", ""),
    )
