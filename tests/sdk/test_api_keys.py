"""API keys of organizations and of their members."""

import datetime as dt

import pytest
from workos import NotFoundError, WorkOSClient

from tests.sdk.conftest import new_email
from tests.sdk.node import Node, NodeError

OF_ORGANIZATIONS = (
    "POST /organizations/{organizationId}/api_keys",
    "GET /organizations/{organizationId}/api_keys",
    "POST /api_keys/validations",
    "DELETE /api_keys/{id}",
)
OF_USERS = (
    "POST /user_management/users/{userId}/api_keys",
    "GET /user_management/users/{userId}/api_keys",
)


@pytest.mark.covers(*OF_ORGANIZATIONS, "POST /api_keys/{id}/expire")
def test_a_key_of_an_organization_lives_in_python(sdk: WorkOSClient) -> None:
    keys = sdk.api_keys
    organization = sdk.organizations.create_organization(name="Keys")
    made = keys.create_organization_api_key(organization.id, name="Importer")
    assert (made.owner.type, made.owner.id) == ("organization", organization.id)
    assert made.value
    assert made.value not in (made.obfuscated_value, made.id)
    (listed,) = keys.list_organization_api_keys(organization.id).data
    assert (listed.id, listed.name, listed.obfuscated_value) == (made.id, "Importer", made.obfuscated_value)
    shown = keys.create_validation(value=made.value).api_key
    assert shown is not None
    assert shown.id == made.id
    assert keys.create_validation(value=made.value + "x").api_key is None
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    assert keys.create_api_key_expire(made.id, expires_at=later).expires_at is not None
    assert keys.create_validation(value=made.value).api_key is not None
    keys.create_api_key_expire(made.id)
    assert keys.create_validation(value=made.value).api_key is None
    keys.delete_api_key(made.id)
    assert keys.list_organization_api_keys(organization.id).data == []
    with pytest.raises(NotFoundError):
        keys.delete_api_key(made.id)


@pytest.mark.covers(*OF_ORGANIZATIONS)
def test_a_key_of_an_organization_lives_in_node(node: Node) -> None:
    organization = node("organizations.createOrganization", {"name": "Keys"})["id"]
    given = {"organizationId": organization, "name": "Importer"}
    made = node("apiKeys.createOrganizationApiKey", given)
    assert made["owner"] == {"type": "organization", "id": organization}
    (listed,) = node("apiKeys.listOrganizationApiKeys", {"organizationId": organization})["data"]
    assert (listed["id"], listed["obfuscatedValue"]) == (made["id"], made["obfuscatedValue"])
    shown = node("apiKeys.createValidation", {"value": made["value"]})
    assert shown["apiKey"]["id"] == made["id"]
    node("apiKeys.deleteApiKey", made["id"])
    assert node("apiKeys.createValidation", {"value": made["value"]})["apiKey"] is None
    with pytest.raises(NodeError) as gone:
        node("apiKeys.deleteApiKey", made["id"])
    assert gone.value.name == "NotFoundException"


@pytest.mark.covers(*OF_USERS)
def test_a_key_of_a_user_lives_in_python(sdk: WorkOSClient) -> None:
    users = sdk.user_management
    user = users.create_user(email=new_email())
    organization = sdk.organizations.create_organization(name="Keys")
    sdk.organization_membership.create_organization_membership(
        user_id=user.id, organization_id=organization.id
    )
    made = users.create_user_api_key(user.id, name="Mine", organization_id=organization.id)
    assert (made.owner.type, made.owner.id) == ("user", user.id)
    (listed,) = users.list_user_api_keys(user.id, organization_id=organization.id).data
    assert (listed.id, listed.name) == (made.id, "Mine")
    shown = sdk.api_keys.create_validation(value=made.value).api_key
    assert shown is not None
    assert shown.owner.id == user.id  # type: ignore[union-attr]


@pytest.mark.covers(*OF_USERS)
def test_a_key_of_a_user_lives_in_node(node: Node) -> None:
    user = node("userManagement.createUser", {"email": new_email()})["id"]
    organization = node("organizations.createOrganization", {"name": "Keys"})["id"]
    of_both = {"userId": user, "organizationId": organization}
    node("userManagement.createOrganizationMembership", of_both)
    given = {"name": "Mine", "organizationId": organization}
    made = node("userManagement.createUserApiKey", user, given)
    assert (made["owner"]["type"], made["owner"]["id"]) == ("user", user)
    (listed,) = node("userManagement.listUserApiKeys", user, {"organizationId": organization})["data"]
    assert (listed["id"], listed["name"]) == (made["id"], "Mine")
    assert node("apiKeys.createValidation", {"value": made["value"]})["apiKey"]["id"] == made["id"]
