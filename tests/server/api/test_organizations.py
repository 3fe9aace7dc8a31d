from collections.abc import Callable
from itertools import count
from typing import Any

import httpx2
import pytest

MEMBERSHIPS = "/user_management/organization_memberships"
Create = Callable[..., dict[str, Any]]
numbers = count(1)


@pytest.fixture
def organization(api: httpx2.Client) -> dict[str, Any]:
    return dict(api.post("/organizations", json={"name": f"Company {next(numbers)}"}).json())


@pytest.fixture
def membership(api: httpx2.Client, organization: dict[str, Any], create_user: Create) -> dict[str, Any]:
    body = {"user_id": create_user()["id"], "organization_id": organization["id"]}
    return dict(api.post(MEMBERSHIPS, json=body).json())


def test_an_organization_is_made_changed_found_and_deleted(api: httpx2.Client) -> None:
    body = {"name": "Analytical Engines", "external_id": "crm-7", "metadata": {"plan": "pro"}}
    made = api.post("/organizations", json=body).json()
    path = f"/organizations/{made['id']}"
    assert made["domains"] == []
    assert api.get(path).json() == made
    assert api.get("/organizations/external_id/crm-7").json() == made
    assert api.put(path, json={"name": "Difference Works"}).json()["metadata"] == {"plan": "pro"}
    assert made["id"] in {
        each["id"] for each in api.get("/organizations", params={"search": "fference"}).json()["data"]
    }
    assert api.delete(path).status_code == 200
    assert api.get(path).status_code == 404


def test_an_external_id_belongs_to_one_organization(api: httpx2.Client) -> None:
    body = {"name": "First", "external_id": "one-of-a-kind"}
    assert api.post("/organizations", json=body).status_code == 201
    refused = api.post("/organizations", json=body)
    assert (refused.status_code, refused.json()["code"]) == (400, "external_id_already_used")


def test_a_member_begins_as_a_member(membership: dict[str, Any], organization: dict[str, Any]) -> None:
    assert membership["role"] == {"slug": "member"}
    assert membership["roles"] == [{"slug": "member"}]
    assert membership["organization_name"] == organization["name"]
    assert membership["user"]["id"] == membership["user_id"]


