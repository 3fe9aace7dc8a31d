"""Applications besides the environment's own, their secrets, and what people have allowed them."""

import pytest
from workos import NotFoundError, WorkOSClient

from tests.sdk.conftest import new_email
from tests.sdk.node import Node
from tests.servers import Running
from vestibule.server.identity.applications import get_application
from vestibule.server.identity.consents import grant_consent

APPLICATIONS = (
    "GET /connect/applications",
    "POST /connect/applications",
    "GET /connect/applications/{id}",
    "PUT /connect/applications/{id}",
    "DELETE /connect/applications/{id}",
    "GET /connect/applications/{id}/client_secrets",
    "POST /connect/applications/{id}/client_secrets",
    "DELETE /connect/client_secrets/{id}",
)


@pytest.mark.covers(*APPLICATIONS)
def test_an_application_lives_in_python(sdk: WorkOSClient) -> None:
    home = sdk.organizations.create_organization(name="Reports").id
    made = sdk.connect.create_oauth_application(name="Reports", is_first_party=False, organization_id=home)
    machine = sdk.connect.create_m2m_application(name="Robot", organization_id=home)
    assert {each.id for each in sdk.connect.list_applications(organization_id=home).data} == {
        made.id,
        machine.id,
    }
    assert sdk.connect.update_application(made.id, name="Charts").name == "Charts"
    assert sdk.connect.get_application(made.client_id).name == "Charts"
    secret = sdk.connect.create_application_client_secret(made.id)
    (listed,) = sdk.connect.list_application_client_secrets(made.id)
    assert (listed.id, listed.secret_hint) == (secret.id, secret.secret[-4:])
    sdk.connect.delete_client_secret(secret.id)
    assert sdk.connect.list_application_client_secrets(made.id) == []
    sdk.connect.delete_application(made.id)
    with pytest.raises(NotFoundError):
        sdk.connect.get_application(made.id)


@pytest.mark.covers(*APPLICATIONS)
def test_an_application_lives_in_node(node: Node) -> None:
    home = node("organizations.createOrganization", {"name": "Reports"})["id"]
    made = node("connect.createOAuthApplication", "Reports", False, None, None, None, None, home)
    (listed,) = node("connect.listApplications", {"organizationId": home})["data"]
    assert listed["id"] == made["id"]
    node("connect.updateApplication", {"id": made["id"], "name": "Charts"})
    assert node("connect.getApplication", {"id": made["clientId"]})["name"] == "Charts"
    secret = node("connect.createApplicationClientSecret", {"id": made["id"]})
    (kept,) = node("connect.listApplicationClientSecrets", {"id": made["id"]})
    assert (kept["id"], kept["secretHint"]) == (secret["id"], secret["secret"][-4:])
    node("connect.deleteClientSecret", {"id": secret["id"]})
    assert node("connect.listApplicationClientSecrets", {"id": made["id"]}) == []
    node("connect.deleteApplication", {"id": made["id"]})
    assert node("connect.listApplications", {"organizationId": home})["data"] == []


@pytest.mark.covers(
    "GET /user_management/users/{user_id}/authorized_applications",
    "DELETE /user_management/users/{user_id}/authorized_applications/{application_id}",
    "GET /organizations/{organization_id}/authorized_applications",
)
def test_what_somebody_allowed_is_listed_and_taken_back(sdk: WorkOSClient, server: Running) -> None:
    home, user = sdk.organizations.create_organization(name="Reports"), sdk.user_management.create_user
    ada = user(email=new_email()).id
    sdk.organization_membership.create_organization_membership(user_id=ada, organization_id=home.id)
    made = sdk.connect.create_oauth_application(name="Reports", is_first_party=False, organization_id=home.id)
    grant_consent(server.identity, ada, get_application(server.identity, made.id), ["openid"])
    (mine,) = sdk.user_management.list_user_authorized_applications(ada).data
    (ours,) = sdk.organizations.list_authorized_applications(home.id).data
    assert (mine.id, mine.granted_scopes, ours.user_id) == (ours.id, ["openid"], ada)
    sdk.user_management.delete_user_authorized_application(made.id, ada)
    assert sdk.user_management.list_user_authorized_applications(ada).data == []
