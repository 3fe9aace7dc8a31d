from collections.abc import Iterator
from itertools import count

import httpx2
import pytest

from tests.clocks import Clock
from tests.servers import Running, running_server
from vestibule.server.identity.context import utc_now

PASSWORD = "correct-horse-9-battery"
CALLBACK = "http://localhost:3000/callback"
ADA = "ada@example.com"
numbers = count(1)


@pytest.fixture(scope="session")
def clock() -> Clock:
    return Clock(utc_now())


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[Running]:
    ada = {
        "email": ADA,
        "password": PASSWORD,
        "email_verified": True,
        "first_name": "Ada",
        "last_name": "Byron",
    }
    seed = {"redirect_uris": [{"uri": "http://localhost/callback"}], "users": [ada]}
    with running_server(tmp_path_factory.mktemp("oidc"), clock=clock, seed=seed) as running:
        yield running


@pytest.fixture
def browser(server: Running) -> Iterator[httpx2.Client]:
    with server.browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def client(server: Running) -> Iterator[httpx2.Client]:
    """A standard client's back channel: no API key, no cookies that matter."""
    with httpx2.Client(base_url=server.url, timeout=20) as client:
        yield client
