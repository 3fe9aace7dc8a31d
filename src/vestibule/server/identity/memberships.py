"""Memberships: who belongs to which organization, in which roles. Whoever leaves one is signed out of it."""

from collections.abc import Sequence
from typing import Any, Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Conflict, Denied, Invalid, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.models import Membership
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.identity.people import User
from vestibule.server.identity.sessions import append_session_event
from vestibule.server.identity.withdrawing import withdraw_of
from vestibule.server.store.transaction import Transaction

DEFAULT_ROLES: Final = ("member",)
LEADERS: Final = frozenset({"admin", "owner"})
"""Roles whose last active holder stays, as long as there is anybody to lead."""
STATUSES: Final = ("active", "inactive", "pending")


def create_membership(
    identity: Identity,
    *,
    user_id: str,
    organization_id: str,
    roles: Sequence[str] | None = None,
    status: str = "active",
    membership_id: str | None = None,
) -> Membership:
    """`roles` are slugs, the first is what `role` shows. Raises NotFound, Conflict, Invalid."""
    if status not in STATUSES:
        raise Invalid.field("status", "invalid_status", "status must be active, inactive or pending.")
    now = identity.now
    membership_id = membership_id or new_id("om", now)
    with identity.store.transaction() as tx:
        if tx.users.find(user_id) is None:
            raise NotFound.of("User", user_id)
        if tx.organizations.find(organization_id) is None:
            raise NotFound.of("Organization", organization_id)
        slugs = checked_roles(tx, roles or DEFAULT_ROLES, organization_id)
        created = tx.memberships.create(
            id=membership_id,
            user_id=user_id,
            organization_id=organization_id,
            status=status,
            role=slugs[0],
            roles=slugs,
            created_at=now,
            updated_at=now,
        )
        if not created:
            raise Conflict(
                "The user is a member of this organization.", code="organization_membership_exists"
            )
        membership = _existing(tx.memberships.find(membership_id), membership_id)
        append_membership_event(tx, identity, "organization_membership.created", membership)
    return membership


def get_membership(identity: Identity, membership_id: str) -> Membership:
    with identity.store.read() as tx:
        return _existing(tx.memberships.find(membership_id), membership_id)


def find_member(identity: Identity, user_id: str, organization_id: str) -> Membership | None:
    with identity.store.read() as tx:
        return tx.memberships.find_of(user_id, organization_id)


def list_memberships(
    identity: Identity,
    page: Page,
    *,
    user_id: str | None = None,
    organization_id: str | None = None,
    statuses: Sequence[str] = (),
) -> Slice[Membership]:
    """Of a user, or of an organization. Raises Denied `missing_user_id_or_organization_id`."""
    if user_id is None and organization_id is None:
        raise Denied("Name a user_id or an organization_id.", code="missing_user_id_or_organization_id")
    with identity.store.read() as tx:
        return tx.memberships.list(
            page, user_id=user_id, organization_id=organization_id, statuses=tuple(statuses)
        )


def search_members(
    identity: Identity, organization_id: str, typed: str, *, most: int
) -> Sequence[Membership]:
    """Of those whose name or address has a word that begins so; newest first."""
    text = typed.strip()
    if not text or "\x00" in text:
        return ()
    with identity.store.read() as tx:
        return tx.memberships.search(organization_id, text, limit=most)


def with_both_sides(
    identity: Identity, found: Sequence[Membership]
) -> Sequence[tuple[Membership, str, User]]:
    """Each with the name of its organization and its user. One whose organization or user has gone meanwhile
    has gone too."""
    with identity.store.read() as tx:
        names = tx.organizations.names({each.organization_id for each in found})
        people = tx.users.find_all({each.user_id for each in found})
    return [
        (each, names[each.organization_id], people[each.user_id])
        for each in found
        if each.organization_id in names and each.user_id in people
    ]


def list_active_memberships(identity: Identity, user_id: str) -> Sequence[tuple[Membership, str]]:
    """Each with the name of its organization, oldest first: what a user can choose from."""
    with identity.store.read() as tx:
        return tx.memberships.list_active(user_id)


