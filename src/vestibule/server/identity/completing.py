"""What is still owed after a proof: the steps of a sign-in through the API, in their order."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import IdentityError, StepUp
from vestibule.server.identity.events import Caller, timestamp
from vestibule.server.identity.models import Membership, Session
from vestibule.server.identity.opening import Authentication, SignIn, open_session, sign_opened
from vestibule.server.identity.pending import create_pending
from vestibule.server.identity.people import User, user_data
from vestibule.server.identity.verification import send_verification

State = Mapping[str, Any]
"""What was proven so far; pending tokens keep it from one step to the next.

`client_id` and `authentication_method` are always there. Steps add `organization_id`, once it is chosen or
when the proof names one, and `second_factor`, how one was shown. A proof that is older than this sign-in
brings its `authenticated_at`, and one that a browser made its `browser_session_id` and `scope`.
"""


def complete(identity: Identity, user: User, state: State, caller: Caller) -> Authentication:
    """The session of somebody who has proven who they are; or StepUp, with a token that goes on from here.

    Every grant that ends a sign-in ends here, so that none leaves out a step. A member of one organization
    signs in to it; a member of several has to choose, unless the state says which.
    """
    if not user.email_verified:
        raise _verification_required(identity, user, state)
    memberships = active_memberships(identity, user.id)
    organization_id = state.get("organization_id")
    if organization_id is None and len(memberships) > 1:
        raise _selection_required(identity, user, state, memberships)
    if organization_id is None and memberships:
        organization_id = memberships[0][0].organization_id
    return _open(identity, user.id, state, organization_id, caller)


def state_of_session(session: Session) -> dict[str, Any]:
    """For a session that is to go on somewhere else: what it was opened with, and no more."""
    state = {
        "client_id": session.client_id,
        "authentication_method": session.authentication_method,
        "second_factor": session.second_factor,
        "authenticated_at": timestamp(session.authenticated_at),
        "browser_session_id": session.browser_session_id,
        "scope": session.scope,
    }
    return {name: value for name, value in state.items() if value is not None}


def _open(
    identity: Identity, user_id: str, state: State, organization_id: str | None, caller: Caller
) -> Authentication:
    proven_at = state.get("authenticated_at")
    sign_in = SignIn(
        client_id=state["client_id"],
        user_id=user_id,
        authentication_method=state["authentication_method"],
        authenticated_at=dt.datetime.fromisoformat(proven_at) if proven_at else identity.now,
        second_factor=state.get("second_factor"),
        organization_id=organization_id,
        browser_session_id=state.get("browser_session_id"),
        scope=state.get("scope"),
    )
    with identity.store.transaction() as tx:
        opened = open_session(tx, identity, sign_in, caller=caller)
    return sign_opened(identity, opened)


def active_memberships(identity: Identity, user_id: str) -> Sequence[tuple[Membership, str]]:
    with identity.store.read() as tx:
        return tx.memberships.list_active(user_id)


def _verification_required(identity: Identity, user: User, state: State) -> IdentityError:
    verification = send_verification(identity, user.id)
    token = create_pending(identity, user_id=user.id, reason="email_verification", state=state)
    return StepUp(
        "Email ownership must be verified before authentication.",
        code="email_verification_required",
        pending_authentication_token=token,
        email=user.email,
        email_verification_id=verification.id,
    )


def _selection_required(
    identity: Identity, user: User, state: State, memberships: Sequence[tuple[Membership, str]]
) -> IdentityError:
    token = create_pending(identity, user_id=user.id, reason="organization_selection", state=state)
    return StepUp(
        "The user must choose an organization to finish their authentication.",
        code="organization_selection_required",
        pending_authentication_token=token,
        user=user_data(user),
        organizations=[{"id": member.organization_id, "name": name} for member, name in memberships],
    )
