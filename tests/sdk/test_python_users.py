import pytest
from workos import NotFoundError, WorkOSClient
from workos.user_management._resource import PasswordPlaintext

from tests.sdk.conftest import PASSWORD, new_email


@pytest.mark.covers(
    "POST /user_management/users",
    "GET /user_management/users",
    "GET /user_management/users/{id}",
    "PUT /user_management/users/{id}",
    "DELETE /user_management/users/{id}",
    "GET /user_management/users/external_id/{external_id}",
    "GET /user_management/users/{id}/identities",
)
def test_a_user_lives(sdk: WorkOSClient) -> None:
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
