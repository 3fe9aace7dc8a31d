"""Organizations somebody is in: leaving one, making one, and asking colleagues in where they lead."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server.account.person import Person, blank
from vestibule.server.account.sentences import explain, sentence_of
from vestibule.server.identity import own_organizations
from vestibule.server.identity.errors import Denied, Forbidden, Invalid
from vestibule.server.identity.memberships import list_active_memberships
from vestibule.server.identity.models import Membership, Role
from vestibule.server.identity.roles import list_roles
from vestibule.server.languages import mark
from vestibule.server.visitor import NOTHING

ORGANIZATIONS: Final = "/account/organizations"
NO_NAME: Final = mark("Enter the name of the organization.")
NO_ADDRESS: Final = mark("Enter the email address of a colleague.")


def show(person: Person) -> Response:
    found = list_active_memberships(person.identity, person.user.id)
    return person.page(
        "organizations.html",
        organizations=[
            {
                "id": membership.organization_id,
                "name": name,
                "roles": role_names(person, membership),
                "since": membership.created_at,
            }
            for membership, name in found
        ],
        may_create=person.identity.settings.organization_creation,
    )


def show_new(person: Person) -> Response:
    return _new(person)


def create(person: Person) -> Response:
    errors = blank(person, name=NO_NAME)
    if errors:
        return _new(person, errors=errors)
    try:
        made = own_organizations.create_own_organization(
            person.identity, person.user.id, name=person.typed("name")
        )
    except Invalid as error:
        return _new(person, errors=explain(person, error))
    return person.go(f"{ORGANIZATIONS}/{made.id}", done="organization")


def show_one(person: Person) -> Response:
    return _one(person)


def invite(person: Person) -> Response:
    organization_id = person.path("organization_id")
    own_organizations.get_own_membership(person.identity, person.user.id, organization_id)
    errors = blank(person, email=NO_ADDRESS)
    if errors:
        return _one(person, errors=errors)
    try:
        own_organizations.invite_colleague(
            person.identity,
            person.user.id,
            organization_id,
            email=person.typed("email"),
            role_slug=person.typed("role"),
            locale=person.user.locale,
        )
    except Invalid as error:
        return _one(person, errors={"email": next(iter(explain(person, error).values()))})
    except (Denied, Forbidden) as error:
        field = "role" if "role" in error.code else "email"
        return _one(person, errors={field: sentence_of(person, error)})
    return person.go(f"{ORGANIZATIONS}/{organization_id}", done="invited")


def withdraw(person: Person) -> Response:
    organization_id = person.path("organization_id")
    own_organizations.withdraw_invitation(
        person.identity, person.user.id, organization_id, person.typed("invitation_id")
    )
    return person.go(f"{ORGANIZATIONS}/{organization_id}", done="withdrawn")


def leave(person: Person) -> Response:
    try:
        own_organizations.leave_organization(person.identity, person.user.id, person.path("organization_id"))
    except Denied as error:
        return _one(person, problem=sentence_of(person, error))
    return person.go(ORGANIZATIONS, done="left")


def role_names(person: Person, membership: Membership) -> str:
    """As the organization calls them, else as the environment does."""
    known = {role.slug: role.name for role in _roles(person, membership.organization_id)}
    return ", ".join(known.get(slug, slug) for slug in membership.roles)


def _roles(person: Person, organization_id: str) -> Sequence[Role]:
    found = list_roles(person.identity, organization_id=organization_id)
    return sorted(found, key=lambda role: role.organization_id is not None)


def _new(person: Person, *, errors: Mapping[str, str] = NOTHING) -> Response:
    return person.page(
        "organization-new.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        allowed=person.identity.settings.organization_creation,
        values={"name": person.typed("name")},
        errors=errors,
    )


def _one(person: Person, *, errors: Mapping[str, str] = NOTHING, problem: str = "") -> Response:
    organization_id = person.path("organization_id")
    membership, name = own_organizations.get_own_membership(person.identity, person.user.id, organization_id)
    leads = own_organizations.leads(membership)
    pending = (
        own_organizations.list_pending(person.identity, person.user.id, organization_id) if leads else ()
    )
    names = {role.slug: role.name for role in _roles(person, organization_id)}
    return person.page(
        "organization.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors or problem else HTTPStatus.OK,
        organization={"id": organization_id, "name": name, "roles": role_names(person, membership)},
        leads=leads,
        roles=names,
        pending=[
            {
                "id": each.id,
                "email": each.email,
                "role": names.get(each.role_slug or "", each.role_slug or ""),
                "until": each.expires_at,
            }
            for each in pending
        ],
        values={"email": person.typed("email"), "role": person.typed("role") or "member"},
        errors=errors,
        problem=problem,
    )
