"""Domains, domain policies and entitlements of organizations, over HTTP."""

from typing import Any

import httpx2
import pytest

from tests.server.api.conftest import numbers


@pytest.fixture
def organization(api: httpx2.Client) -> dict[str, Any]:
    return dict(api.post("/organizations", json={"name": "Domains"}).json())


def domain() -> str:
    return f"acme{next(numbers)}.example.com"


def test_a_domain_is_added_shown_and_removed(api: httpx2.Client, organization: dict[str, Any]) -> None:
    body = {"organization_id": organization["id"], "domain": domain()}
    made = api.post("/organization_domains", json=body)
    assert (made.status_code, made.json()["state"]) == (201, "pending")
    path = f"/organization_domains/{made.json()['id']}"
    assert api.get(path).json() == made.json()
    assert api.get(f"/organizations/{organization['id']}").json()["domains"] == [made.json()]
    again = api.post("/organization_domains", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "domain_already_exists")
    assert api.delete(path).status_code == 204
    for method in ("GET", "DELETE"):
        assert api.request(method, path).status_code == 404
    assert api.post(f"{path}/verify").status_code == 404


def test_a_domain_the_app_vouches_for_is_verified(api: httpx2.Client) -> None:
    data = [{"domain": domain(), "state": "verified"}]
    made = api.post("/organizations", json={"name": "Vouched", "domain_data": data}).json()
    (shown,) = made["domains"]
    assert (shown["state"], shown["verification_strategy"]) == ("verified", "manual")
    refused = api.post(f"/organization_domains/{shown['id']}/verify")
    assert (refused.status_code, refused.json()["code"]) == (400, "domain_already_verified")
    taken = api.post("/organizations", json={"name": "Copy", "domain_data": data})
    assert taken.status_code == 409


def test_domains_by_name_alone_are_not_taken_for_verified(
    api: httpx2.Client, organization: dict[str, Any]
) -> None:
    path = f"/organizations/{organization['id']}"
    changed = api.put(path, json={"domains": [domain()]}).json()
    assert [each["state"] for each in changed["domains"]] == ["pending"]
    assert api.put(path, json={"name": "Renamed"}).json()["domains"] == changed["domains"]
    assert api.put(path, json={"domain_data": [{"domain": "x", "state": "sure"}]}).status_code == 422


def test_a_domain_policy_is_off_until_it_is_set(api: httpx2.Client, organization: dict[str, Any]) -> None:
    path = f"/organizations/{organization['id']}/domain_policy"
    assert {api.get(path).json()[name] for name in ("auto_join", "capture")} == {False}
    assert api.put(path, json={"auto_join": True}).json()["auto_join"] is True
    changed = api.put(path, json={"capture": True}).json()
    assert (changed["auto_join"], changed["capture"]) == (True, True)
    assert api.put(path, json={"capture": "yes"}).status_code == 422
    assert api.get("/organizations/org_x/domain_policy").status_code == 404


def test_entitlements_are_replaced(api: httpx2.Client, organization: dict[str, Any]) -> None:
    path = f"/organizations/{organization['id']}/entitlements"
    assert api.get(path).json()["entitlements"] == []
    assert api.put(path, json={"entitlements": ["sso", "audit-logs", "sso"]}).json()["entitlements"] == [
        "audit-logs",
        "sso",
    ]
    assert api.put(path, json={"entitlements": ["a b"]}).status_code == 422
    assert api.put("/organizations/org_x/entitlements", json={"entitlements": []}).status_code == 404
