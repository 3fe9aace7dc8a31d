"""Users, the verification of their addresses, and their passwords."""

import pytest
from workos import NotFoundError, WorkOSClient
from workos.user_management._resource import PasswordPlaintext

from tests.sdk.conftest import PASSWORD, new_email
from tests.sdk.node import Node, NodeError

LIFE = (
    "POST /user_management/users",
    "GET /user_management/users",
    "GET /user_management/users/{id}",
    "PUT /user_management/users/{id}",
    "DELETE /user_management/users/{id}",
    "GET /user_management/users/external_id/{external_id}",
    "GET /user_management/users/{id}/identities",
)
VERIFICATION = (
    "POST /user_management/users/{id}/email_verification/send",
    "POST /user_management/users/{id}/email_verification/confirm",
    "GET /user_management/email_verification/{id}",
)
RESET = (
    "POST /user_management/password_reset",
    "POST /user_management/password_reset/confirm",
    "GET /user_management/password_reset/{id}",
)
NEW_PASSWORD = "another-lantern-in-the-orbit"


@pytest.mark.covers(*LIFE)
def test_a_user_lives_in_python(sdk: WorkOSClient) -> None:
    users = sdk.user_management
    email = new_email()
    made = users.create_user(
        email=email, first_name="Ada", metadata={"plan": "pro"}, password=PasswordPlaintext(PASSWORD)
    )
    assert (made.email, made.first_name, made.email_verified) == (email, "Ada", False)
    changed = users.update_user(made.id, last_name="Lovelace", external_id=f"external-{made.id}")
    assert (changed.first_name, changed.last_name) == ("Ada", "Lovelace")
    read = users.get_user(made.id)
    assert (read.metadata, read.last_name, read.created_at) == ({"plan": "pro"}, "Lovelace", made.created_at)
    assert users.get_user_by_external_id(f"external-{made.id}").id == made.id
    assert [user.id for user in users.list_users(email=email).data] == [made.id]
    assert users.get_user_identities(made.id) == []
    users.delete_user(made.id)
    with pytest.raises(NotFoundError):
        users.get_user(made.id)


@pytest.mark.covers(*LIFE)
def test_a_user_lives_in_node(node: Node) -> None:
    email = new_email()
    given = {"email": email, "firstName": "Ada", "metadata": {"plan": "pro"}, "password": PASSWORD}
    made = node("userManagement.createUser", given)
    assert (made["email"], made["firstName"], made["emailVerified"]) == (email, "Ada", False)
    external_id = f"external-{made['id']}"
    more = {"userId": made["id"], "lastName": "Lovelace", "externalId": external_id}
    assert node("userManagement.updateUser", more)["lastName"] == "Lovelace"
    read = node("userManagement.getUser", made["id"])
    assert (read["metadata"], read["lastName"]) == ({"plan": "pro"}, "Lovelace")
    assert read["createdAt"] == made["createdAt"]
    assert node("userManagement.getUserByExternalId", external_id)["id"] == made["id"]
    listed = node("userManagement.listUsers", {"email": email})["data"]
    assert [each["id"] for each in listed] == [made["id"]]
    assert node("userManagement.getUserIdentities", made["id"]) == []
    node("userManagement.deleteUser", made["id"])
    with pytest.raises(NodeError) as gone:
        node("userManagement.getUser", made["id"])
    assert (gone.value.name, gone.value.status) == ("NotFoundException", 404)


@pytest.mark.covers(*VERIFICATION)
def test_an_address_is_verified_in_python(sdk: WorkOSClient) -> None:
    users = sdk.user_management
    user = users.create_user(email=new_email())
    assert users.send_verification_email(user.id).user.email == user.email
    (event,) = [
        each
        for each in sdk.events.list_events(
            events=["email_verification.created"], limit=100, order="desc"
        ).data
        if each.data.user_id == user.id  # type: ignore[union-attr]
    ]
    verification = users.get_email_verification(event.data.id)  # type: ignore[union-attr]
    assert (verification.user_id, verification.email) == (user.id, user.email)
    assert users.verify_email(user.id, code=verification.code).user.email_verified
    assert users.get_user(user.id).email_verified


@pytest.mark.covers(*VERIFICATION)
def test_an_address_is_verified_in_node(node: Node) -> None:
    user = node("userManagement.createUser", {"email": new_email()})
    sent = node("userManagement.sendVerificationEmail", {"userId": user["id"]})
    assert sent["user"]["email"] == user["email"]
    asked = {"events": ["email_verification.created"], "limit": 100, "order": "desc"}
    (event,) = [
        each for each in node("events.listEvents", asked)["data"] if each["data"]["userId"] == user["id"]
    ]
    verification = node("userManagement.getEmailVerification", event["data"]["id"])
    assert (verification["userId"], verification["email"]) == (user["id"], user["email"])
    done = node("userManagement.verifyEmail", {"userId": user["id"], "code": verification["code"]})
    assert done["user"]["emailVerified"] is True


@pytest.mark.covers(*RESET)
def test_a_password_is_reset_in_python(sdk: WorkOSClient) -> None:
    users = sdk.user_management
    user = users.create_user(email=new_email(), email_verified=True, password=PasswordPlaintext(PASSWORD))
    reset = users.reset_password(email=user.email)
    read = users.get_password_reset(reset.id)
    assert (read.user_id, read.password_reset_token) == (user.id, reset.password_reset_token)
    done = users.confirm_password_reset(token=reset.password_reset_token, new_password=NEW_PASSWORD)
    assert done.user.id == user.id
    signed_in = users.authenticate_with_password(email=user.email, password=NEW_PASSWORD)
    assert signed_in.user.id == user.id


@pytest.mark.covers(*RESET)
def test_a_password_is_reset_in_node(node: Node) -> None:
    given = {"email": new_email(), "emailVerified": True, "password": PASSWORD}
    user = node("userManagement.createUser", given)
    reset = node("userManagement.createPasswordReset", {"email": user["email"]})
    read = node("userManagement.getPasswordReset", reset["id"])
    assert (read["userId"], read["passwordResetToken"]) == (user["id"], reset["passwordResetToken"])
    chosen = {"token": reset["passwordResetToken"], "newPassword": NEW_PASSWORD}
    assert node("userManagement.resetPassword", chosen)["user"]["id"] == user["id"]
    grant = {"email": user["email"], "password": NEW_PASSWORD}
    assert node("userManagement.authenticateWithPassword", grant)["user"]["id"] == user["id"]
