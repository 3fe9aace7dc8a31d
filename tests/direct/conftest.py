"""One contract, each framework; what is the same in all is asked of one that awaits and one that waits."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.direct.apps import APPS
from tests.direct.world import World

Make = Callable[..., World]


@pytest.fixture(autouse=True)
def _no_dotenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(params=list(APPS))
def make(request: pytest.FixtureRequest) -> Make:
    """`make("github", "google", …)` in every framework."""
    return lambda *names, **settings: World(request.param, *names, **settings)


@pytest.fixture(params=["fastapi", "flask"])
def either(request: pytest.FixtureRequest) -> Make:
    """In a framework that awaits, and in one that waits."""
    return lambda *names, **settings: World(request.param, *names, **settings)
