import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.servers import Running, running_server
from vestibule.server.identity import webhooks
from vestibule.server.tally import BOUNDS, Tally

TOKEN = "a-token-for-the-metrics-only"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_server(tmp_path_factory.mktemp("metrics")) as running:
        yield running


@pytest.fixture
def client(server: Running) -> Iterator[httpx2.Client]:
    with server.client() as client:
        yield client


def samples(client: httpx2.Client) -> dict[str, float]:
    """`name{label,label}` and its value."""
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        f"{sample.name}{{{','.join(sample.labels.values())}}}": sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_requests_are_counted_by_operation_and_status(client: httpx2.Client) -> None:
    before = samples(client)
    client.get("/user_management/users/user_1")
    client.get("/user_management/users/user_2")
    client.get("/wp-login.php")
    after = samples(client)
    operation = "GET /user_management/users/{id}"
    assert after[f"vestibule_requests_total{{{operation},404}}"] == 2
    assert (
        after["vestibule_requests_total{other,404}"]
        == before.get("vestibule_requests_total{other,404}", 0) + 1
    )
    assert after[f"vestibule_request_seconds_count{{{operation}}}"] == 2
    assert after[f"vestibule_request_seconds_bucket{{+Inf,{operation}}}"] == 2
    assert not [name for name in after if "user_1" in name or "wp-login" in name]


def test_sign_ins_and_refreshes_are_counted_by_outcome(server: Running, client: httpx2.Client) -> None:
    person = {"email": "ada@example.com", "password": "orbit-lantern-cascade", "email_verified": True}
    assert client.post("/user_management/users", json=person).status_code == 201
    right = {"grant_type": "password", "email": person["email"], "password": person["password"]}
    token = server.authenticate(client, **right).json()["refresh_token"]  # type: ignore[arg-type]
    server.authenticate(client, **right | {"password": "wrong"})  # type: ignore[arg-type]
    server.authenticate(client, grant_type="refresh_token", refresh_token=token)
    server.authenticate(client, grant_type="refresh_token", refresh_token="unknown")
    server.authenticate(client, grant_type="made-up-by-a-stranger")
    found = samples(client)
    assert found["vestibule_events_total{authentication.password_succeeded}"] == 1
    assert found["vestibule_events_total{authentication.password_failed}"] == 1
    assert found["vestibule_events_total{user.created}"] == 1
    for grant in ("password", "refresh_token"):
        for outcome in ("succeeded", "refused"):
            assert found[f"vestibule_grants_total{{{grant},{outcome}}}"] == 1
    assert not [name for name in found if "stranger" in name or "ada@" in name]


def test_what_waits_is_told(server: Running, client: httpx2.Client) -> None:
    webhooks.create_endpoint(server.identity, endpoint_url="http://localhost:1/", events=["user.created"])
    client.post("/user_management/users", json={"email": "grace@example.com"})
    name, arrived = "vestibule_webhooks_total{postponed}", False
    for _ in range(200):
        arrived = samples(client).get(name, 0) > 0
        if arrived:
            break
        threading.Event().wait(0.05)
    found = samples(client)
    assert arrived
    assert found["vestibule_waiting{webhooks}"] == 1
    assert (found["vestibule_waiting{mails}"], found["vestibule_waiting{dead_webhooks}"]) == (0, 0)
    for gauge in ("database_connections", "threads_busy", "threads_waiting", "hashing", "hashing_waiting"):
        assert found[f"vestibule_{gauge}{{}}"] >= 0


@pytest.mark.parametrize(
    "headers",
    [
        {"x-forwarded-for": "192.0.2.1"},
        {"forwarded": "for=192.0.2.1"},
        {"x-real-ip": "192.0.2.1"},
        {"host": "id.example.com"},
        {"host": "127.0.0.1.example.com"},
    ],
)
def test_without_a_token_only_this_machine_may_ask(client: httpx2.Client, headers: dict[str, str]) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", headers=headers).status_code == 404


def test_with_a_token_whoever_has_it_may_ask(tmp_path: Path) -> None:
    with (
        running_server(tmp_path, metrics_token=TOKEN) as server,
        httpx2.Client(base_url=server.url) as client,
    ):
        assert client.get("/metrics").status_code == 404
        for wrong in (TOKEN[:-1], "Bearer x", f"Bearer {TOKEN}x", f"Bearer {server.api_key}"):
            assert client.get("/metrics", headers={"authorization": wrong}).status_code == 404
        right = {"authorization": f"Bearer {TOKEN}", "x-forwarded-for": "192.0.2.1", "host": "id.example.com"}
        assert client.get("/metrics", headers=right).status_code == 200


def test_many_threads_count_without_losing_any() -> None:
    tally = Tally()

    def count() -> None:
        for _ in range(500):
            tally.count("things", "a")
            tally.time(0.003, "seconds")

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally.time(99.0, "seconds")
    assert tally.counts("things") == {("a",): 2_000}
    (spread,) = tally.spreads("seconds").values()
    assert spread.counts[BOUNDS.index(0.005)] == 2_000
    assert spread.counts[-1] == 1
    assert spread.seconds == pytest.approx(105.0)
