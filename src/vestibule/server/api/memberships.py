"""Organization memberships: who belongs where, in which roles."""

from collections.abc import Sequence
from typing import Any, Final

from vestibule.server.api.bodies import UNSET, Body, Line, Unset
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import MembershipShape, SlimRole, UserShape, list_of, show
from vestibule.server.identity import memberships
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Invalid, NotFound
from vestibule.server.identity.models import Membership

operations = Operations("organization_memberships")

PATH: Final = "/user_management/organization_memberships"
STATUSES: Final = ("active", "inactive", "pending")


class CreateMembership(Body):
    user_id: Line
    organization_id: Line
    role_slug: Line | Unset = UNSET
    role_slugs: list[Line] | Unset = UNSET


class UpdateMembership(Body):
    role_slug: Line | Unset = UNSET
    role_slugs: list[Line] | Unset = UNSET


@operations.post(PATH, body=CreateMembership, answers=MembershipShape, status=201)
def create_membership(call: Call[CreateMembership]) -> MembershipShape:
    """Make a user a member of an organization."""
    made = memberships.create_membership(
        call.identity,
        user_id=call.body.user_id,
        organization_id=call.body.organization_id,
        roles=_roles(call.body),
    )
    return _show(call.identity, made)


@operations.get(PATH, answers=MembershipShape, lists=True, filters=("user_id", "organization_id", "statuses"))
def list_memberships(call: Call[None]) -> dict[str, Any]:
    """List the memberships of a user or of an organization."""
    found = memberships.list_memberships(
        call.identity,
        call.listing.page,
        user_id=call.query.text("user_id"),
        organization_id=call.query.text("organization_id"),
        statuses=call.query.array("statuses", among=STATUSES),
    )
    return list_of(show_memberships(call.identity, found.data), call.listing.metadata(found))


@operations.get(PATH + "/{id}", answers=MembershipShape)
def get_membership(call: Call[None]) -> MembershipShape:
    """Get a membership."""
    return _show(call.identity, memberships.get_membership(call.identity, call.path["id"]))


@operations.put(PATH + "/{id}", body=UpdateMembership, answers=MembershipShape)
def update_membership(call: Call[UpdateMembership]) -> MembershipShape:
    """Change the roles of a membership."""
    changed = memberships.update_membership(call.identity, call.path["id"], roles=_roles(call.body))
    return _show(call.identity, changed)


@operations.put(PATH + "/{id}/deactivate", answers=MembershipShape)
def deactivate_membership(call: Call[None]) -> MembershipShape:
    """Suspend a membership: sessions in the organization cannot be refreshed."""
    return _show(call.identity, memberships.deactivate_membership(call.identity, call.path["id"]))


@operations.put(PATH + "/{id}/reactivate", answers=MembershipShape)
def reactivate_membership(call: Call[None]) -> MembershipShape:
    """End the suspension of a membership."""
    return _show(call.identity, memberships.reactivate_membership(call.identity, call.path["id"]))


@operations.delete(PATH + "/{id}")
def delete_membership(call: Call[None]) -> None:
    """End a membership."""
    memberships.delete_membership(call.identity, call.path["id"])


def _roles(body: CreateMembership | UpdateMembership) -> list[str] | None:
    single, several = body.role_slug, body.role_slugs
    if isinstance(single, str) and isinstance(several, list):
        text = "role_slug and role_slugs exclude each other."
        raise Invalid.field("role_slugs", "role_slug_and_role_slugs", text)
    if isinstance(several, list):
        return list(several)
    return [single] if isinstance(single, str) else None


def _show(identity: Identity, membership: Membership) -> MembershipShape:
    shown = show_memberships(identity, [membership])
    if not shown:
        raise NotFound.of("Organization membership", membership.id)
    return shown[0]


def show_memberships(identity: Identity, found: Sequence[Membership]) -> list[MembershipShape]:
    """Each with its organization's name and its user: one look for the whole page."""
    return [
        show(
            MembershipShape,
            each,
            organization_name=organization_name,
            role=SlimRole(slug=each.role),
            roles=[SlimRole(slug=slug) for slug in each.roles],
            user=show(UserShape, user),
        )
        for each, organization_name, user in memberships.with_both_sides(identity, found)
    ]
