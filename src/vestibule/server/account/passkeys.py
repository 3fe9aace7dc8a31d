"""Passkeys of an account: one more by the script, another name, or away with it."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from starlette.responses import JSONResponse, Response

from vestibule.server.account.person import Person
from vestibule.server.account.sentences import SENTENCES, explain
from vestibule.server.identity import passkeys
from vestibule.server.identity.errors import Denied, Invalid
from vestibule.server.identity.policies import find_policy
from vestibule.server.languages import mark

SECURITY: Final = "/account/security"
NOT_MADE: Final = mark("No passkey was made. Please try again.")


@dataclass(frozen=True, slots=True)
class Ceremony:
    """Bound to the session of this browser: options that another one asked for are worth nothing here."""

    token: str = field(repr=False)


def show(person: Person) -> Response:
    return _form(person)


def options(person: Person) -> Response:
    _check_allowed(person)
    return JSONResponse(passkeys.begin_registration(person.identity, person.user, _ceremony(person)))


def submit(person: Person) -> Response:
    _check_allowed(person)
    try:
        passkeys.finish_registration(
            person.identity,
            person.user.id,
            _ceremony(person),
            person.typed("credential"),
            name=person.device(person.caller.user_agent),
        )
    except Denied as error:
        return _form(person, problem=person.say(SENTENCES.get(error.code, NOT_MADE)))
    return person.go(SECURITY, done="passkey")


def show_one(person: Person) -> Response:
    return _one(person)


def change_one(person: Person) -> Response:
    passkey_id, user_id = person.path("passkey_id"), person.user.id
    if person.typed("action") == "remove":
        passkeys.delete_passkey(person.identity, user_id, passkey_id)
        return person.go(SECURITY, done="passkey-removed")
    try:
        passkeys.rename_passkey(person.identity, user_id, passkey_id, person.typed("name"))
    except Invalid as error:
        return _one(person, error=explain(person, error)["name"])
    return person.go(SECURITY, done="passkey-renamed")


def _ceremony(person: Person) -> Ceremony:
    return Ceremony(f"account:{person.visitor.session_token}")


def _check_allowed(person: Person) -> None:
    if "passkey" not in find_policy(person.identity).methods:
        raise Denied("Passkeys are not accepted here.", code="authentication_method_not_allowed")


def _form(person: Person, *, problem: str = "") -> Response:
    return person.page(
        "passkey-add.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        script="passkeys.js",
        problem=problem,
    )


def _one(person: Person, *, error: str = "") -> Response:
    passkey = passkeys.get_passkey(person.identity, person.user.id, person.path("passkey_id"))
    return person.page(
        "passkey.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        passkey=passkey,
        values={"name": person.typed("name") or passkey.name},
        errors={"name": error} if error else {},
    )
