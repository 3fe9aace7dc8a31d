"""Signing in with a name and a password that the app looks at."""

from vestibule.direct.beginning import ways_page
from vestibule.direct.credentials import Credentials, kept_of_found
from vestibule.direct.ending import sign_in_of
from vestibule.direct.way import DirectWay
from vestibule.flow import Flow
from vestibule.session import events
from vestibule.session.answers import too_many
from vestibule.session.guards import Rate
from vestibule.session.reply import Reply
from vestibule.session.visit import Visit
from vestibule.session.way import Answer, AppCall

WRONG = "That name and password do not fit together."


def sign_in_with_password(way: DirectWay, visit: Visit) -> Flow[Answer]:
    """Counts first, then asks the app: a limit that is met costs no hashing."""
    yield from ()
    form = visit.incoming.form
    if form is None:
        return Reply.json(415, "unsupported_media_type", "Send a form or JSON.")
    credentials = Credentials.read(form)
    if credentials is None:
        return _refused(way, visit, "", "credentials_missing", "Give a name and a password.")
    rate = Rate(way.settings.credentials_rate, name="direct-credentials")
    who = credentials.username.casefold()

    def count(_: object) -> int | None:
        return way.count((rate,), who, visit.journal)

    return AppCall(hook=count, argument=None, then=lambda seconds: _ask(way, visit, credentials, seconds))


def _ask(way: DirectWay, visit: Visit, credentials: Credentials, seconds: int | None) -> Flow[Answer]:
    yield from ()
    if seconds is not None:
        visit.journal.record(events.RATE_LIMITED, guard="direct-credentials")
        return too_many(visit, seconds, None)
    return AppCall(
        hook=way.hooks.authorize or nobody,
        argument=credentials,
        then=lambda found: _finish(way, visit, credentials, found),
    )


def _finish(way: DirectWay, visit: Visit, credentials: Credentials, found: object) -> Flow[Answer]:
    yield from ()
    if found is None:
        visit.journal.record(events.SIGN_IN_FAILED, reason="credentials_wrong")
        return _refused(way, visit, credentials.username, "credentials_wrong", WRONG)
    session = way.source.begin(kept_of_found(found, now=int(visit.now)))
    back = (visit.incoming.form or {}).get("return_to")
    return sign_in_of(visit, session, return_to=back, as_data=not visit.incoming.wants_page)


def _refused(way: DirectWay, visit: Visit, username: str, code: str, message: str) -> Reply:
    if not visit.incoming.wants_page:
        return Reply.json(401 if code == "credentials_wrong" else 400, code, message)
    back = (visit.incoming.form or {}).get("return_to")
    return ways_page(way, visit, return_to=back, status=422, username=username, alert=message)


def nobody(credentials: Credentials) -> None:
    """Who comes in where there is no `authorize`, and so no such route."""
