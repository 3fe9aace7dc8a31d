"""The end of a session: its cookies go, and where there is a list of ended sessions, it cannot come back."""

from vestibule.direct.provider_tokens import forget_all
from vestibule.direct.stores import revoke
from vestibule.direct.way import DirectWay
from vestibule.errors import Unreachable
from vestibule.flow import Flow
from vestibule.session import events, routes
from vestibule.session.reply import Reply
from vestibule.session.visit import Visit


def sign_out(way: DirectWay, visit: Visit) -> Flow[Reply]:
    reply = routes.sign_out(visit)
    if visit.has_ended:
        yield from after_end(way, visit)
    return reply


def after_end(way: DirectWay, visit: Visit) -> Flow[None]:
    """A list that does not answer keeps nobody signed in."""
    forget_all(way, visit)
    session_id = way.source.id_in(visit.incoming.cookies)
    if session_id is None or not way.source.revocable:
        return
    try:
        yield from revoke(session_id)
    except Unreachable:
        visit.journal.record(events.UNREACHABLE, session_id=session_id)