def update_membership(
    identity: Identity, membership_id: str, *, roles: Sequence[str] | None = None
) -> Membership:
    """Tokens carry the new roles from the next refresh on.

    Raises NotFound, Invalid `invalid_role`, Denied `last_owner`.
    """
    with identity.store.transaction() as tx:
        current = _existing(tx.memberships.find(membership_id), membership_id)
        if roles is None:
            return current
        slugs = checked_roles(tx, roles, current.organization_id)
        if LEADERS.isdisjoint(slugs):
            check_not_last_owner(tx, current)
        return _change(tx, identity, membership_id, role=slugs[0], roles=slugs)


def deactivate_membership(identity: Identity, membership_id: str) -> Membership:
    """Sessions in the organization end. Raises NotFound, Denied, `last_owner` among its codes."""
    with identity.store.transaction() as tx:
        current = _existing(tx.memberships.find(membership_id), membership_id)
        if current.status == "pending":
            message = "A pending organization membership cannot be deactivated. Delete it instead."
            raise Denied(message, code="cannot_deactivate_pending_organization_membership")
        check_not_last_owner(tx, current)
        _sign_out(tx, identity, current)
        return _change(tx, identity, membership_id, status="inactive")


def reactivate_membership(identity: Identity, membership_id: str) -> Membership:
    with identity.store.transaction() as tx:
        current = _existing(tx.memberships.find(membership_id), membership_id)
        if current.status == "pending":
            message = "A pending organization membership cannot be reactivated."
            raise Denied(message, code="cannot_reactivate_pending_organization_membership")
        return _change(tx, identity, membership_id, status="active")


def delete_membership(identity: Identity, membership_id: str) -> None:
    """Sessions in the organization end, and so does the invitation a pending one waits for. Raises NotFound,
    Denied `last_owner`."""
    with identity.store.transaction() as tx:
        check_not_last_owner(tx, _existing(tx.memberships.find(membership_id), membership_id))
        deleted = _existing(tx.memberships.delete(membership_id), membership_id)
        _sign_out(tx, identity, deleted)
        append_membership_event(tx, identity, "organization_membership.deleted", deleted)
        withdraw_of(tx, identity, deleted)


def _change(tx: Transaction, identity: Identity, membership_id: str, **values: Any) -> Membership:
    changed = tx.memberships.update(membership_id, **values, updated_at=identity.now)
    membership = _existing(changed, membership_id)
    append_membership_event(tx, identity, "organization_membership.updated", membership)
    return membership


def _sign_out(tx: Transaction, identity: Identity, membership: Membership) -> None:
    ended = tx.sessions.end_member(membership.user_id, membership.organization_id, now=identity.now)
    for session in ended:
        append_session_event(tx, identity, "session.revoked", session)


def check_not_last_owner(tx: Transaction, membership: Membership) -> None:
    """A person who is alone in an organization may leave it; one who leads others may not leave them."""
    if membership.status != "active" or LEADERS.isdisjoint(membership.roles):
        return
    tx.organizations.lock(membership.organization_id)  # two who lead must not remove each other at once
    led = tx.memberships.has_others(membership, roles=sorted(LEADERS))
    if not led and tx.memberships.has_others(membership):
        message = "Nobody else leads this organization: give another member the role admin or owner first."
        raise Denied(message, code="last_owner")


def checked_roles(tx: Transaction, slugs: Sequence[str], organization_id: str) -> list[str]:
    wanted = list(dict.fromkeys(slugs))
    known = tx.roles.hold(wanted, organization_id=organization_id)
    for slug in wanted:
        if slug not in known:
            raise Invalid(f"Role '{slug[:100]}' is not a valid role.", code="invalid_role")
    if not wanted:
        raise Invalid("A membership needs a role.", code="invalid_role")
    return wanted


def append_membership_event(tx: Transaction, identity: Identity, event: str, membership: Membership) -> None:
    data = {
        "object": "organization_membership",
        "id": membership.id,
        "user_id": membership.user_id,
        "organization_id": membership.organization_id,
        "status": membership.status,
        "directory_managed": False,
        "role": {"slug": membership.role},
        "roles": [{"slug": slug} for slug in membership.roles],
        "custom_attributes": {},
        "created_at": membership.created_at,
        "updated_at": membership.updated_at,
    }
    append(tx, identity, event, data, organization_id=membership.organization_id)


def _existing(found: Membership | None, membership_id: str) -> Membership:
    if found is None:
        raise NotFound.of("Organization membership", membership_id)
    return found
