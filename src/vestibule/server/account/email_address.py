"""Another e-mail address: a code to the new one, a word to the old one. Whose it may be is told to nobody."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server.account.person import HOME, Person
from vestibule.server.account.sentences import explain, sentence_of, typed_code
from vestibule.server.identity.email_changes import confirm_change, find_change, send_change
from vestibule.server.identity.errors import Conflict, Denied, Invalid, TooMany
from vestibule.server.languages import mark
from vestibule.server.visitor import NOTHING

CONFIRM: Final = "/account/email/confirm"
BLANK: Final = mark("Enter the address that you want to use from now on.")
NO_CODE: Final = mark("Enter the code from the mail.")
WRONG: Final = mark("This code is wrong or no longer works.")
SPENT: Final = mark("That were too many tries. Ask for a new code.")


def show(person: Person) -> Response:
    return _form(person)


def submit(person: Person) -> Response:
    typed = person.typed("new_email")
    if not typed:
        return _form(person, errors={"new_email": person.say(BLANK)})
    try:
        send_change(person.identity, person.user.id, typed, tells_taken=False)
    except Invalid as error:
        found = explain(person, error)
        return _form(person, typed, errors={"new_email": next(iter(found.values()))})
    except Conflict as error:
        return _form(person, typed, errors={"new_email": sentence_of(person, error)})
    return person.go(CONFIRM)


def show_confirm(person: Person) -> Response:
    new_email = find_change(person.identity, person.user.id)
    return person.go("/account/email") if new_email is None else _confirm(person, new_email)


def confirm(person: Person) -> Response:
    new_email = find_change(person.identity, person.user.id)
    if new_email is None:
        return person.go("/account/email")
    code = typed_code(person)
    if not code:
        return _confirm(person, new_email, person.say(NO_CODE))
    try:
        confirm_change(person.identity, person.user.id, code)
    except Denied:
        return _confirm(person, new_email, person.say(WRONG))
    except TooMany:
        return _confirm(person, new_email, person.say(SPENT))
    except Conflict as error:
        return _confirm(person, new_email, sentence_of(person, error))
    return person.go(HOME, done="email")


def _form(person: Person, typed: str = "", *, errors: Mapping[str, str] = NOTHING) -> Response:
    return person.page(
        "email.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        values={"new_email": typed},
        errors=errors,
    )


def _confirm(person: Person, new_email: str, error: str = "") -> Response:
    return person.page(
        "email-confirm.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        new_email=new_email,
        errors={"code": error} if error else {},
    )
