"""What must hold for every operation, tried on all of them as they are declared, on both databases."""

from collections.abc import Iterator
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


@pytest.fixture(scope="session", params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Every answer is held against the published interface."""
    directory: Path = tmp_path_factory.mktemp("conformance")
    database = None
    if request.param == "postgres":
        cluster: Cluster = request.getfixturevalue("cluster")
        database = cluster.url(cluster.create_database())
    with (
        running_server(directory, database=database) as server,
        server.client(event_hooks={"response": [check]}) as api,
    ):
        api.put("/environments/current", json={"initiate_login_url": "https://app.example.com/sign-in"})
        yield World(server, api)
