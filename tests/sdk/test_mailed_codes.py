"""Codes that are mailed: to sign in, and to move to another address, for which Node has no methods."""

import pytest
from workos import BadRequestError, WorkOSClient

from tests.sdk.conftest import new_email
from tests.sdk.node import Node, NodeError
from tests.server.people import code_in, mails_to
from tests.servers import Running

MAGIC = ("POST /user_management/magic_auth", "GET /user_management/magic_auth/{id}")


@pytest.mark.covers(*MAGIC, "POST /user_management/authenticate")
def test_a_mailed_code_signs_in_in_python(server: Running, sdk: WorkOSClient) -> None:
    users, email = sdk.user_management, new_email()
    made = users.create_magic_auth(email=email)
    read = users.get_magic_auth(made.id)
    assert (read.email, read.code, read.user_id) == (email, made.code, made.user_id)
    assert made.code in mails_to(server.identity, email)[0].text
    done = users.authenticate_with_magic_auth(code=made.code, email=email)
    assert (done.user.id, done.authentication_method) == (made.user_id, "MagicAuth")
    assert done.user.email_verified
    with pytest.raises(BadRequestError):
        users.authenticate_with_magic_auth(code=made.code, email=email)


@pytest.mark.covers(*MAGIC, "POST /user_management/authenticate")
def test_a_mailed_code_signs_in_in_node(node: Node) -> None:
    email = new_email()
    made = node("userManagement.createMagicAuth", {"email": email})
    read = node("userManagement.getMagicAuth", made["id"])
    assert (read["email"], read["code"], read["userId"]) == (email, made["code"], made["userId"])
    grant = {"code": made["code"], "email": email}
    done = node("userManagement.authenticateWithMagicAuth", grant)
    assert (done["user"]["id"], done["authenticationMethod"]) == (made["userId"], "MagicAuth")
    with pytest.raises(NodeError) as again:
        node("userManagement.authenticateWithMagicAuth", grant)
    assert again.value.status == 400


@pytest.mark.covers(
    "POST /user_management/users/{id}/email_change/send",
    "POST /user_management/users/{id}/email_change/confirm",
)
def test_an_address_is_changed_in_python(server: Running, sdk: WorkOSClient) -> None:
    users, new = sdk.user_management, new_email()
    user = users.create_user(email=new_email(), email_verified=True)
    sent = users.send_email_change(user.id, new_email=new)
    assert (sent.user.id, sent.user.email, sent.new_email) == (user.id, user.email, new)
    code = code_in(mails_to(server.identity, new)[0])
    done = users.confirm_email_change(user.id, code=code)
    assert (done.user.id, done.user.email) == (user.id, new)
    assert [each.id for each in users.list_users(email=new).data] == [user.id]
