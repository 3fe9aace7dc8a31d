"""One real server for each test of the account page, with the people of the sign-in tests."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.clocks import Clock
from tests.server.account.home import Home
from tests.server.login.conftest import SEED
from tests.servers import at, running_server


@pytest.fixture
def clock() -> Clock:
    return Clock(at("2027-01-15T12:00:00+00:00"))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with everybody in it, made once: hashing their passwords takes a while."""
    directory = tmp_path_factory.mktemp("people")
    with running_server(directory, clock=Clock(at("2027-01-01T00:00:00+00:00")), seed=SEED):
        pass
    return directory / "vestibule.db"


@pytest.fixture
def server_settings() -> dict[str, Any]:
    """Further fields of Settings; a test that needs some parametrizes it."""
    return {}


@pytest.fixture
def home(tmp_path: Path, template: Path, clock: Clock, server_settings: dict[str, Any]) -> Iterator[Home]:
    shutil.copy(template, tmp_path)
    with running_server(tmp_path, clock=clock, **server_settings) as server, ExitStack() as opened:
        yield Home(server, clock, opened)
