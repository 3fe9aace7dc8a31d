"""What is set for the whole environment. The Node SDK has no methods for it."""

import pytest
from workos import ConflictError, NotFoundError, WorkOSClient

from tests.sdk.conftest import numbers


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
