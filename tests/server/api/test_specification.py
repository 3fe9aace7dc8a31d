"""The checker of answers is itself checked: an answer that lacks something must fail."""

import httpx2
import pytest

from tests.server.api.specification import check, specification, template_of
from vestibule.server.api.routes import OPERATIONS

REQUEST_ID = {"x-request-id": "req_1"}


def answer(status: int, data: object, *, headers: dict[str, str] = REQUEST_ID) -> httpx2.Response:
    request = httpx2.Request("GET", "http://localhost/user_management/users/user_1")
    return httpx2.Response(status, json=data, headers=headers, request=request)


@pytest.mark.parametrize(
    "response",
    [
        answer(200, {"object": "user"}),
        answer(200, {"id": "user_1"}),
        answer(404, {"error": "not_found"}),
        answer(418, {"message": "no"}),
        answer(404, {"message": "no"}, headers={}),
    ],
)
def test_an_answer_outside_the_interface_is_noticed(response: httpx2.Response) -> None:
    with pytest.raises(AssertionError):
        check(response)


def test_an_answer_inside_the_interface_passes() -> None:
    check(answer(404, {"message": "User not found."}))


def test_fixed_paths_win_over_parameters() -> None:
    assert template_of("/user_management/password_reset/confirm") == "/user_management/password_reset/confirm"
    assert template_of("/user_management/password_reset/password_reset_1") == (
        "/user_management/password_reset/{id}"
    )


def test_nearly_every_operation_is_part_of_the_interface() -> None:
    ours = {
        operation.path
        for operation in OPERATIONS
        if template_of(operation.path.replace("{", "").replace("}", "")) not in specification()["paths"]
    }
    assert ours == {
        "/environments/current",
        "/environments/current/authentication_policy",
        "/organizations/{id}/authentication_policy",
        "/organizations/{id}/domain_policy",
        "/organizations/{id}/entitlements",
        "/sdk/feature-flags",
        "/user_management/app_homepage_url",
        "/user_management/cors_origins/{id}",
        "/user_management/sessions/revoked",
        "/user_management/sign_out_uris",
        "/user_management/sign_out_uris/{id}",
        "/user_management/users/{id}/impersonate",
        "/user_management/users/{id}/impersonations",
        "/user_management/users/{id}/passkeys",
        "/user_management/users/{id}/passkeys/{passkey_id}",
        "/user_management/users/{id}/recovery_codes",
        "/webhook_endpoints/{id}/deliveries",
        "/webhook_endpoints/{id}/deliveries/{delivery_id}/replay",
        "/webhook_endpoints/{id}/replay",
    }
