import re
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from tests.server.api.conftest import PASSWORD

USERS = "/user_management/users"
Create = Callable[..., dict[str, Any]]


def test_a_user_has_every_member_from_the_beginning(create_user: Create, api: httpx2.Client) -> None:
    user = create_user(first_name="Ada", metadata={"plan": "pro"}, external_id="crm-1", email_verified=True)
    assert re.fullmatch(r"user_[0-9A-HJKMNP-TV-Z]{26}", user["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", user["created_at"])
    assert (user["object"], user["first_name"], user["last_name"]) == ("user", "Ada", None)
    assert (user["metadata"], user["external_id"], user["email_verified"]) == ({"plan": "pro"}, "crm-1", True)
    assert user["last_sign_in_at"] is None
    assert api.get(f"{USERS}/{user['id']}").json() == user
    assert api.get(f"{USERS}/external_id/crm-1").json() == user


def test_only_what_is_sent_changes_and_null_removes(create_user: Create, api: httpx2.Client) -> None:
    user = create_user(first_name="Ada", last_name="Byron", metadata={"a": "1", "b": "2"})
    changed = api.put(f"{USERS}/{user['id']}", json={"last_name": "Lovelace", "metadata": {"a": None}}).json()
    assert (changed["first_name"], changed["last_name"]) == ("Ada", "Lovelace")
    assert changed["metadata"] == {"b": "2"}


def test_a_deleted_user_is_gone(create_user: Create, api: httpx2.Client) -> None:
    user = create_user()
    assert api.delete(f"{USERS}/{user['id']}").status_code == 200
    gone = api.get(f"{USERS}/{user['id']}")
    assert gone.status_code == 404
    assert list(gone.json()) == ["message"]


@pytest.mark.parametrize("suffix", ["", "/identities", "/sessions"])
def test_unknown_users_are_not_found(api: httpx2.Client, suffix: str) -> None:
    assert api.get(f"{USERS}/user_01NOBODY00000000000000000{suffix}").status_code == 404
    assert api.get(f"{USERS}/%00{suffix}").status_code == 404


def test_a_taken_address_is_said_with_a_code(create_user: Create, api: httpx2.Client) -> None:
    user = create_user()
    refused = api.post(USERS, json={"email": user["email"].upper()})
    assert refused.status_code == 400
    assert refused.json()["code"] == "user_creation_error"
    assert refused.json()["errors"][0]["code"] == "email_not_available"


def test_a_weak_password_is_said_with_its_reasons(api: httpx2.Client) -> None:
    refused = api.post(USERS, json={"email": "weak@example.com", "password": "password"})
    assert refused.status_code == 400
    assert refused.json()["code"] == "password_strength_error"
    assert refused.json()["errors"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        ({"email": "not-an-address"}, "email"),
        ({"email": ["a@example.com"]}, "email"),
        ({"email": "a@example.com", "first_name": "Ada\r\nBcc: x"}, "first_name"),
        ({"email": "a@example.com", "metadata": {"a": 1}}, "metadata"),
        ({"email": "a@example.com", "email_verified": "yes"}, "email_verified"),
    ],
)
def test_a_malformed_body_is_422_and_names_the_field(
    api: httpx2.Client, body: dict[str, Any], field: str
) -> None:
    refused = api.post(USERS, json=body)
    assert refused.status_code == 422
    assert refused.json()["code"] == "invalid_request_parameters"
    assert [error["field"] for error in refused.json()["errors"]] == [field]


def test_pages_go_forth_and_back_to_the_adjacent_one(create_user: Create, api: httpx2.Client) -> None:
    for _ in range(5):
        create_user()
    first = api.get(USERS, params={"limit": 2}).json()
    second = api.get(USERS, params={"limit": 2, "after": first["list_metadata"]["after"]}).json()
    third = api.get(USERS, params={"limit": 2, "after": second["list_metadata"]["after"]}).json()
    back = api.get(USERS, params={"limit": 2, "before": third["list_metadata"]["before"]}).json()
    assert first["list_metadata"]["before"] is None
    assert back["data"] == second["data"]
    seen = [user["id"] for page in (first, second, third) for user in page["data"]]
    assert len(set(seen)) == 6
    assert seen == sorted(seen, reverse=True)


