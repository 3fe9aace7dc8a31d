import pytest

from tests.sdk.conftest import PASSWORD, new_email
from tests.sdk.node import Node, NodeError


@pytest.mark.covers(
    "POST /user_management/users",
    "GET /user_management/users",
    "GET /user_management/users/{id}",
    "PUT /user_management/users/{id}",
    "DELETE /user_management/users/{id}",
    "GET /user_management/users/external_id/{external_id}",
    "GET /user_management/users/{id}/identities",
)
def test_a_user_lives(node: Node) -> None:
    email = new_email()
    given = {"email": email, "firstName": "Ada", "metadata": {"plan": "pro"}, "password": PASSWORD}
    made = node("userManagement.createUser", given)
    assert (made["email"], made["firstName"], made["emailVerified"]) == (email, "Ada", False)
    more = {"userId": made["id"], "lastName": "Lovelace", "externalId": f"external-{made['id']}"}
    assert node("userManagement.updateUser", more)["lastName"] == "Lovelace"
    read = node("userManagement.getUser", made["id"])
    assert (read["metadata"], read["lastName"], read["createdAt"]) == (
        {"plan": "pro"},
        "Lovelace",
        made["createdAt"],
    )
    assert node("userManagement.getUserByExternalId", f"external-{made['id']}")["id"] == made["id"]
    listed = node("userManagement.listUsers", {"email": email})["data"]
    assert [each["id"] for each in listed] == [made["id"]]
    assert node("userManagement.getUserIdentities", made["id"]) == []
    node("userManagement.deleteUser", made["id"])
    with pytest.raises(NodeError) as gone:
        node("userManagement.getUser", made["id"])
    assert gone.value.name == "NotFoundException"
