"""Organizations: the customers of a business application."""

from typing import Any, Literal

from vestibule.server.api.bodies import UNSET, Body, Line, Text, Unset, given
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.organization_shapes import (
    EntitlementsShape,
    OrganizationShape,
    show_organization,
)
from vestibule.server.api.shapes import list_of, show
from vestibule.server.identity import domains, organizations
from vestibule.server.identity.context import Identity
from vestibule.server.identity.models import Organization

operations = Operations("organizations")


class DomainData(Body):
    domain: Line
    state: Literal["pending", "verified"]


class CreateOrganization(Body):
    name: Line
    metadata: dict[Line, Text] | Unset | None = UNSET
    external_id: Line | Unset | None = UNSET
    allow_profiles_outside_organization: bool | Unset = UNSET
    domain_data: list[DomainData] | Unset = UNSET
    domains: list[Line] | Unset = UNSET


class UpdateOrganization(Body):
    name: Line | Unset = UNSET
    metadata: dict[Line, Text | None] | Unset | None = UNSET
    external_id: Line | Unset | None = UNSET
    allow_profiles_outside_organization: bool | Unset = UNSET
    domain_data: list[DomainData] | Unset = UNSET
    domains: list[Line] | Unset = UNSET


class SetEntitlements(Body):
    entitlements: list[Line]


@operations.post("/organizations", body=CreateOrganization, answers=OrganizationShape, status=201)
def create_organization(call: Call[CreateOrganization]) -> OrganizationShape:
    """Create an organization."""
    values = {name: value for name, value in _values(call.body).items() if value is not None}
    return _show(call.identity, organizations.create_organization(call.identity, **values))


@operations.get("/organizations", answers=OrganizationShape, lists=True, filters=("search", "domains"))
def list_organizations(call: Call[None]) -> dict[str, Any]:
    """List organizations, newest first."""
    found = organizations.list_organizations(
        call.identity,
        call.listing.page,
        search=call.query.text("search"),
        domains=call.query.array("domains"),
    )
    having = domains.list_domains(call.identity, [each.id for each in found.data])
    shown = [show_organization(each, having.get(each.id, ())) for each in found.data]
    return list_of(shown, call.listing.metadata(found))


@operations.get("/organizations/external_id/{external_id}", answers=OrganizationShape)
def get_organization_by_external_id(call: Call[None]) -> OrganizationShape:
    """Get the organization that has this external ID."""
    found = organizations.get_organization_by_external_id(call.identity, call.path["external_id"])
    return _show(call.identity, found)


@operations.get("/organizations/{id}", answers=OrganizationShape)
def get_organization(call: Call[None]) -> OrganizationShape:
    """Get an organization."""
    return _show(call.identity, organizations.get_organization(call.identity, call.path["id"]))


@operations.put("/organizations/{id}", body=UpdateOrganization, answers=OrganizationShape)
def update_organization(call: Call[UpdateOrganization]) -> OrganizationShape:
    """Change the members that are sent."""
    changed = organizations.update_organization(call.identity, call.path["id"], changes=_values(call.body))
    return _show(call.identity, changed)


@operations.delete("/organizations/{id}")
def delete_organization(call: Call[None]) -> None:
    """Delete an organization with its memberships, roles and domains."""
    organizations.delete_organization(call.identity, call.path["id"])


@operations.get("/organizations/{id}/entitlements", answers=EntitlementsShape)
def get_entitlements(call: Call[None]) -> EntitlementsShape:
    """Get what an organization has paid for."""
    found = organizations.get_organization(call.identity, call.path["id"])
    return _show_entitlements(found)


@operations.put("/organizations/{id}/entitlements", body=SetEntitlements, answers=EntitlementsShape)
def set_entitlements(call: Call[SetEntitlements]) -> EntitlementsShape:
    """Replace what an organization has paid for: the next tokens of its members say so."""
    wanted = call.body.entitlements
    return _show_entitlements(
        organizations.set_entitlements(call.identity, call.path["id"], entitlements=wanted)
    )


def _values(body: CreateOrganization | UpdateOrganization) -> dict[str, Any]:
    """`domains` is the older spelling: names alone, which nobody has vouched for."""
    values = given(body)
    names, data = values.pop("domains", None), values.pop("domain_data", None)
    if data is not None:
        values["domain_data"] = [{"domain": each.domain, "state": each.state} for each in data]
    elif names is not None:
        values["domain_data"] = [{"domain": name, "state": "pending"} for name in names]
    return values


def _show(identity: Identity, organization: Organization) -> OrganizationShape:
    found = domains.list_domains(identity, [organization.id])
    return show_organization(organization, found.get(organization.id, ()))


def _show_entitlements(organization: Organization) -> EntitlementsShape:
    return show(
        EntitlementsShape,
        organization,
        organization_id=organization.id,
        entitlements=list(organization.entitlements),
    )
