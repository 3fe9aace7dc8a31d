from collections.abc import Callable
from itertools import count
from typing import Any

import httpx2
import pytest

numbers = count(1)
URL = "https://hooks.example.com/{}"


@pytest.fixture
def endpoint(api: httpx2.Client) -> dict[str, Any]:
    body = {"endpoint_url": URL.format(next(numbers)), "events": ["user.created"]}
    response = api.post("/webhook_endpoints", json=body)
    assert response.status_code == 201
    return dict(response.json())


def test_an_endpoint_shows_its_secret_to_whoever_holds_the_key(
    api: httpx2.Client, public: httpx2.Client, endpoint: dict[str, Any]
) -> None:
    assert endpoint["secret"].startswith("whsec_")
    listed = api.get("/webhook_endpoints", params={"limit": 100}).json()["data"]
    assert endpoint in listed
    assert public.get("/webhook_endpoints").status_code == 401


def test_refusals_are_those_of_the_interface(api: httpx2.Client, endpoint: dict[str, Any]) -> None:
    given = {"endpoint_url": endpoint["endpoint_url"], "events": []}
    again = api.post("/webhook_endpoints", json=given)
    assert (again.status_code, again.json()["code"]) == (409, "duplicate_endpoint")
    inner = api.post("/webhook_endpoints", json=given | {"endpoint_url": "https://169.254.169.254/"})
    assert (inner.status_code, inner.json()["code"]) == (422, "invalid_url")
    unknown = api.post("/webhook_endpoints", json=given | {"endpoint_url": URL.format(0), "events": ["x"]})
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "unknown_event_type")
    status = api.patch(f"/webhook_endpoints/{endpoint['id']}", json={"status": "paused"})
    assert status.status_code == 422
    for missing in (
        api.patch("/webhook_endpoints/we_1", json={"status": "enabled"}),
        api.delete("/webhook_endpoints/we_1"),
        api.get("/webhook_endpoints/we_1/deliveries"),
        api.post("/webhook_endpoints/we_1/replay", json={"status": "dead"}),
        api.post("/webhook_endpoints/we_1/deliveries/webhook_delivery_1/replay"),
        api.post(f"/webhook_endpoints/{endpoint['id']}/deliveries/webhook_delivery_1/replay"),
    ):
        assert (missing.status_code, missing.json()["code"]) == (404, "entity_not_found")


def test_deliveries_are_listed_and_replayed(
    api: httpx2.Client, endpoint: dict[str, Any], create_user: Callable[..., dict[str, Any]]
) -> None:
    """The endpoint is disabled, so that nothing leaves this machine."""
    place = f"/webhook_endpoints/{endpoint['id']}"
    assert api.patch(place, json={"status": "disabled"}).json()["status"] == "disabled"
    user = create_user()
    span = {"range_start": user["created_at"], "range_end": "2100-01-01T00:00:00.000Z"}
    replayed = api.post(f"{place}/replay", json=span)
    assert (replayed.status_code, replayed.json()["object"]) == (200, "webhook_replay")
    assert replayed.json()["queued"] >= 1
    listed = api.get(f"{place}/deliveries", params={"status": "pending"}).json()
    assert len(listed["data"]) == replayed.json()["queued"]
    delivery = listed["data"][0]
    assert (delivery["event"], delivery["status"], delivery["attempts"]) == ("user.created", "pending", 0)
    assert delivery["webhook_endpoint_id"] == endpoint["id"]
    again = api.post(f"{place}/deliveries/{delivery['id']}/replay")
    assert (again.status_code, again.json()["id"]) == (200, delivery["id"])
    assert api.get(f"{place}/deliveries", params={"status": "dead"}).json()["data"] == []
    assert api.post(f"{place}/replay", json={"status": "dead"}).json()["queued"] == 0
    assert api.get(f"{place}/deliveries", params={"status": "lost"}).status_code == 422
    assert api.post(f"{place}/replay", json={}).status_code == 422
