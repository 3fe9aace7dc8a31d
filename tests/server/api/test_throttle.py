"""General limits, in this process and in a real Redis."""

import contextlib
import logging
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.faults.processes import free_port, wait_until
from tests.server.api.specification import check
from tests.servers import SECRET, running_server
from vestibule.errors import ConfigError
from vestibule.server.api.operation import Operation
from vestibule.server.api.routes import OPERATIONS
from vestibule.server.api.throttle import Throttle
from vestibule.server.identity.errors import TooMany
from vestibule.server.settings import Settings

KEY = "api_key_1"


def operation(method: str, path: str) -> Operation:
    return next(each for each in OPERATIONS if (each.method, each.path) == (method, path))


READ = operation("GET", "/user_management/users")
WRITE = operation("POST", "/user_management/users")
OTHER = operation("GET", "/organizations/{id}")
DELETION = operation("DELETE", "/organizations/{id}")


def settings(**more: Any) -> Settings:
    return Settings(public_url="http://localhost:8100", secret=SECRET, **more)


def allowed(throttle: Throttle, asked: Operation, key: str = KEY, *, most: int = 20) -> int:
    for number in range(most):
        try:
            throttle.check(asked, key)
        except TooMany:
            return number
    return most


@contextlib.contextmanager
def redis_server(port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def redis_port() -> Iterator[int]:
    port = free_port()
    with redis_server(port):
        wait_until(lambda: answers(port))
        yield port


def answers(port: int) -> bool:
    import redis

    with contextlib.suppress(redis.exceptions.RedisError), redis.Redis(port=port) as client:
        return bool(client.ping())
    return False


@pytest.mark.parametrize(
    ("limit", "asked", "not_asked"),
    [
        ("requests_per_minute", OTHER, None),
        ("user_management_reads", READ, WRITE),
        ("user_management_writes", WRITE, READ),
        ("organization_deletions", DELETION, OTHER),
    ],
)
def test_a_key_may_be_used_as_often_as_the_settings_say(
    limit: str, asked: Operation, not_asked: Operation | None
) -> None:
    throttle = Throttle(settings(**{limit: 3}))
    assert allowed(throttle, asked) == 3
    assert allowed(throttle, asked, "api_key_2") == 3
    if not_asked is not None:
        assert allowed(throttle, not_asked) == 20
    with pytest.raises(TooMany) as refused:
        throttle.check(asked, KEY)
    assert isinstance(refused.value.retry_after, int)
    assert 1 <= refused.value.retry_after <= 60


def test_nought_is_no_limit_and_in_development_there_is_none() -> None:
    assert allowed(Throttle(settings(organization_deletions=0, requests_per_minute=0)), DELETION) == 20
    assert allowed(Throttle(settings(organization_deletions=1, development=True)), DELETION) == 20


def test_processes_count_together_in_redis(redis_port: int) -> None:
    url = f"redis://127.0.0.1:{redis_port}/0"
    first, second = (Throttle(settings(user_management_reads=6, redis_url=url)) for _ in range(2))
    for throttle in (first, second, first):
        for _ in range(2):
            throttle.check(READ, KEY)
    for throttle in (first, second):
        assert allowed(throttle, READ) == 0
    assert allowed(second, READ, "api_key_2") == 6


def test_many_at_once_are_counted_one_by_one(redis_port: int) -> None:
    for url in (None, f"redis://127.0.0.1:{redis_port}/0"):
        throttle = Throttle(settings(organization_deletions=25, redis_url=url))
        through: list[int] = []
        threads = [
            threading.Thread(target=lambda: through.append(allowed(throttle, DELETION, most=10)))  # noqa: B023
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(through) == 25


def test_RL_4_redis_away_locks_nobody_out_and_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """The limits go on in the process itself; those of passwords and codes are not kept there at all."""
    port, now = free_port(), [0.0]
    given = settings(organization_deletions=3, redis_url=f"redis://127.0.0.1:{port}/0")
    throttle = Throttle(given, clock=lambda: now[0])
    assert allowed(throttle, DELETION) == 3  # limited all the same
    now[0] += 60
    assert allowed(throttle, DELETION, "api_key_2") == 3
    said = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.getMessage().partition(":")[0] for record in said] == ["limits_store_unavailable"]
    with redis_server(port):
        wait_until(lambda: answers(port))
        now[0] += 60
        assert allowed(throttle, DELETION) == 3  # counted anew, by Redis
        assert allowed(Throttle(given), DELETION) == 0


def test_a_wrong_redis_address_is_refused_at_the_start() -> None:
    with pytest.raises(ConfigError, match="REDIS_URL"):
        settings(redis_url="localhost:6379")


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Callable[..., httpx2.Response]]:
    with (
        running_server(tmp_path, development=False, organization_deletions=2) as server,
        server.client(event_hooks={"response": [check]}) as client,
    ):
        yield client.request


def test_the_answer_says_in_whole_seconds_when_to_come_again(limited: Callable[..., httpx2.Response]) -> None:
    for _ in range(2):
        assert limited("DELETE", "/organizations/org_1").status_code == 404
    refused = limited("DELETE", "/organizations/org_1")
    assert refused.status_code == 429
    assert refused.json()["code"] == "daily_quota_exceeded"
    assert refused.headers["retry-after"].isdigit()
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert limited("GET", "/organizations").status_code == 200
