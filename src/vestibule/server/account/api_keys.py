"""API keys that somebody uses in their own name: a new one, shown once, and the end of one."""

import datetime as dt
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server.account.person import Person, blank
from vestibule.server.account.sentences import explain
from vestibule.server.identity import owned_keys
from vestibule.server.identity.errors import Invalid, NotFound
from vestibule.server.identity.memberships import list_active_memberships
from vestibule.server.identity.paging import Page
from vestibule.server.identity.tokens import find_access
from vestibule.server.languages import mark
from vestibule.server.store.owned_keys import OwnedKey
from vestibule.server.visitor import NOTHING

API_KEYS: Final = "/account/api-keys"
NO_NAME: Final = mark("Enter a name that you will know the key by.")
PERMISSION: Final = "permission:"
LIVES: Final = {
    "30": mark("30 days"),
    "90": mark("90 days"),
    "365": mark("One year"),
    "": mark("No end"),
}
SHOWN: Final = 100


def show(person: Person) -> Response:
    return person.page("api-keys.html", rows=_rows(person), organizations=_organizations(person))


def show_new(person: Person) -> Response:
    return _new(person)


def create(person: Person) -> Response:
    errors = blank(person, name=NO_NAME)
    if errors:
        return _new(person, errors=errors)
    days = person.typed("days")
    ends = dt.timedelta(days=int(days)) if days in LIVES and days else None
    try:
        key, value = owned_keys.create_user_key(
            person.identity,
            person.user.id,
            organization_id=person.typed("organization_id"),
            name=person.typed("name"),
            permissions=_chosen(person),
            expires_at=None if ends is None else person.identity.now + ends,
        )
    except Invalid as error:
        found = explain(person, error)
        return _new(person, errors=found, problem=found.get("permissions", found.get("organization_id", "")))
    return person.page("api-key-made.html", key=key, value=value)


def show_one(person: Person) -> Response:
    names = _organizations(person)
    key = _find(person, person.path("key_id"))
    return person.page("api-key.html", key=key, organization=names.get(key.organization_id, ""))


def revoke(person: Person) -> Response:
    owned_keys.delete_key(person.identity, person.path("key_id"), user_id=person.user.id)
    return person.go(API_KEYS, done="key-revoked")


def _find(person: Person, key_id: str) -> OwnedKey:
    with person.identity.store.read() as tx:
        key = tx.owned_keys.find(key_id)
    if key is None or key.user_id != person.user.id:
        raise NotFound.of("API key", key_id)
    return key


def _rows(person: Person) -> Sequence[Mapping[str, object]]:
    names = _organizations(person)
    found = owned_keys.list_user_keys(person.identity, person.user.id, Page(limit=SHOWN)).data
    return [{"key": key, "organization": names.get(key.organization_id, "")} for key in found]


def _organizations(person: Person) -> Mapping[str, str]:
    """Names by id: a key is one in an organization."""
    found = list_active_memberships(person.identity, person.user.id)
    return {membership.organization_id: name for membership, name in found}


def _chosen(person: Person) -> list[str]:
    return [name.removeprefix(PERMISSION) for name in person.visitor.form if name.startswith(PERMISSION)]


def _new(person: Person, *, errors: Mapping[str, str] = NOTHING, problem: str = "") -> Response:
    names = _organizations(person)
    asked = person.typed("organization_id") or person.query("organization_id")
    chosen = asked if asked in names else next(iter(names), "") if len(names) == 1 else ""
    with person.identity.store.read() as tx:
        access = find_access(tx, person.user.id, chosen)
    return person.page(
        "api-key-new.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        organizations=names,
        chosen=chosen,
        permissions=sorted(access.permissions) if access else [],
        marked=_chosen(person),
        lives={days: person.say(label) for days, label in LIVES.items()},
        values={"name": person.typed("name"), "days": person.visitor.form.get("days", "90")},
        errors=errors,
        problem=problem,
    )
