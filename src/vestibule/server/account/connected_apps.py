"""Applications of others that somebody has allowed something, and taking it back."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from starlette.responses import Response

from vestibule.server.account.person import Person
from vestibule.server.identity import consents
from vestibule.server.identity.consents import Allowed
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.paging import Page
from vestibule.server.scopes_in_words import scopes_in_words

CONNECTED_APPS: Final = "/account/connected-apps"
SHOWN: Final = 100


def show(person: Person) -> Response:
    found = consents.list_consents(person.identity, person.user.id, Page(limit=SHOWN)).data
    return person.page("connected-apps.html", rows=[_row(person, each) for each in found])


def remove(person: Person) -> Response:
    with suppress(NotFound):  # a second tab, or a form that was sent twice: it is removed
        consents.revoke_consent(person.identity, person.user.id, person.typed("application"))
    return person.go(CONNECTED_APPS, done="app-removed")


def _row(person: Person, allowed: Allowed) -> Mapping[str, object]:
    return {
        "id": allowed.application.id,
        "name": allowed.application.name,
        "maker": _maker(person, allowed),
        "since": person.language.date(allowed.consent.created_at),
        "scopes": _scopes(person, allowed),
    }


def _scopes(person: Person, allowed: Allowed) -> Sequence[str]:
    return scopes_in_words(person.visitor, allowed.consent.scopes)


def _maker(person: Person, allowed: Allowed) -> str:
    if allowed.application.organization_id is None:
        return ""
    with person.identity.store.read() as tx:
        found = tx.organizations.find(allowed.application.organization_id)
    return "" if found is None else found.name
