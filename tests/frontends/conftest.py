"""The examples with a front end of their own, in a real browser against a real server."""

from collections.abc import Callable, Iterator

import pytest

from tests.e2e.conftest import Visits, chromium, visits
from tests.frontends import compatibility
from tests.frontends.example import Example, World, running_example

__all__ = ["Visits", "chromium", "visits"]


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Of the module's EXAMPLE."""
    example: Example = request.module.EXAMPLE
    with running_example(example, tmp_path_factory.mktemp(example.name)) as world:
        yield world


@pytest.fixture
def passed(world: World) -> Callable[[str], None]:
    """Says that the example passed a proof, for docs/compatibility.md."""
    return lambda proof: compatibility.note(world.example, proof)


def pytest_sessionfinish() -> None:
    compatibility.write_page()
