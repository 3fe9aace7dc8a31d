"""Accepting an invitation: only with the address it went to, once, and with nothing left half done."""

from typing import Final

from vestibule.server.identity import events
from vestibule.server.identity.context import Identity
from vestibule.server.identity.emails import lookup_key
from vestibule.server.identity.errors import Denied, Invalid, NotFound, OAuthDenied
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.memberships import DEFAULT_ROLES, append_membership_event, checked_roles
from vestibule.server.identity.people import Invitation, User, invitation_data, shown_invitation
from vestibule.server.identity.secrets import digest
from vestibule.server.identity.verification import mark_verified
from vestibule.server.store.invitations import StoredInvitation
from vestibule.server.store.transaction import Transaction

MAX_TOKEN: Final = 256


def find_invitation(identity: Identity, token: str | None) -> Invitation | None:
    """Whatever its state; None for a token that is none."""
    if not token or len(token) > MAX_TOKEN:
        return None
    with identity.store.read() as tx:
        stored = tx.invitations.find_by_token(digest(token))
    return None if stored is None else shown_invitation(identity, stored)


def find_invitation_by_id(identity: Identity, invitation_id: str) -> Invitation | None:
    with identity.store.read() as tx:
        stored = tx.invitations.find(invitation_id)
    return None if stored is None else shown_invitation(identity, stored)


def check_invitation(identity: Identity, token: str, *, email: str) -> Invitation:
    """Looks without accepting; one that this address accepted before is fine, and changes nothing.

    Raises OAuthDenied `invitation_invalid`, the same for every cause, and
    `invitation_cannot_be_used_for_email`.
    """
    found = find_invitation(identity, token)
    if found is None or found.state in ("expired", "revoked"):
        raise invitation_invalid()
    if lookup_key(found.email) != lookup_key(email):
        raise _for_another_address()
    return found


def join(tx: Transaction, identity: Identity, token: str, user: User) -> tuple[Invitation, User]:
    """Accept by the token that was mailed, which proves the address as well, for somebody who has just proven
    to be `user`. They may bring it again. Raises OAuthDenied as `check_invitation`."""
    stored = tx.invitations.find_by_token(digest(token)) if len(token) <= MAX_TOKEN else None
    return join_found(tx, identity, stored, user)


def join_by_id(identity: Identity, invitation_id: str, user: User) -> tuple[Invitation, User]:
    """The same for a sign-in on the hosted pages, which began with the token."""
    with identity.store.transaction() as tx:
        return join_found(tx, identity, tx.invitations.find(invitation_id), user)


def join_found(
    tx: Transaction, identity: Identity, stored: StoredInvitation | None, user: User
) -> tuple[Invitation, User]:
    if stored is None:
        raise invitation_invalid()
    if stored.email_key != lookup_key(user.email):
        raise _for_another_address()
    if stored.accepted_at is not None and stored.accepted_user_id == user.id:
        return shown_invitation(identity, stored), user
    accepted = tx.invitations.accept(stored.id, user_id=user.id, now=identity.now)
    if accepted is None:
        raise invitation_invalid()
    if not user.email_verified:
        user = mark_verified(tx, identity, user)
    _become_member(tx, identity, accepted, user)
    _tell(tx, identity, accepted)
    return shown_invitation(identity, accepted), user


def accept_invitation(identity: Identity, invitation_id: str) -> Invitation:
    """The app's server accepts for whoever has the address, which this does not prove.

    Raises NotFound; Denied `invite_not_pending`, `invalid_invite` when nobody has the address or the
    membership is suspended.
    """
    with identity.store.transaction() as tx:
        stored = tx.invitations.find(invitation_id)
        if stored is None:
            raise NotFound.of("Invitation", invitation_id)
        user = tx.users.find_by_email_key(stored.email_key)
        if user is None:
            raise Denied("Nobody has an account with the invited address yet.", code="invalid_invite")
        accepted = tx.invitations.accept(stored.id, user_id=user.id, now=identity.now)
        if accepted is None:
            message = f"The invitation is {stored.state(identity.now)}, not pending."
            raise Denied(message, code="invite_not_pending")
        try:
            _become_member(tx, identity, accepted, user)
        except OAuthDenied as error:
            raise Denied(error.message, code="invalid_invite") from None
        _tell(tx, identity, accepted)
    return shown_invitation(identity, accepted)


def expect_member(tx: Transaction, identity: Identity, invitation: StoredInvitation, user: User) -> None:
    """A pending membership, for somebody who has an account while they are invited."""
    organization_id = invitation.organization_id
    if organization_id is None:
        return
    present = tx.memberships.find_of(user.id, organization_id)
    roles = [invitation.role_slug or DEFAULT_ROLES[0]]
    if present is None:
        _add(tx, identity, user.id, organization_id, roles, status="pending")
    elif present.status == "pending" and present.roles != roles:
        _change(tx, identity, present.id, role=roles[0], roles=roles)


def forget_member(tx: Transaction, identity: Identity, invitation: StoredInvitation) -> None:
    """Nobody is expected any more: the membership goes, if it is still pending."""
    user = tx.users.find_by_email_key(invitation.email_key)
    if user is None or invitation.organization_id is None:
        return
    present = tx.memberships.find_of(user.id, invitation.organization_id)
    if present is None or present.status != "pending":
        return
    deleted = tx.memberships.delete(present.id)
    if deleted is not None:
        append_membership_event(tx, identity, "organization_membership.deleted", deleted)


def invitation_invalid() -> OAuthDenied:
    return OAuthDenied(
        "The invitation is unknown, was used, was revoked or has expired.", code="invitation_invalid"
    )


def _for_another_address() -> OAuthDenied:
    return OAuthDenied(
        "The invitation is for another e-mail address.", code="invitation_cannot_be_used_for_email"
    )


def _become_member(tx: Transaction, identity: Identity, invitation: StoredInvitation, user: User) -> None:
    organization_id = invitation.organization_id
    if organization_id is None:
        return
    present = tx.memberships.find_of(user.id, organization_id)
    if present is None:
        _add(tx, identity, user.id, organization_id, _roles(tx, invitation), status="active")
    elif present.status == "pending":
        _change(tx, identity, present.id, status="active")
    elif present.status != "active":  # suspended since: an old mail does not lift that
        raise invitation_invalid()


def _roles(tx: Transaction, invitation: StoredInvitation) -> list[str]:
    wanted = [invitation.role_slug or DEFAULT_ROLES[0]]
    try:
        return checked_roles(tx, wanted, str(invitation.organization_id))
    except Invalid:  # deleted in the meantime: nobody said what should take its place
        raise invitation_invalid() from None


def _add(
    tx: Transaction, identity: Identity, user_id: str, organization_id: str, roles: list[str], *, status: str
) -> None:
    now = identity.now
    membership_id = new_id("om", now)
    tx.memberships.create(
        id=membership_id,
        user_id=user_id,
        organization_id=organization_id,
        status=status,
        role=roles[0],
        roles=roles,
        created_at=now,
        updated_at=now,
    )
    made = tx.memberships.find(membership_id)
    if made is not None:
        append_membership_event(tx, identity, "organization_membership.created", made)


def _change(tx: Transaction, identity: Identity, membership_id: str, **values: object) -> None:
    changed = tx.memberships.update(membership_id, **values, updated_at=identity.now)
    if changed is not None:
        append_membership_event(tx, identity, "organization_membership.updated", changed)


def _tell(tx: Transaction, identity: Identity, accepted: StoredInvitation) -> None:
    events.append(
        tx,
        identity,
        "invitation.accepted",
        invitation_data(identity, accepted),
        organization_id=accepted.organization_id,
    )
