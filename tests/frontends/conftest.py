"""The examples with a front end of their own, in a real browser against a real server."""

from collections.abc import Callable, Generator, Iterator
from typing import Any

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
    """Says for docs/compatibility.md what the example passed beyond the proofs, which say so themselves."""
    return lambda proof: compatibility.note(world.example, proof)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    outcome = yield
    report: pytest.TestReport = outcome.get_result()
    proof = getattr(item, "callspec", None) and item.callspec.params.get("proof")  # type: ignore[attr-defined]
    if proof and report.when == "call" and report.passed:
        compatibility.note(item.module.EXAMPLE, proof.__name__)  # type: ignore[attr-defined]


def pytest_sessionfinish() -> None:
    compatibility.write_page()
