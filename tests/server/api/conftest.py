"""One real server for the tests of the API; each makes people of its own."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import httpx2
import pytest

from tests.server.api.specification import check
from tests.server.event_shapes import problems_in
from tests.servers import Running, running_server

PASSWORD = "correct-horse-9-battery"
numbers = count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Every event that all these tests cause is held against the published interface."""
    with running_server(tmp_path_factory.mktemp("server")) as running:
        yield running
        assert problems_in(running.identity.store) == []


@pytest.fixture(scope="session")
def api(server: Running) -> Iterator[httpx2.Client]:
    """With the API key; every answer is held against the specification."""
    with server.client(event_hooks={"response": [check]}) as client:
        yield client


@pytest.fixture(scope="session")
def public(server: Running) -> Iterator[httpx2.Client]:
    """Without a key; every answer is held against the specification."""
    with httpx2.Client(base_url=server.url, timeout=20, event_hooks={"response": [check]}) as client:
        yield client


@pytest.fixture(scope="session")
def create_user(api: httpx2.Client) -> Callable[..., dict[str, Any]]:
    def create(**values: Any) -> dict[str, Any]:
        body = {"email": f"person{next(numbers)}@example.com"} | values
        response = api.post("/user_management/users", json=body)
        assert response.status_code == 201, response.text
        return dict(response.json())

    return create
