"""Signing in or up with an invitation in hand."""

from vestibule.server.identity import hashing, limits
from vestibule.server.identity.completing import State, active_memberships, complete
from vestibule.server.identity.context import Identity
from vestibule.server.identity.emails import parse_email
from vestibule.server.identity.events import NOBODY, Caller
from vestibule.server.identity.joining import join, join_found
from vestibule.server.identity.new_passwords import check_password
from vestibule.server.identity.opening import Authentication
from vestibule.server.identity.people import Invitation, User
from vestibule.server.identity.profile import tidy_name
from vestibule.server.identity.users import add_user


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


def sign_up_invited(
    identity: Identity,
    invitation: Invitation,
    *,
    password: str,
    first_name: str | None = None,
    last_name: str | None = None,
    caller: Caller = NOBODY,
) -> User:
    """An account for the invited address, which the link has proven, and the invitation accepted with it.

    Raises Invalid for the names or a weak password, OAuthDenied `invitation_invalid`, TooMany; Taken when the
    address has an account by now.
    """
    names = {
        "first_name": tidy_name("first_name", first_name),
        "last_name": tidy_name("last_name", last_name),
    }
    check_password(identity, password, email=invitation.email)
    if caller.ip_address is not None:
        place = limits.place_of(caller.ip_address)
        limits.hit_all(identity, (f"sign-up:address:{place}", limits.TRIES_PER_ADDRESS))
    hashed, address = hashing.hash_password(password), parse_email(invitation.email)
    with identity.store.transaction() as tx:
        user = add_user(tx, identity, address=address, password_hash=hashed, email_verified=True, **names)
        return join_found(tx, identity, tx.invitations.find(invitation.id), user)[1]