def test_lists_are_filtered_by_address(create_user: Create, api: httpx2.Client) -> None:
    user = create_user()
    found = api.get(USERS, params={"email": user["email"].upper()}).json()
    assert [each["id"] for each in found["data"]] == [user["id"]]
    assert api.get(USERS, params={"email": "nobody@example.com"}).json()["data"] == []


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "order=up", "email=%00"])
def test_a_malformed_query_is_422(api: httpx2.Client, query: str) -> None:
    assert api.get(f"{USERS}?{query}").status_code == 422


def test_somebody_without_other_providers_has_no_identities(create_user: Create, api: httpx2.Client) -> None:
    assert api.get(f"{USERS}/{create_user()['id']}/identities").json() == []


def test_sessions_of_a_user_are_listed_and_revoked(
    create_user: Create, api: httpx2.Client, server: Any
) -> None:
    user = create_user(password=PASSWORD, email_verified=True)
    grant = {"grant_type": "password", "email": user["email"], "password": PASSWORD}
    tokens = server.authenticate(api, **grant).json()
    (session,) = api.get(f"{USERS}/{user['id']}/sessions").json()["data"]
    assert (session["status"], session["auth_method"], session["ended_at"]) == ("active", "password", None)
    assert api.post("/user_management/sessions/revoke", json={"session_id": session["id"]}).status_code == 200
    (session,) = api.get(f"{USERS}/{user['id']}/sessions").json()["data"]
    assert session["status"] == "revoked"
    refused = server.authenticate(api, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"


def test_an_address_is_verified_with_the_code_that_was_sent(create_user: Create, api: httpx2.Client) -> None:
    user = create_user()
    path = f"{USERS}/{user['id']}/email_verification"
    assert api.post(f"{path}/send").json()["user"]["id"] == user["id"]
    created = api.get("/events", params={"events": "email_verification.created", "limit": 1}).json()
    verification_id = created["data"][0]["data"]["id"]
    code = api.get(f"/user_management/email_verification/{verification_id}").json()["code"]
    wrong = api.post(f"{path}/confirm", json={"code": "000000" if code != "000000" else "000001"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "email_verification_code_incorrect")
    assert api.post(f"{path}/confirm", json={"code": code}).json()["user"]["email_verified"] is True
    again = api.post(f"{path}/send")
    assert (again.status_code, again.json()["code"]) == (400, "email_already_verified")


def test_sends_are_limited_with_a_whole_number_of_seconds(create_user: Create, api: httpx2.Client) -> None:
    path = f"{USERS}/{create_user()['id']}/email_verification/send"
    statuses = [api.post(path).status_code for _ in range(3)]
    limited = api.post(path)
    assert (statuses, limited.status_code) == ([200, 200, 200], 429)
    assert 1 <= int(limited.headers["retry-after"]) <= 60


def test_a_password_is_reset_with_the_token_and_every_session_ends(
    create_user: Create, api: httpx2.Client, server: Any
) -> None:
    user = create_user(password=PASSWORD, email_verified=True)
    grant = {"grant_type": "password", "email": user["email"]}
    tokens = server.authenticate(api, **grant, password=PASSWORD).json()
    reset = api.post("/user_management/password_reset", json={"email": user["email"]}).json()
    assert reset["password_reset_url"].startswith(server.url)
    assert api.get(f"/user_management/password_reset/{reset['id']}").json() == reset
    body = {"token": reset["password_reset_token"], "new_password": "another-Horse-7-battery"}
    confirmed = api.post("/user_management/password_reset/confirm", json=body)
    assert confirmed.json()["user"]["id"] == user["id"]
    assert api.post("/user_management/password_reset/confirm", json=body).json()["code"] == (
        "password_reset_error"
    )
    assert server.authenticate(api, **grant, password=PASSWORD).status_code == 400
    assert server.authenticate(api, **grant, password=body["new_password"]).status_code == 200
    refreshed = server.authenticate(api, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"


def test_a_reset_for_nobody_is_not_found(api: httpx2.Client) -> None:
    assert api.post("/user_management/password_reset", json={"email": "n@example.com"}).status_code == 404
    assert api.get("/user_management/password_reset/password_reset_0").status_code == 404
    assert api.get("/user_management/email_verification/email_verification_0").status_code == 404
