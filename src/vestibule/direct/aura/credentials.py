"""POST /signIn/credentials: a name and a password that the app looks at."""

from dataclasses import replace

from vestibule.direct.attempts import attempt
from vestibule.direct.aura import pairs, replies
from vestibule.direct.aura.asking import Asked, members
from vestibule.direct.aura.way import AuraWay
from vestibule.direct.credentials import Credentials
from vestibule.direct.ending import sign_in_of
from vestibule.direct.kept import DirectSession
from vestibule.flow import Flow
from vestibule.session.model import Session
from vestibule.session.reply import Reply
from vestibule.session.visit import Visit
from vestibule.session.way import Answer

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

    def right(session: DirectSession) -> Answer:
        def reply(made: Session, _: str) -> Reply:
            pairs.give(way, visit, made.id)
            return asked.answer(visit, 200, {"success": True})

        return replace(sign_in_of(visit, session, return_to=asked.to), reply=reply)

    return attempt(
        way,
        visit,
        credentials,
        too_many=lambda seconds: replies.too_many(visit, seconds),
        wrong=lambda: replies.data(401, REFUSED),
        right=right,
    )
