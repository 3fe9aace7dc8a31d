"""Taking an invitation back: by itself, or with the membership that was waiting for it."""

from vestibule.server.identity import events
from vestibule.server.identity.context import Identity
from vestibule.server.identity.emails import lookup_key
from vestibule.server.identity.models import Membership
from vestibule.server.identity.people import invitation_data
from vestibule.server.store.invitations import StoredInvitation
from vestibule.server.store.transaction import Transaction


def withdraw(tx: Transaction, identity: Identity, invitation_id: str) -> StoredInvitation | None:
    """None when it is not pending."""
    revoked = tx.invitations.revoke(invitation_id, now=identity.now)
    if revoked is not None:
        data = invitation_data(identity, revoked)
        events.append(tx, identity, "invitation.revoked", data, organization_id=revoked.organization_id)
    return revoked


def withdraw_of(tx: Transaction, identity: Identity, membership: Membership) -> None:
    """Whoever was removed before they came must not come by the mail they still have."""
    user = tx.users.find(membership.user_id)
    key = None if user is None else lookup_key(user.email)
    if key is None or membership.status != "pending":
        return
    pending = tx.invitations.find_pending(key, organization_id=membership.organization_id, now=identity.now)
    if pending is not None:
        withdraw(tx, identity, pending.id)
