import datetime as dt
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from tests.servers import Running

Create = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def organization(api: httpx2.Client) -> dict[str, Any]:
    made = dict(api.post("/organizations", json={"name": "Keyed"}).json())
    path = f"/authorization/organizations/{made['id']}/roles"
    api.post(path, json={"slug": "org-reader", "name": "Reader"})
    api.post("/authorization/permissions", json={"slug": "reports:read", "name": "Read reports"})
    api.put(f"{path}/org-reader/permissions", json={"permissions": ["reports:read"]})
    return made


@pytest.fixture(scope="module")
def keys(organization: dict[str, Any]) -> str:
    return f"/organizations/{organization['id']}/api_keys"


def validate(api: httpx2.Client, value: str) -> Any:
    response = api.post("/api_keys/validations", json={"value": value})
    assert response.status_code == 200, response.text
    return response.json()["api_key"]


def test_a_key_is_made_validated_expired_and_deleted(
    api: httpx2.Client, keys: str, organization: dict[str, Any]
) -> None:
    answer = api.post(keys, json={"name": "Production"})
    assert answer.status_code == 201
    made = answer.json()
    value = made.pop("value")
    assert made["owner"] == {"type": "organization", "id": organization["id"]}
    assert validate(api, value) == made
    listed = api.get(keys).json()["data"]
    assert [each["id"] for each in listed] == [made["id"]]
    assert listed[0]["last_used_at"] is not None
    ended = api.post(f"/api_keys/{made['id']}/expire", json={})
    assert (ended.status_code, ended.json()["id"]) == (200, made["id"])
    assert validate(api, value) is None
    again = api.post(f"/api_keys/{made['id']}/expire", json={})
    assert (again.status_code, again.json()["code"]) == (409, "api_key_already_expired")
    assert api.delete(f"/api_keys/{made['id']}").status_code == 204
    assert api.delete(f"/api_keys/{made['id']}").status_code == 404


def test_an_end_is_scheduled_and_taken_back(api: httpx2.Client, keys: str) -> None:
    later = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    made = api.post(keys, json={"name": "For a day", "expires_at": later}).json()
    assert made["expires_at"] == later
    path = f"/api_keys/{made['id']}/expire"
    assert api.post(path, json={"expires_at": None}).json()["expires_at"] is None
    assert api.post(path, json={"expires_at": later}).json()["expires_at"] == later
    assert api.post(path, json={"expires_at": "tomorrow"}).status_code == 422
    assert validate(api, made["value"]) is not None


@pytest.mark.parametrize("moment", ["9999-12-31T23:00:00-10:00", "0001-01-01T00:00:00+14:00"])
def test_an_end_that_is_no_date_in_utc_is_refused(api: httpx2.Client, keys: str, moment: str) -> None:
    refused = api.post(keys, json={"name": "For ever", "expires_at": moment})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "expires_at")
    made = api.post(keys, json={"name": "For ever"}).json()
    ended = api.post(f"/api_keys/{made['id']}/expire", json={"expires_at": moment})
    assert ended.status_code == 422


def test_a_key_of_a_member(api: httpx2.Client, create_user: Create, organization: dict[str, Any]) -> None:
    user = create_user()
    path = f"/user_management/users/{user['id']}/api_keys"
    body = {"name": "Mine", "organization_id": organization["id"]}
    assert api.post(path, json=body).status_code == 422
    member = {"user_id": user["id"], "organization_id": organization["id"]}
    api.post("/user_management/organization_memberships", json=member)
    made = api.post(path, json=body).json()
    assert made["owner"] == {"type": "user", "id": user["id"], "organization_id": organization["id"]}
    assert [each["id"] for each in api.get(path).json()["data"]] == [made["id"]]
    elsewhere = api.get(path, params={"organization_id": "org_elsewhere"})
    assert elsewhere.json()["data"] == []
    refused = api.post(path, json=body | {"permissions": ["reports:read"]})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "permissions")


def test_AK_1_keys_are_made_for_whoever_holds_a_key(public: httpx2.Client, keys: str) -> None:
    body = {"name": "Mine", "user_id": "user_x", "organization_id": "org_x"}
    assert public.post(keys, json=body).status_code == 401
    assert public.post("/user_management/users/user_x/api_keys", json=body).status_code == 401
    assert public.post("/api_keys/validations", json={"value": "x"}).status_code == 401


def test_AK_2_a_key_of_a_customer_opens_nothing_here(
    api: httpx2.Client, public: httpx2.Client, keys: str
) -> None:
    value = api.post(keys, json={"name": "Curious"}).json()["value"]
    for headers in ({"authorization": f"Bearer {value}"}, {"authorization": f"Bearer sk_test_{value[9:]}"}):
        assert public.get("/user_management/users", headers=headers).status_code == 401
    assert public.get("/user_management/users", params={"api_key": value}).status_code == 401


def test_AK_4_a_value_is_answered_once(api: httpx2.Client, server: Running, keys: str) -> None:
    value = api.post(keys, json={"name": "Once"}).json()["value"]
    assert value not in api.get(keys).text
    assert value not in api.post("/api_keys/validations", json={"value": value}).text
    assert value not in api.get("/events", params={"events": "api_key.created", "limit": "100"}).text


def test_a_repeated_request_makes_one_key(api: httpx2.Client, keys: str) -> None:
    before = len(api.get(keys, params={"limit": "100"}).json()["data"])
    headers = {"idempotency-key": "one-key-only"}
    first, second = (api.post(keys, json={"name": "Retried"}, headers=headers) for _ in range(2))
    assert first.json() == second.json()
    assert len(api.get(keys, params={"limit": "100"}).json()["data"]) == before + 1
