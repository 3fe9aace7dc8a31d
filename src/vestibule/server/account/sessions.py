"""Where somebody is signed in, and signing out there."""

from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from vestibule.server import browser_tokens, browsers
from vestibule.server.account.person import Person
from vestibule.server.identity import open_sessions
from vestibule.server.identity.devices_in_words import device_of
from vestibule.server.identity.models import BrowserSession, Session
from vestibule.server.identity.open_sessions import SignedInAt
from vestibule.server.identity.places import place_of
from vestibule.server.languages import mark

SESSIONS: Final = "/account/sessions"
METHODS: Final = {
    "Password": mark("Signed in with a password"),
    "MagicAuth": mark("Signed in with a code by mail"),
    "Passkey": mark("Signed in with a passkey"),
    "SSO": mark("Signed in through the organization"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One row: `kind` is that of the device, `field` and `id` say what its button ends."""

    field: str
    id: str
    device: str
    kind: str
    here: bool
    place: str
    address: str
    seen: str
    how: str
    apps: int


def show(person: Person) -> Response:
    found = open_sessions.list_open(person.identity, person.user.id)
    rows = sorted((_shown(person, each) for each in found), key=lambda row: not row.here)
    return person.page("sessions.html", rows=rows)


def end(person: Person) -> Response:
    identity, user_id = person.identity, person.user.id
    if person.typed("browser") == person.session.id or person.typed("which") == "all":
        return _end_here(person, everywhere=person.typed("which") == "all")
    if person.typed("which") == "others":
        open_sessions.end_elsewhere(identity, user_id, here=person.session)
        return person.go(SESSIONS, done="others-signed-out")
    if person.typed("browser"):
        open_sessions.end_browser(identity, user_id, person.typed("browser"))
    else:
        open_sessions.end_app(identity, user_id, person.typed("app"))
    return person.go(SESSIONS, done="signed-out")


def _end_here(person: Person, *, everywhere: bool) -> Response:
    if everywhere:
        open_sessions.end_everywhere(person.identity, person.user.id)
    else:
        open_sessions.end_browser(person.identity, person.user.id, person.session.id)
    return farewell(person, "signed-out.html", everywhere=everywhere)


def farewell(person: Person, template: str, **context: Any) -> Response:
    """The last page of a session: nothing of it stays in the browser."""
    response = person.page(template, **context)
    browsers.end(response, person.identity.settings)
    for cookie in browser_tokens.leftovers(person.identity, person.visitor.request.cookies):
        response.headers.append("set-cookie", cookie.header())
    return response


def _shown(person: Person, found: SignedInAt) -> Shown:
    database = person.identity.settings.places_database
    one: BrowserSession | Session = found.browser or found.apps[0]
    seen = [found.browser.last_seen_at] if found.browser else []
    here = found.browser is not None and found.browser.id == person.session.id
    return Shown(
        field="app" if found.browser is None else "browser",
        id=one.id,
        device=person.device(one.user_agent),
        kind=device_of(one.user_agent).kind,
        here=here,
        place=place_of(database, one.ip_address, person.language.tag) or "",
        address=one.ip_address or "",
        seen=person.ago(
            person.identity.now if here else max([*seen, *(app.updated_at for app in found.apps)])
        ),
        how=person.say(METHODS[one.authentication_method]) if one.authentication_method in METHODS else "",
        apps=len(found.apps),
    )