def test_roles_of_a_membership_change(api: httpx2.Client, membership: dict[str, Any]) -> None:
    path = f"{MEMBERSHIPS}/{membership['id']}"
    changed = api.put(path, json={"role_slugs": ["admin", "member"]}).json()
    assert (changed["role"], len(changed["roles"])) == ({"slug": "admin"}, 2)
    refused = api.put(path, json={"role_slug": "no-such-role"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_role")
    both = api.put(path, json={"role_slug": "admin", "role_slugs": ["member"]})
    assert both.status_code == 422
    assert api.get(path).json()["role"] == {"slug": "admin"}


def test_a_membership_is_suspended_resumed_and_ended(api: httpx2.Client, membership: dict[str, Any]) -> None:
    path = f"{MEMBERSHIPS}/{membership['id']}"
    assert api.put(f"{path}/deactivate").json()["status"] == "inactive"
    query = {"user_id": membership["user_id"]}
    assert api.get(MEMBERSHIPS, params=query | {"statuses": "active"}).json()["data"] == []
    assert len(api.get(MEMBERSHIPS, params=query | {"statuses": "active,inactive"}).json()["data"]) == 1
    assert api.put(f"{path}/reactivate").json()["status"] == "active"
    assert api.delete(path).status_code == 200
    assert api.get(path).status_code == 404


def test_a_list_of_memberships_is_of_somebody_or_of_somewhere(
    api: httpx2.Client, membership: dict[str, Any]
) -> None:
    query = {"organization_id": membership["organization_id"]}
    assert [each["id"] for each in api.get(MEMBERSHIPS, params=query).json()["data"]] == [membership["id"]]
    refused = api.get(MEMBERSHIPS)
    assert (refused.status_code, refused.json()["code"]) == (400, "missing_user_id_or_organization_id")
    assert api.get(MEMBERSHIPS, params=query | {"statuses": "gone"}).status_code == 422


def test_nobody_becomes_a_member_of_nothing(api: httpx2.Client, create_user: Create) -> None:
    body = {"user_id": create_user()["id"], "organization_id": "org_01NOTHING"}
    assert api.post(MEMBERSHIPS, json=body).status_code == 404


def test_roles_carry_permissions(api: httpx2.Client, organization: dict[str, Any]) -> None:
    slug = f"editor-{next(numbers)}"
    made = api.post("/authorization/roles", json={"slug": slug, "name": "Editor"}).json()
    assert (made["type"], made["permissions"]) == ("EnvironmentRole", [])
    path = f"/authorization/roles/{slug}/permissions"
    assert api.put(path, json={"permissions": ["pages:read"]}).status_code == 404
    for name in ("pages:read", "pages:write"):
        api.post("/authorization/permissions", json={"slug": name, "name": name})
    permitted = api.put(path, json={"permissions": ["pages:write", "pages:read"]}).json()
    assert permitted["permissions"] == ["pages:read", "pages:write"]
    assert slug in {each["slug"] for each in api.get("/authorization/roles").json()["data"]}
    own = f"/authorization/organizations/{organization['id']}/roles"
    assert api.post(own, json={"slug": f"org-{slug}", "name": "Own"}).json()["type"] == "OrganizationRole"
    assert f"org-{slug}" in {each["slug"] for each in api.get(own).json()["data"]}
    assert api.post("/authorization/roles", json={"slug": slug, "name": "Again"}).status_code == 409


def test_redirect_uris_are_registered_listed_and_removed(api: httpx2.Client) -> None:
    path = "/user_management/redirect_uris"
    uri = f"https://app{next(numbers)}.example.com/callback"
    made = api.post(path, json={"uri": uri}).json()
    assert uri in {each["uri"] for each in api.get(path, params={"limit": 100}).json()["data"]}
    if not made["default"]:
        assert api.delete(f"{path}/{made['id']}").status_code == 204
    assert api.delete(f"{path}/redir_01NOTHING").status_code == 404


@pytest.mark.parametrize(
    "uri", ["javascript:alert(1)", "https://a.example.com/#x", "/callback", "https://me@a.example.com"]
)
def test_an_address_that_nobody_may_be_sent_to_cannot_be_registered(api: httpx2.Client, uri: str) -> None:
    assert api.post("/user_management/redirect_uris", json={"uri": uri}).status_code == 422


def test_the_addresses_of_the_app_are_set_and_removed(api: httpx2.Client) -> None:
    set_to = api.put("/user_management/app_homepage_url", json={"url": "https://app.example.com/"}).json()
    assert set_to["app_homepage_url"] == "https://app.example.com/"
    changed = api.put("/environments/current", json={"app_homepage_url": None, "name": "Shop"}).json()
    assert (changed["app_homepage_url"], changed["name"]) == (None, "Shop")
    assert api.get("/environments/current").json() == changed
    assert api.put("/environments/current", json={"app_homepage_url": "javascript:x"}).status_code == 422
    api.put("/environments/current", json={"name": "Vestibule"})


def test_events_say_what_happened_and_are_filtered(api: httpx2.Client, create_user: Create) -> None:
    user = create_user()
    for query in ("events=user.created,user.updated", "events=user.created&events=user.updated"):
        found = api.get(f"/events?{query}&limit=1").json()["data"]
        assert [(each["event"], each["data"]["id"]) for each in found] == [("user.created", user["id"])]
    assert api.get("/events", params={"range_start": "2100-01-01"}).json()["data"] == []
    assert api.get("/events", params={"range_start": "yesterday"}).status_code == 422
    oldest = api.get("/events", params={"order": "asc", "limit": 1}).json()["data"]
    assert oldest[0]["created_at"] <= user["created_at"]
