"""One app for each framework, on a database of its own, under a clock that the test moves."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.embedded.apps import APPS, Built, build
from vestibule.server.store.store import Store
from vestibule.testing import Clock


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Making the tables takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "auth.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    store.close()
    return path


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make(tmp_path: Path, migrated: Path, clock: Clock) -> Iterator[Callable[..., Built]]:
    """`make("flask", …)`: whatever is made ends with the test."""
    made: list[Built] = []
    shutil.copy(migrated, tmp_path / "auth.db")

    def one(framework: str, **settings: Any) -> Built:
        made.append(build(framework, tmp_path, **{"clock": clock, **settings}))
        return made[-1]

    yield one
    for each in made:
        each.auth.transport.close()


@pytest.fixture(params=list(APPS))
def built(request: pytest.FixtureRequest, make: Callable[..., Built]) -> Built:
    return make(request.param)
