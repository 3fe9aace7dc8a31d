"""One app for each framework, on a database of its own, under a clock that the test moves."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.embedded.apps import APPS, Built, build
from vestibule.testing import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., Built]]:
    """`make("flask", …)`: whatever is made ends with the test."""
    made: list[Built] = []

    def one(framework: str, **settings: Any) -> Built:
        made.append(build(framework, tmp_path, **{"clock": clock, **settings}))
        return made[-1]

    yield one
    for each in made:
        each.auth.transport.close()


@pytest.fixture(params=list(APPS))
def built(request: pytest.FixtureRequest, make: Callable[..., Built]) -> Built:
    return make(request.param)
