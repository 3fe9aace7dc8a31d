"""How entries of a seed name each other: by id, or by what people call them."""

from typing import Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.models import Membership
from vestibule.server.identity.paging import Page
from vestibule.server.identity.seeds.entries import Entry, SeedInvalid, stable_id
from vestibule.server.identity.users import find_user_by_email

MANY: Final = 100


def organization_of(identity: Identity, entry: Entry, *, needed: bool = False) -> str | None:
    """`organization_id`; or `organization`, its name or external id."""
    given = entry.text("organization_id", "organization")
    if given is None:
        if needed:
            raise SeedInvalid(entry.place, "lacks 'organization_id' or 'organization'")
        return None
    found = find_organization(identity, given)
    if found is None:
        raise NotFound.of("Organization", given)
    return found


def the_organization_of(identity: Identity, entry: Entry) -> str:
    return str(organization_of(identity, entry, needed=True))


def find_organization(identity: Identity, given: str) -> str | None:
    """By its id, its external id, or a name that no other has."""
    with identity.store.read() as tx:
        found = (
            tx.organizations.find(given)
            or tx.organizations.find_by_external_id(given)
            or tx.organizations.find(stable_id("org", given))
        )
        if found is not None:
            return found.id
        alike = tx.organizations.list(Page(limit=MANY, order="asc"), search=given).data
    named = [each.id for each in alike if each.name == given]
    return named[0] if len(named) == 1 else None


def user_of(identity: Identity, entry: Entry) -> str | None:
    """`user_id`, or `email`."""
    given = entry.text("user_id", "email")
    return None if given is None else find_user(identity, given)


def the_user_of(identity: Identity, entry: Entry) -> str:
    user_id = user_of(identity, entry)
    if user_id is None:
        raise SeedInvalid(entry.place, "lacks 'user_id' or 'email'")
    return user_id


def find_user(identity: Identity, given: str) -> str:
    """Raises NotFound."""
    with identity.store.read() as tx:
        user = tx.users.find(given)
    user = user or find_user_by_email(identity, given)
    if user is None:
        raise NotFound.of("User", given)
    return user.id


def find_membership(identity: Identity, given: str, organization_id: str) -> Membership:
    """By its id, or by the member. Raises NotFound."""
    with identity.store.read() as tx:
        found = tx.memberships.find(given)
    if found is None or found.organization_id != organization_id:
        user_id = find_user(identity, given)
        with identity.store.read() as tx:
            found = tx.memberships.find_of(user_id, organization_id)
    if found is None:
        raise NotFound.of("Organization membership", given)
    return found
