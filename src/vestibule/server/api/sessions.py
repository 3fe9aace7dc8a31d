"""Sessions: revoking one, and signing a browser out."""

import datetime as dt
import hashlib
from typing import Literal

from msgspec import UNSET, Struct

from vestibule.server.answers import Answer
from vestibule.server.api.bodies import Body, Line
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import SessionShape, show, show_impersonator
from vestibule.server.identity import sessions
from vestibule.server.identity.models import Session

operations = Operations("sessions")


class RevokeSession(Body):
    session_id: Line


@operations.post("/user_management/sessions/revoke", body=RevokeSession)
def revoke_session(call: Call[RevokeSession]) -> None:
    """End a session: its refresh token stops working at once."""
    sessions.revoke_session(call.identity, call.body.session_id)


class RevokedSessions(Struct, kw_only=True, rename={"object_": "object"}):
    """`complete` is false when there are too many to list: ask about each token then."""

    object_: Literal["revoked_sessions"] = "revoked_sessions"
    session_ids: list[str]
    complete: bool


@operations.get("/user_management/sessions/revoked", answers=RevokedSessions)
def list_revoked_sessions(call: Call[None]) -> Answer:
    """List the sessions that have ended although their access tokens have not."""
    ids, complete = sessions.list_revoked(call.identity)
    tag = f'"{hashlib.sha256(" ".join(ids).encode()).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    if call.if_none_match == tag:
        return Answer(304, None, headers)
    return Answer(200, RevokedSessions(session_ids=ids, complete=complete), headers)


def show_session(session: Session, *, now: dt.datetime) -> SessionShape:
    return show(
        SessionShape,
        session,
        organization_id=session.organization_id or UNSET,
        impersonator=show_impersonator(session.impersonator),
        auth_method=sessions.METHODS.get(session.authentication_method, "unknown"),
        status=session.status(now),
    )
