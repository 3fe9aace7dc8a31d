from collections.abc import Iterator

import pytest

from tests.databases import Cluster, postgres_cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with postgres_cluster() as cluster:
        yield cluster
