"""What must hold for every operation, tried on all of them as they are declared.

What reaches the database is tried on both of them, with `world`; the rest with `one_world`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conformance.world import World
from tests.databases import Cluster, postgres_cluster
from tests.server.api.specification import check
from tests.servers import running_server

DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with postgres_cluster() as cluster:
        yield cluster


@contextmanager
def opened(directory: Path, database: str | None = None) -> Iterator[World]:
    """Every answer is held against the published interface."""
    with (
        running_server(directory, database=database) as server,
        server.client(event_hooks={"response": [check]}) as api,
    ):
        api.put("/environments/current", json={"initiate_login_url": "https://app.example.com/sign-in"})
        yield World(server, api)


@pytest.fixture(scope="session", params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    database = None
    if request.param == "postgres":
        cluster: Cluster = request.getfixturevalue("cluster")
        database = cluster.url(cluster.create_database())
    with opened(tmp_path_factory.mktemp("conformance"), database) as world:
        yield world


@pytest.fixture(scope="session")
def one_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("conformance")) as world:
        yield world
