"""Sessions: revoking one, and signing a browser out."""

import datetime as dt

from msgspec import UNSET

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


def show_session(session: Session, *, now: dt.datetime) -> SessionShape:
    return show(
        SessionShape,
        session,
        organization_id=session.organization_id or UNSET,
        impersonator=show_impersonator(session.impersonator),
        auth_method=sessions.METHODS.get(session.authentication_method, "unknown"),
        status=session.status(now),
    )
