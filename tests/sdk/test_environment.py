"""What is set for the whole environment. The Node SDK has no methods for it."""

import jwt
import pytest
from workos import ConflictError, NotFoundError, WorkOSClient
from workos.user_management._resource import PasswordPlaintext

from tests.sdk.conftest import PASSWORD, new_email, numbers
from tests.servers import Running


@pytest.mark.covers(
    "POST /user_management/redirect_uris",
    "GET /user_management/redirect_uris",
    "DELETE /user_management/redirect_uris/{id}",
)
def test_a_redirect_uri_lives_in_python(sdk: WorkOSClient) -> None:
    users = sdk.user_management
    uri = f"https://sdk{next(numbers)}.example.com/callback"
    users.create_redirect_uri(uri="https://first.example.com/callback")
    made = users.create_redirect_uri(uri=uri)
    assert (made.uri, made.default) == (uri, False)
    assert made.id in [each.id for each in users.list_redirect_uris(limit=100).data]
    users.delete_redirect_uris(made.id)
    assert made.id not in [each.id for each in users.list_redirect_uris(limit=100).data]
    with pytest.raises(NotFoundError):
        users.delete_redirect_uris(made.id)


@pytest.mark.covers("POST /user_management/cors_origins", "GET /user_management/cors_origins")
def test_a_cors_origin_is_added_in_python(sdk: WorkOSClient) -> None:
    users = sdk.user_management
    origin = f"https://sdk{next(numbers)}.example.com"
    made = users.create_cors_origin(origin=origin)
    assert made.origin == origin
    assert made.id in [each.id for each in users.list_cors_origins(limit=100).data]
    with pytest.raises(ConflictError):
        users.create_cors_origin(origin=origin)


@pytest.mark.covers("PUT /user_management/jwt_template", "GET /user_management/jwt_template")
def test_a_jwt_template_is_set_in_python(server: Running, sdk: WorkOSClient) -> None:
    users = sdk.user_management
    content = """{"plan": {{ user.metadata.plan || 'free' }}}"""
    made = users.update_jwt_template(content=content)
    assert (made.object, made.content) == ("jwt_template", content)
    assert users.list_jwt_template().content == content
    user = users.create_user(email=new_email(), email_verified=True, password=PasswordPlaintext(PASSWORD))
    tokens = users.authenticate_with_password(email=user.email, password=PASSWORD)
    assert jwt.decode(tokens.access_token, options={"verify_signature": False})["plan"] == "free"
    with server.client() as client:  # only this server has an operation for it
        client.delete("/user_management/jwt_template").raise_for_status()
