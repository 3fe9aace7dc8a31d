"""Signing in with a name and a password that the app looks at."""

from vestibule.direct.attempts import attempt
from vestibule.direct.beginning import ways_page
from vestibule.direct.credentials import Credentials
from vestibule.direct.ending import sign_in_of
from vestibule.direct.way import DirectWay
from vestibule.flow import Flow
from vestibule.session.answers import too_many
from vestibule.session.reply import Reply
from vestibule.session.visit import Visit
from vestibule.session.way import Answer

WRONG = "That name and password do not fit together."


def sign_in_with_password(way: DirectWay, visit: Visit) -> Flow[Answer]:
    yield from ()
    form = visit.incoming.form
    if form is None:
        return Reply.json(415, "unsupported_media_type", "Send a form or JSON.")
    back = form.get("return_to")
    credentials = Credentials.read(form)
    if credentials is None:
        return _refused(way, visit, "", "credentials_missing", "Give a name and a password.")
    return attempt(
        way,
        visit,
        credentials,
        too_many=lambda seconds: too_many(visit, seconds, None),
        wrong=lambda: _refused(way, visit, credentials.username, "credentials_wrong", WRONG),
        right=lambda session: sign_in_of(
            visit, session, return_to=back, as_data=not visit.incoming.wants_page
        ),
    )


def _refused(way: DirectWay, visit: Visit, username: str, code: str, message: str) -> Reply:
    if not visit.incoming.wants_page:
        return Reply.json(401 if code == "credentials_wrong" else 400, code, message)
    back = (visit.incoming.form or {}).get("return_to")
    return ways_page(way, visit, return_to=back, status=422, username=username, alert=message)
