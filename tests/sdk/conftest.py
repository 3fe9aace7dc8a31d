"""WorkOS's own SDKs, unmodified, against a real server on each database.

A test says with `covers` which operations it proves. That it called them with an SDK, that they succeeded,
and that every answer is one of the published interface is seen from the server's side.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from workos import WorkOSClient

from tests.databases import Cluster, postgres_cluster
from tests.sdk.node import PACKAGES, Node, running_node
from tests.sdk.recorder import Exchange, Recorder
from tests.servers import Running, running_server

PASSWORD = "correct-horse-9-battery"
DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
# For these the SDKs make an address, which a browser or a library for tokens opens.
BY_ADDRESS = {
    "GET /user_management/authorize",
    "GET /user_management/sessions/logout",
    "GET /sso/jwks/{clientId}",
}
# This server has none of them, so that a 404 is their truthful answer.
NEVER_THERE = re.compile(r"(GET|DELETE) /(connections|directories|directory_groups|directory_users)")
numbers = count(1)


@dataclass(frozen=True, slots=True)
class Watched:
    server: Running
    recorder: Recorder


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with postgres_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session", params=DATABASES)
def watched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    directory: Path = tmp_path_factory.mktemp("sdk")
    database = None
    if request.param == "postgres":
        cluster: Cluster = request.getfixturevalue("cluster")
        database = cluster.url(cluster.create_database())
    recorder = Recorder()
    with running_server(directory, database=database, watched=recorder.watch) as server:
        yield Watched(server, recorder)


@pytest.fixture(scope="session")
def server(watched: Watched) -> Running:
    return watched.server


@pytest.fixture(scope="session")
def sdk(server: Running) -> Iterator[WorkOSClient]:
    with WorkOSClient(
        api_key=server.api_key,
        client_id=server.client_id,
        base_url=server.url,
        jwt_issuer=server.url,
        max_retries=0,
    ) as client:
        yield client


@pytest.fixture(scope="session", params=[pytest.param(each, marks=pytest.mark.js) for each in PACKAGES])
def node(request: pytest.FixtureRequest, server: Running) -> Iterator[Node]:
    with running_node(request.param, server) as running:
        yield running


@pytest.fixture(autouse=True)
def proof(request: pytest.FixtureRequest) -> Iterator[None]:
    if "server" not in request.fixturenames:
        yield
        return
    watched: Watched = request.getfixturevalue("watched")
    start = len(watched.recorder)
    yield
    seen = watched.recorder.since(start)
    problems = [problem for exchange in seen for problem in exchange.problems()]
    assert problems == []
    marker = request.node.get_closest_marker("covers")
    claimed: set[str] = set(marker.args) if marker else set()
    agent = "workos-node/" if "node" in request.fixturenames else "WorkOS Python/"
    done = [each for each in seen if each.status < 400 or told_truly(each)]
    called = {each.operation for each in done if each.agent.startswith(agent) or each.operation in BY_ADDRESS}
    assert claimed - called == set(), "claimed, and not called with success"


def told_truly(exchange: Exchange) -> bool:
    return exchange.status == 404 and bool(NEVER_THERE.match(exchange.operation))


def new_email() -> str:
    return f"person{next(numbers)}@example.com"
