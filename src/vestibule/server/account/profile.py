"""The profile: how somebody is called, and the language of their pages and mails."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server import browsers, languages
from vestibule.server.account.person import HOME, Person
from vestibule.server.account.sentences import explain
from vestibule.server.identity.email_changes import find_change
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.users import update_user
from vestibule.server.languages import mark
from vestibule.server.visitor import NOTHING

NO_LANGUAGE: Final = mark("What my browser says")
NAMES: Final = ("first_name", "last_name", "name")


def show(person: Person) -> Response:
    values = {name: getattr(person.user, name) or "" for name in NAMES}
    return _form(person, values | {"locale": person.user.locale or ""})


def submit(person: Person) -> Response:
    typed = {name: person.typed(name) for name in (*NAMES, "locale")}
    changes = {name: typed[name] or None for name in typed}
    if languages.find_language(typed["locale"]) == languages.find_language(person.user.locale):
        changes.pop("locale")  # `en-GB` is more than the page can say, and stays
    try:
        user = update_user(person.identity, person.user.id, changes=changes)
    except Invalid as error:
        errors = explain(person, error)
        return _form(person, typed, errors=errors, problem=errors.get("", ""))
    response = person.go(HOME, done="profile")
    chosen = languages.find_language(user.locale)
    if chosen is not None:
        browsers.speak(response, person.identity.settings, chosen)
    return response


def _form(
    person: Person, values: Mapping[str, str], *, errors: Mapping[str, str] = NOTHING, problem: str = ""
) -> Response:
    spoken = [(each.tag, each.name) for each in languages.available()]
    known = languages.find_language(values["locale"])
    if values["locale"] and known is None:  # an app has set one that is not among ours
        spoken.append((values["locale"], values["locale"]))
    return person.page(
        "profile.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        values=values,
        errors=errors,
        problem=problem,
        spoken=[("", person.say(NO_LANGUAGE)), *spoken],
        chosen=known.tag if known else values["locale"],
        waiting_for=find_change(person.identity, person.user.id),
    )
