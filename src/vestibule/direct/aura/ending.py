"""The callback: signing in is as everywhere in direct mode, and the answer is as Aura gives it."""

from dataclasses import replace

from vestibule.direct import ending
from vestibule.direct.aura import pairs, replies
from vestibule.direct.aura.asking import target
from vestibule.direct.aura.way import AuraWay
from vestibule.direct.signing_in import DirectSignIn
from vestibule.errors import LoginError
from vestibule.flow import Flow
from vestibule.oauth.transaction import HANDOFF_PARAM, open_transaction, take_over
from vestibule.session.model import Session
from vestibule.session.reply import Reply
from vestibule.session.visit import Visit
from vestibule.session.way import Answer


def callback(way: AuraWay, visit: Visit, name: str) -> Flow[Answer]:
    """Raises LoginError where a person will read it."""
    for_person = visit.incoming.wants_page
    if name not in way.clients and not for_person:
        return replies.unknown_provider(way)
    try:
        where = _where(visit)
        found = yield from ending.callback(way, visit, name)
    except LoginError as failure:
        if for_person:
            raise
        return replies.failed(visit, failure)
    if not isinstance(found, DirectSignIn):
        return found
    keep = found.reply or _nothing

    def reply(session: Session, path: str) -> Reply:
        keep(session, path)
        pairs.give(way, visit, session.id)
        return replies.redirect(where, {"oauth": name})

    return replace(found, reply=reply)


def _nothing(session: Session, path: str) -> None:
    """There is nothing else to do."""


def _where(visit: Visit) -> str:
    """Judged again: what is sealed may be older than the settings."""
    config, params = visit.config, dict(visit.incoming.params)
    if visit.incoming.method == "POST":
        return "/"  # it comes again by GET
    if HANDOFF_PARAM in params:
        params = take_over(params[HANDOFF_PARAM], config.sealer, now=visit.now)
    try:
        transaction = open_transaction(
            params.get("state"), visit.incoming.cookies, config.sealer, now=visit.now
        )
    except LoginError:
        return "/"  # and the callback says why
    return target(visit, transaction.return_to or "/")
