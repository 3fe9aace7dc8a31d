from collections.abc import Iterator

import pytest

from tests.cli.doctoring import Setup, setup_behind_a_proxy
from tests.databases import Cluster, postgres_cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with postgres_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setup]:
    with setup_behind_a_proxy(tmp_path_factory.mktemp("server")) as setup:
        yield setup


@pytest.fixture
def setup(standing: Setup) -> Iterator[Setup]:
    """Whole again after each test."""
    yield standing
    for spoiled in (standing.between.answers, standing.between.drops, standing.between.adds):
        spoiled.clear()
    standing.between.asked.clear()
