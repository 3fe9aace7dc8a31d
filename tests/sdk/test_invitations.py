"""Invitations: sent, found, accepted, revoked, and used up by a sign-in."""

import pytest
from workos import BadRequestError, NotFoundError, WorkOSClient
from workos.user_management._resource import PasswordPlaintext

from tests.sdk.conftest import PASSWORD, new_email
from tests.sdk.node import Node, NodeError

INVITATIONS = "/user_management/invitations"
LIFE = (
    f"POST {INVITATIONS}",
    f"GET {INVITATIONS}",
    f"GET {INVITATIONS}/{{id}}",
    f"GET {INVITATIONS}/by_token/{{token}}",
    f"POST {INVITATIONS}/{{id}}/accept",
    f"POST {INVITATIONS}/{{id}}/resend",
    f"POST {INVITATIONS}/{{id}}/revoke",
)


@pytest.mark.covers(*LIFE)
def test_an_invitation_lives_in_python(sdk: WorkOSClient) -> None:
    users, email = sdk.user_management, new_email()
    home = sdk.organizations.create_organization(name="Inviting").id
    made = users.send_invitation(email=email, organization_id=home, role_slug="admin", expires_in_days=3)
    assert (made.email, made.state, made.organization_id, made.accepted_at) == (email, "pending", home, None)
    assert made.token in made.accept_invitation_url
    assert users.get_invitation(made.id).token == made.token
    assert users.find_invitation_by_token(made.token).id == made.id
    assert [each.id for each in users.list_invitations(organization_id=home).data] == [made.id]
    assert users.resend_invitation(made.id).token == made.token
    user = users.create_user(email=email, email_verified=True)
    accepted = users.accept_invitation(made.id)
    assert (accepted.state, accepted.accepted_user_id) == ("accepted", user.id)
    (member,) = sdk.organization_membership.list_organization_memberships(user_id=user.id).data
    assert (member.organization_id, member.status, member.role.slug) == (home, "active", "admin")
    other = users.send_invitation(email=new_email(), organization_id=home)
    assert users.revoke_invitation(other.id).state == "revoked"
    with pytest.raises(BadRequestError):
        users.accept_invitation(other.id)
    with pytest.raises(NotFoundError):
        users.get_invitation(made.id + "x")


@pytest.mark.covers(*LIFE)
def test_an_invitation_lives_in_node(node: Node) -> None:
    email = new_email()
    home = node("organizations.createOrganization", {"name": "Inviting"})["id"]
    given = {"email": email, "organizationId": home, "roleSlug": "admin", "expiresInDays": 3}
    made = node("userManagement.sendInvitation", given)
    assert (made["email"], made["state"], made["organizationId"]) == (email, "pending", home)
    assert made["token"] in made["acceptInvitationUrl"]
    assert node("userManagement.getInvitation", made["id"])["token"] == made["token"]
    assert node("userManagement.findInvitationByToken", made["token"])["id"] == made["id"]
    listed = node("userManagement.listInvitations", {"organizationId": home})["data"]
    assert [each["id"] for each in listed] == [made["id"]]
    assert node("userManagement.resendInvitation", made["id"])["token"] == made["token"]
    user = node("userManagement.createUser", {"email": email, "emailVerified": True})["id"]
    accepted = node("userManagement.acceptInvitation", made["id"])
    assert (accepted["state"], accepted["acceptedUserId"]) == ("accepted", user)
    (member,) = node("userManagement.listOrganizationMemberships", {"userId": user})["data"]
    assert (member["organizationId"], member["status"], member["role"]) == (home, "active", {"slug": "admin"})
    other = node("userManagement.sendInvitation", {"email": new_email(), "organizationId": home})
    assert node("userManagement.revokeInvitation", other["id"])["state"] == "revoked"
    with pytest.raises(NodeError) as over:
        node("userManagement.acceptInvitation", other["id"])
    assert over.value.status == 400


def test_a_sign_in_uses_an_invitation_up_in_python(sdk: WorkOSClient) -> None:
    users, email = sdk.user_management, new_email()
    home = sdk.organizations.create_organization(name="Inviting").id
    made = users.send_invitation(email=email, organization_id=home)
    users.create_user(email=email, email_verified=True, password=PasswordPlaintext(PASSWORD))
    done = users.authenticate_with_password(email=email, password=PASSWORD, invitation_token=made.token)
    assert done.organization_id == home
    assert users.get_invitation(made.id).state == "accepted"


def test_a_sign_in_uses_an_invitation_up_in_node(node: Node) -> None:
    email = new_email()
    home = node("organizations.createOrganization", {"name": "Inviting"})["id"]
    made = node("userManagement.sendInvitation", {"email": email, "organizationId": home})
    node("userManagement.createUser", {"email": email, "emailVerified": True, "password": PASSWORD})
    grant = {"email": email, "password": PASSWORD, "invitationToken": made["token"]}
    assert node("userManagement.authenticateWithPassword", grant)["organizationId"] == home
    assert node("userManagement.getInvitation", made["id"])["state"] == "accepted"
