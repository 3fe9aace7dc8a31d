"""Every rule and every table is tested on both databases, under a clock the test moves."""

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clocks import Clock
from tests.databases import Cluster, postgres_cluster
from tests.server.apps import App, create_app
from tests.server.event_shapes import problems_in
from vestibule.server.identity.context import Identity
from vestibule.server.settings import Settings
from vestibule.server.store.schema import metadata
from vestibule.server.store.store import Store


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with postgres_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_database(cluster: Cluster) -> str:
    name = cluster.create_database()
    _migrate(cluster.url(name))
    return name


def _migrate(url: str) -> None:
    store = Store(url)
    store.migrate()
    store.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated and empty database for each test."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "vestibule.db")
        yield f"sqlite:///{tmp_path / 'vestibule.db'}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    name: str = request.getfixturevalue("postgres_database")
    yield cluster.url(name)
    # Emptying one takes a few milliseconds, making another a quarter of a second.
    cluster.empty(name, [table.name for table in reversed(metadata.sorted_tables)])


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture
def clock() -> Clock:
    return Clock(dt.datetime(2026, 1, 15, 12, tzinfo=dt.UTC))


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(
        public_url="http://localhost:8100",
        database=database_url,
        secret="a-secret-that-only-these-tests-know-of",
        development=True,
    )


@pytest.fixture
def identity(store: Store, settings: Settings, clock: Clock) -> Iterator[Identity]:
    """Every event of a test is held against the published interface, or the list of our own."""
    yield Identity(store, settings, clock)
    if store.dialect == "sqlite":  # the same events in both: once is enough
        assert problems_in(store) == []


@pytest.fixture
def app(identity: Identity) -> App:
    return create_app(identity)
