"""What an organization does about people whose addresses are in a domain it has proven to be its own.

`auto_join` makes them members when they sign in; `capture` makes them sign in by its authentication policy,
whichever organization they go to, or none. Both are off until they are set.
"""

from collections.abc import Callable

from vestibule.server.identity.context import Identity
from vestibule.server.identity.emails import lookup_key
from vestibule.server.identity.errors import Invalid, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.memberships import DEFAULT_ROLES, append_membership_event
from vestibule.server.identity.models import Organization
from vestibule.server.identity.people import User
from vestibule.server.identity.policies import Policy, effective_policy
from vestibule.server.store.transaction import Transaction


def get_domain_policy(identity: Identity, organization_id: str) -> Organization:
    """`domain_auto_join` and `domain_capture` of it."""
    with identity.store.read() as tx:
        return _existing(tx.organizations.find(organization_id), organization_id)


def set_domain_policy(
    identity: Identity,
    organization_id: str,
    *,
    check: Callable[[Transaction], None] | None = None,
    **changes: bool,
) -> Organization:
    """`auto_join` and `capture`, as far as they are given; for sign-ins from now on. `check` may refuse what
    comes of it, and then nothing has changed."""
    unknown = sorted(set(changes) - {"auto_join", "capture"})
    if unknown:
        raise Invalid.field(unknown[0], "unknown_field", f"{unknown[0]} cannot be set.")
    values = {f"domain_{name}": value for name, value in changes.items()}
    with identity.store.transaction() as tx:
        changed = tx.organizations.update(organization_id, **values, updated_at=identity.now)
        updated = _existing(changed, organization_id)
        data = {
            "object": "organization_domain_policy",
            "organization_id": organization_id,
            "auto_join": updated.domain_auto_join,
            "capture": updated.domain_capture,
            "updated_at": updated.updated_at,
        }
        append(tx, identity, "organization_domain_policy.updated", data, organization_id=organization_id)
        if check is not None:
            check(tx)
    return updated


def join_by_domain(identity: Identity, user: User) -> None:
    """Where the domain of their address makes them a member, unless they are or were one, or are expected.

    For somebody who has just proven to be this user: an address nobody has verified opens nothing.
    """
    if not user.email_verified:
        return
    with identity.store.read() as tx:
        owner = tx.organization_domains.find_owner(domain_of(user.email))
        if owner is None or not owner.auto_join or tx.memberships.find_of(user.id, owner.organization_id):
            return
    now = identity.now
    membership_id = new_id("om", now)
    with identity.store.transaction() as tx:
        tx.memberships.create(
            id=membership_id,
            user_id=user.id,
            organization_id=owner.organization_id,
            status="active",
            role=DEFAULT_ROLES[0],
            roles=list(DEFAULT_ROLES),
            created_at=now,
            updated_at=now,
        )
        made = tx.memberships.find(membership_id)
        if made is not None:  # else a sign-in at the same moment was faster
            append_membership_event(tx, identity, "organization_membership.created", made)


def policy_for(tx: Transaction, email: str, organization_id: str | None) -> Policy:
    """What somebody with this address has to meet to sign in there: what that organization asks for, and what
    the one does that has captured the address."""
    policy = effective_policy(tx, organization_id)
    owner = tx.organization_domains.find_owner(domain_of(email))
    if owner is None or not owner.capture or owner.organization_id == organization_id:
        return policy
    return policy.narrowed_by(effective_policy(tx, owner.organization_id))


def domain_of(email: str) -> str:
    return (lookup_key(email) or "").rpartition("@")[2]


def _existing(found: Organization | None, organization_id: str) -> Organization:
    if found is None:
        raise NotFound.of("Organization", organization_id)
    return found
