"""The end of a sign-in through the API that brings an invitation along."""

from vestibule.server.identity.completing import State, active_memberships, complete
from vestibule.server.identity.context import Identity
from vestibule.server.identity.events import Caller
from vestibule.server.identity.joining import join
from vestibule.server.identity.opening import Authentication
from vestibule.server.identity.people import User


def complete_invited(
    identity: Identity, user: User, state: State, caller: Caller, *, invitation_token: str | None
) -> Authentication:
    """Accepts first, so that the session can be one in the organization. Raises as `join` and `complete`."""
    if invitation_token is None:
        return complete(identity, user, state, caller)
    with identity.store.transaction() as tx:
        invitation, user = join(tx, identity, invitation_token, user)
    belongs = {member.organization_id for member, _ in active_memberships(identity, user.id)}
    if invitation.organization_id in belongs:
        state = {**state, "organization_id": invitation.organization_id}
    return complete(identity, user, state, caller)
