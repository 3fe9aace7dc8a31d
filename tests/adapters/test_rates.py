"""How often a guard lets somebody in."""

from collections.abc import Iterator

import pytest
from starlette.requests import Request
from starlette.responses import Response

from tests.adapters.conftest import Build
from tests.adapters.rigs import Rig, build
from tests.redis_servers import free_port, running_redis
from vestibule.fastapi import requires as requires_in_fastapi
from vestibule.flask import requires as requires_in_flask
from vestibule.starlette import requires as requires_in_starlette
from vestibule.testing import sign_in

ASK = "/act?do=limited&name=exports"


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    pytest.importorskip("redis")
    with running_redis() as port:
        yield f"redis://127.0.0.1:{port}/0"


def nothing() -> None:
    """A handler."""


def ask(rig: Rig) -> int:
    return int(rig.get(ASK).json["status"])


def test_who_comes_too_often_is_told_when_to_try_again(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, email="ada@example.com")
    assert [ask(rig) for _ in range(3)] == [200, 200, 429]
    refused = rig.get(ASK).json
    assert 0 < int(refused["headers"]["Retry-After"]) <= 86_400
    assert '"rate_limited"' in refused["body"]


def test_each_user_is_counted_for_herself(rig: Rig) -> None:
    for email in ("ada@example.com", "grace@example.com"):
        sign_in(rig.client, auth=rig.auth, email=email)
        assert [ask(rig) for _ in range(3)] == [200, 200, 429]


def test_only_who_gets_in_is_counted(rig: Rig) -> None:
    assert [ask(rig) for _ in range(3)] == [401, 401, 401]


def test_processes_share_a_count(make: Build, redis_url: str) -> None:
    first, second = (make(settings={"rate_store": redis_url}) for _ in range(2))
    for rig in (first, second):
        sign_in(rig.client, auth=rig.auth, email=f"{rig.name}@example.com")
    assert [ask(first), ask(second), ask(first), ask(second)] == [200, 200, 429, 429]


def test_a_store_that_is_away_closes_no_door(make: Build) -> None:
    pytest.importorskip("redis")
    events: list[str] = []
    rig = make(
        settings={"rate_store": f"redis://127.0.0.1:{free_port()}"},
        on_event=lambda event: events.append(event.code),
    )
    sign_in(rig.client, auth=rig.auth, email="ada@example.com")
    assert [ask(rig) for _ in range(3)] == [200, 200, 429]
    assert events.count("rate.store_unavailable") == 1
    assert events.count("request.rate_limited") == 1


def test_a_page_explains_it_in_fastapi() -> None:
    rig = build("fastapi")
    rig.client.app.get("/limited", dependencies=[requires_in_fastapi(permission="x", rate="1/minute")])(
        nothing
    )
    sign_in(rig.client, auth=rig.auth)
    assert [rig.get("/limited").status for _ in range(3)] == [403, 403, 403]
    sign_in(rig.client, auth=rig.auth, permissions=["x"])
    assert rig.get("/limited").status == 200
    program, page = rig.get("/limited"), rig.open("/limited")
    assert program.json["error"]["code"] == "rate_limited"
    assert (page.status, program.status) == (429, 429)
    assert "Too many requests" in page.text
    assert 0 < int(page["Retry-After"]) <= 60


def test_an_endpoint_in_a_thread_counts_too() -> None:
    rig = build("starlette")

    @requires_in_starlette(rate="1/minute")
    def limited(request: Request) -> Response:
        return Response("in")

    rig.client.app.add_route("/limited", limited)
    assert rig.get("/limited").status == 401
    sign_in(rig.client, auth=rig.auth)
    assert [rig.get("/limited").status for _ in range(2)] == [200, 429]


def test_a_page_explains_it_in_flask() -> None:
    rig = build("flask")
    rig.client.application.get("/limited")(requires_in_flask(rate=["1/second", "1/minute"])(lambda: "in"))
    sign_in(rig.client, auth=rig.auth)
    assert rig.get("/limited").text == "in"
    page = rig.open("/limited")
    assert page.status == 429
    assert "Try again in" in page.text
