"""What is still owed after a proof: the steps of a sign-in through the API, in their order."""

from collections.abc import Mapping, Sequence
from typing import Any

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import IdentityError, StepUp
from vestibule.server.identity.events import Caller
from vestibule.server.identity.models import Membership
from vestibule.server.identity.opening import Authentication, SignIn, open_session, sign_opened
from vestibule.server.identity.pending import create_pending
from vestibule.server.identity.people import User, user_data
from vestibule.server.identity.verification import send_verification


def complete(identity: Identity, user: User, state: Mapping[str, Any], caller: Caller) -> Authentication:
    """The session of somebody who has proven who they are; or StepUp, with a token that goes on from here.

    `state` is what the pending token keeps: `client_id`, `authentication_method`. A member of one
    organization signs in to it; a member of several has to choose.
    """
    if not user.email_verified:
        raise _verification_required(identity, user, state)
    memberships = active_memberships(identity, user.id)
    if len(memberships) > 1:
        raise _selection_required(identity, user, state, memberships)
    organization_id = memberships[0][0].organization_id if memberships else None
    return open_in(identity, user.id, state, organization_id, caller)


def open_in(
    identity: Identity,
    user_id: str,
    state: Mapping[str, Any],
    organization_id: str | None,
    caller: Caller,
) -> Authentication:
    sign_in = SignIn(
        client_id=state["client_id"],
        user_id=user_id,
        authentication_method=state["authentication_method"],
        authenticated_at=identity.now,
        organization_id=organization_id,
    )
    with identity.store.transaction() as tx:
        opened = open_session(tx, identity, sign_in, caller=caller)
    return sign_opened(identity, opened)


def active_memberships(identity: Identity, user_id: str) -> Sequence[tuple[Membership, str]]:
    with identity.store.read() as tx:
        return tx.memberships.list_active(user_id)


def _verification_required(identity: Identity, user: User, state: Mapping[str, Any]) -> IdentityError:
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
    identity: Identity,
    user: User,
    state: Mapping[str, Any],
    memberships: Sequence[tuple[Membership, str]],
) -> IdentityError:
    token = create_pending(identity, user_id=user.id, reason="organization_selection", state=state)
    return StepUp(
        "The user must choose an organization to finish their authentication.",
        code="organization_selection_required",
        pending_authentication_token=token,
        user=user_data(user),
        organizations=[{"id": member.organization_id, "name": name} for member, name in memberships],
    )
