"""A server of their own for each test of the dashboard, with operators of any role at it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.clocks import Clock
from tests.server.dashboard.office import Office, Seat, open_office
from tests.servers import at, running_server

Operators: TypeAlias = Callable[[str], Seat]


@pytest.fixture
def clock() -> Clock:
    return Clock(at("2027-01-15T12:00:00+00:00"))


@pytest.fixture(scope="session")
def empty_server(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a signing key and nothing else: making one takes a while."""
    directory = tmp_path_factory.mktemp("dashboard")
    with running_server(directory, clock=Clock(at("2027-01-01T00:00:00+00:00"))):
        pass
    return directory / "vestibule.db"


@pytest.fixture
def server_settings() -> dict[str, Any]:
    """Further fields of Settings; a test module that needs some has a fixture of this name."""
    return {}


@pytest.fixture
def office(
    tmp_path: Path, empty_server: Path, clock: Clock, server_settings: dict[str, Any]
) -> Iterator[Office]:
    shutil.copy(empty_server, tmp_path)
    with open_office(tmp_path, clock, **server_settings) as office:
        yield office


@pytest.fixture
def operator(office: Office) -> Operators:
    """`operator("admin").get("/dashboard/users")`"""
    return office.operator
