"""POST /signIn/credentials: a name and a password that the app looks at."""

from dataclasses import replace

from vestibule.direct.aura import pairs, replies
from vestibule.direct.aura.asking import Asked, members
from vestibule.direct.aura.way import AuraWay
from vestibule.direct.credentials import Credentials, kept_of_found
from vestibule.direct.ending import sign_in_of
from vestibule.direct.passwords_route import nobody
from vestibule.flow import Flow
from vestibule.session import events
from vestibule.session.guards import Rate
from vestibule.session.model import Session
from vestibule.session.reply import Reply
from vestibule.session.visit import Visit
from vestibule.session.way import Answer, AppCall

REFUSED = {"success": False, "redirect": False, "redirectURL": None}


def sign_in_with_password(way: AuraWay, visit: Visit) -> Flow[Answer]:
    asked = Asked.read(visit)
    if isinstance(asked, Reply):
        return asked
    given = members(visit.incoming) or {}
    texts = {name: value for name, value in given.items() if isinstance(value, str)}
    missing = [name for name in ("username", "password") if not texts.get(name)]
    if missing:
        return replies.invalid(**dict.fromkeys(missing, "Invalid input: expected string"))
    session = yield from visit.load()
    if not pairs.fits(way, visit, session):
        return replies.data(403, REFUSED)
    credentials = Credentials.read(texts)
    if credentials is None:
        return replies.data(401, REFUSED)
    # Counts first, then asks the app: a limit that is met costs no hashing.
    rate = Rate(way.settings.credentials_rate, name="direct-credentials")
    who = credentials.username.casefold()

    def count(_: object) -> int | None:
        return way.count((rate,), who, visit.journal)

    return AppCall(
        hook=count, argument=None, then=lambda seconds: _ask(way, visit, asked, credentials, seconds)
    )


def _ask(
    way: AuraWay, visit: Visit, asked: Asked, credentials: Credentials, seconds: int | None
) -> Flow[Answer]:
    yield from ()
    if seconds is not None:
        visit.journal.record(events.RATE_LIMITED, guard="direct-credentials")
        return replies.too_many(visit, seconds)
    return AppCall(
        hook=way.hooks.authorize or nobody,
        argument=credentials,
        then=lambda found: _finish(way, visit, asked, found),
    )


def _finish(way: AuraWay, visit: Visit, asked: Asked, found: object) -> Flow[Answer]:
    yield from ()
    if found is None:
        visit.journal.record(events.SIGN_IN_FAILED, reason="credentials_wrong")
        return replies.data(401, REFUSED)
    session = way.source.begin(kept_of_found(found, now=int(visit.now)))

    def reply(made: Session, _: str) -> Reply:
        pairs.give(way, visit, made.id)
        return asked.answer(visit, 200, {"success": True})

    return replace(sign_in_of(visit, session, return_to=asked.to), reply=reply)
