"""Domains of organizations, and what an environment without connections and directories answers."""

import pytest
from workos import NotFoundError, WorkOSClient

from tests.sdk.conftest import numbers
from tests.sdk.node import Node, NodeError

LIFE = (
    "POST /organization_domains",
    "GET /organization_domains/{id}",
    "DELETE /organization_domains/{id}",
)


def domain() -> str:
    return f"acme{next(numbers)}.example.com"


@pytest.mark.covers(*LIFE, "POST /organization_domains/{id}/verify")
def test_a_domain_lives_in_python(sdk: WorkOSClient) -> None:
    domains, name = sdk.organization_domains, domain()
    home = sdk.organizations.create_organization(name="Domains").id
    made = domains.create_organization_domain(domain=name, organization_id=home)
    assert (made.domain, made.organization_id, made.state) == (name, home, "pending")
    assert made.verification_strategy == "dns"
    assert made.verification_token
    begun = domains.verify_organization_domain(made.id)
    assert (begun.id, begun.state) == (made.id, "pending")
    assert domains.get_organization_domain(made.id).verification_token == made.verification_token
    assert [each.id for each in sdk.organizations.get_organization(home).domains] == [made.id]
    found = sdk.organizations.list_organizations(domains=["other.example.com", name]).data
    assert [each.id for each in found] == [home]
    domains.delete_organization_domain(made.id)
    with pytest.raises(NotFoundError):
        domains.get_organization_domain(made.id)


@pytest.mark.covers(*LIFE, "POST /organization_domains/{id}/verify")
def test_a_domain_lives_in_node(node: Node) -> None:
    name = domain()
    home = node("organizations.createOrganization", {"name": "Domains"})["id"]
    given = {"domain": name, "organizationId": home}
    made = node("organizationDomains.createOrganizationDomain", given)
    assert (made["domain"], made["organizationId"], made["state"]) == (name, home, "pending")
    begun = node("organizationDomains.verifyOrganizationDomain", made["id"])
    assert (begun["id"], begun["state"]) == (made["id"], "pending")
    read = node("organizationDomains.getOrganizationDomain", made["id"])
    assert read["verificationToken"] == made["verificationToken"]
    found = node("organizations.listOrganizations", {"domains": ["other.example.com", name]})["data"]
    assert [each["id"] for each in found] == [home]
    node("organizationDomains.deleteOrganizationDomain", made["id"])
    with pytest.raises(NodeError) as gone:
        node("organizationDomains.getOrganizationDomain", made["id"])
    assert gone.value.name == "NotFoundException"
