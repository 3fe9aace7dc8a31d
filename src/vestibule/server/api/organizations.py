"""Organizations: the customers of a business application."""

from typing import Any

from vestibule.server.api.bodies import UNSET, Body, Line, Text, Unset, given
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import OrganizationShape, show, show_list
from vestibule.server.identity import organizations

operations = Operations("organizations")


class CreateOrganization(Body):
    name: Line
    metadata: dict[Line, Text] | Unset | None = UNSET
    external_id: Line | Unset | None = UNSET


class UpdateOrganization(Body):
    name: Line | Unset = UNSET
    metadata: dict[Line, Text | None] | Unset | None = UNSET
    external_id: Line | Unset | None = UNSET


@operations.post("/organizations", body=CreateOrganization, answers=OrganizationShape, status=201)
def create_organization(call: Call[CreateOrganization]) -> OrganizationShape:
    """Create an organization."""
    values = {name: value for name, value in given(call.body).items() if value is not None}
    return show(OrganizationShape, organizations.create_organization(call.identity, **values))


@operations.get("/organizations", answers=OrganizationShape, lists=True, filters=("search",))
def list_organizations(call: Call[None]) -> dict[str, Any]:
    """List organizations, newest first."""
    found = organizations.list_organizations(
        call.identity, call.listing.page, search=call.query.text("search")
    )
    return show_list(OrganizationShape, found, call.listing)


@operations.get("/organizations/external_id/{external_id}", answers=OrganizationShape)
def get_organization_by_external_id(call: Call[None]) -> OrganizationShape:
    """Get the organization that has this external ID."""
    found = organizations.get_organization_by_external_id(call.identity, call.path["external_id"])
    return show(OrganizationShape, found)


@operations.get("/organizations/{id}", answers=OrganizationShape)
def get_organization(call: Call[None]) -> OrganizationShape:
    """Get an organization."""
    return show(OrganizationShape, organizations.get_organization(call.identity, call.path["id"]))


@operations.put("/organizations/{id}", body=UpdateOrganization, answers=OrganizationShape)
def update_organization(call: Call[UpdateOrganization]) -> OrganizationShape:
    """Change the members that are sent."""
    changed = organizations.update_organization(call.identity, call.path["id"], changes=given(call.body))
    return show(OrganizationShape, changed)


@operations.delete("/organizations/{id}")
def delete_organization(call: Call[None]) -> None:
    """Delete an organization with its memberships and roles."""
    organizations.delete_organization(call.identity, call.path["id"])
