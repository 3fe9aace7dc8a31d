"""Databases that faults happen to: each test has one of its own, in a directory or a cluster of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.databases import Cluster, postgres_cluster
from tests.servers import SECRET
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import ensure_environment
from vestibule.server.identity.keys import ensure_signing_key
from vestibule.server.settings import Settings
from vestibule.server.store.store import Store

OpenIdentity = Callable[..., Identity]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with postgres_cluster() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.verify])])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'vestibule.db'}"
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.url(cluster.create_database())


@pytest.fixture
def open_identity() -> Iterator[OpenIdentity]:
    """`open_identity(database, url)`: migrated and ready, as `vestibule serve` leaves it."""
    opened: list[Store] = []

    def open_one(database: str, url: str, **settings: object) -> Identity:
        store = Store(database)
        opened.append(store)
        store.migrate()
        chosen: dict[str, Any] = {"public_url": url, "secret": SECRET, "development": True, **settings}
        identity = Identity(store, Settings(**chosen))
        ensure_environment(identity)
        ensure_signing_key(identity)
        return identity

    yield open_one
    for store in opened:
        store.close()
