"""Who may invite whom: a member, and to no role above their own."""

from collections.abc import Iterable

from vestibule.server.identity.errors import Forbidden, NotFound
from vestibule.server.identity.memberships import DEFAULT_ROLES, LEADERS
from vestibule.server.store.transaction import Transaction


def check_inviter(
    tx: Transaction, user_id: str, *, organization_id: str | None, role_slug: str | None
) -> None:
    """Raises NotFound, Forbidden `inviter_not_a_member` or `role_above_inviter` (IN-3)."""
    if "\x00" in user_id or tx.users.find(user_id) is None:
        raise NotFound.of("User", user_id)
    if organization_id is None or role_slug is None:
        return
    member = tx.memberships.find_of(user_id, organization_id)
    if member is None or member.status != "active":
        message = "The inviter is no active member of the organization."
        raise Forbidden(message, code="inviter_not_a_member")
    if role_slug in member.roles:
        return
    wanted = _permissions(tx, [role_slug], organization_id)
    if not wanted <= _permissions(tx, member.roles, organization_id):
        raise _above()
    # Roles without permissions cannot be compared: the name is all there is.
    if not wanted and role_slug not in DEFAULT_ROLES and LEADERS.isdisjoint(member.roles):
        raise _above()


def _permissions(tx: Transaction, slugs: Iterable[str], organization_id: str) -> frozenset[str]:
    """As tokens say it: an organization's own role takes the place of the environment's of the same slug."""
    meant = {}
    for role in tx.roles.list_slugs(list(slugs), organization_id=organization_id):
        if role.organization_id is not None or role.slug not in meant:
            meant[role.slug] = role.permissions
    return frozenset(permission for permissions in meant.values() for permission in permissions)


def _above() -> Forbidden:
    return Forbidden("Nobody can invite to a role above their own.", code="role_above_inviter")
