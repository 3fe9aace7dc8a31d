"""Real servers: the identity server, and an app of each framework that uses the toolkit."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.security.sites import KINDS, Site, running_site
from tests.servers import Running, running_server

PASSWORD = "seven green bottles"
SEED = {
    "environment": {"app_homepage_url": "https://app.example.com/"},
    "redirect_uris": [{"uri": "http://localhost/callback"}],
    "users": [
        {"email": "ada@example.com", "password": PASSWORD, "email_verified": True, "first_name": "Ada"},
        {"email": "bob@example.com", "password": PASSWORD, "email_verified": True},
        {"email": "new@example.com", "password": PASSWORD, "email_verified": False},
    ],
}


@dataclass(frozen=True, slots=True)
class Target:
    """Something that answers HTTP: `page` is open to everybody, `form` takes a POST."""

    kind: str
    url: str
    page: str
    form: str


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_server(tmp_path_factory.mktemp("server"), seed=SEED) as running:
        yield running


@pytest.fixture(scope="session", params=KINDS)
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    with running_site(request.param) as site:
        yield site


@pytest.fixture(scope="session", params=["server", *KINDS])
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    if request.param == "server":
        running: Running = request.getfixturevalue("server")
        yield Target("server", running.url, "/healthz", "/user_management/authenticate")
        return
    with running_site(request.param) as site:
        yield Target(request.param, site.url, "/public", "/note")


@pytest.fixture(scope="session")
def flask_target() -> Iterator[Target]:
    with running_site("flask") as site:
        yield Target("flask", site.url, "/public", "/note")
