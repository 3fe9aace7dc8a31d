"""What members do with their organizations themselves: make one, leave one, ask colleagues in."""

from collections.abc import Sequence
from typing import Final

from vestibule.server.identity import limits
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, Forbidden, NotFound
from vestibule.server.identity.invitations import create_invitation, list_invitations, revoke_invitation
from vestibule.server.identity.limits import Limit
from vestibule.server.identity.memberships import (
    LEADERS,
    create_membership,
    delete_membership,
    list_active_memberships,
)
from vestibule.server.identity.models import Membership, Organization
from vestibule.server.identity.organizations import create_organization, delete_organization
from vestibule.server.identity.paging import Page
from vestibule.server.identity.people import Invitation

CREATIONS_A_DAY: Final = Limit(20, 86_400)
INVITATIONS_A_DAY: Final = Limit(200, 86_400)
FIRST_ROLE: Final = "admin"
SHOWN: Final = 100


def leads(membership: Membership) -> bool:
    """Whether this member may ask others in, and take invitations back."""
    return membership.status == "active" and not LEADERS.isdisjoint(membership.roles)


def create_own_organization(identity: Identity, user_id: str, *, name: str) -> Organization:
    """Whoever makes it leads it. Raises Invalid, TooMany, Denied `organization_creation_not_allowed`."""
    if not identity.settings.organization_creation:
        raise Denied("Organizations are made by the operator.", code="organization_creation_not_allowed")
    limits.hit_all(identity, (f"organization:created-by:{user_id}", CREATIONS_A_DAY))
    organization = create_organization(identity, name=name)
    try:
        create_membership(identity, user_id=user_id, organization_id=organization.id, roles=[FIRST_ROLE])
    except Exception:
        delete_organization(identity, organization.id)  # one that nobody is in is of no use to anybody
        raise
    return organization


def get_own_membership(identity: Identity, user_id: str, organization_id: str) -> tuple[Membership, str]:
    """And the name of the organization. Raises NotFound: where they are not, there is nothing for them."""
    for membership, name in list_active_memberships(identity, user_id):
        if membership.organization_id == organization_id:
            return membership, name
    raise NotFound.of("Organization", organization_id)


def leave_organization(identity: Identity, user_id: str, organization_id: str) -> None:
    """Raises NotFound, Denied `last_owner`."""
    membership, _ = get_own_membership(identity, user_id, organization_id)
    delete_membership(identity, membership.id)


def invite_colleague(
    identity: Identity,
    user_id: str,
    organization_id: str,
    *,
    email: str,
    role_slug: str | None,
    locale: str | None,
) -> Invitation:
    """Raises as `create_invitation`, and Forbidden `not_an_admin`."""
    _check_leads(identity, user_id, organization_id)
    limits.hit_all(identity, (f"invitation:by:{user_id}", INVITATIONS_A_DAY))
    return create_invitation(
        identity,
        email=email,
        organization_id=organization_id,
        role_slug=role_slug or None,
        inviter_user_id=user_id,
        locale=locale,
    )


def list_pending(identity: Identity, user_id: str, organization_id: str) -> Sequence[Invitation]:
    """For those who may take them back. The newest hundred."""
    _check_leads(identity, user_id, organization_id)
    found = list_invitations(identity, Page(limit=SHOWN), organization_id=organization_id)
    return [each for each in found.data if each.state == "pending"]


def withdraw_invitation(identity: Identity, user_id: str, organization_id: str, invitation_id: str) -> None:
    """Raises Forbidden, Denied `invite_not_pending`; NotFound, for another organization's, too."""
    _check_leads(identity, user_id, organization_id)
    with identity.store.read() as tx:
        found = tx.invitations.find(invitation_id)
    if found is None or found.organization_id != organization_id:
        raise NotFound.of("Invitation", invitation_id)
    revoke_invitation(identity, invitation_id)


def _check_leads(identity: Identity, user_id: str, organization_id: str) -> None:
    membership, _ = get_own_membership(identity, user_id, organization_id)
    if not leads(membership):
        raise Forbidden("Only admins of the organization may do that.", code="not_an_admin")
