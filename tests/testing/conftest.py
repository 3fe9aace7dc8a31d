"""Each test of the laboratory runs with every kind of test client."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.testing.sites import MAKERS, Site
from vestibule.session.config import variable_names


@pytest.fixture
def empty_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings at all, as on a machine that runs nothing but tests."""
    monkeypatch.chdir(tmp_path)
    for setting in ("url", "client_id", "api_key", "redirect_uri", "cookie_passwords"):
        for name in variable_names(setting):
            monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=MAKERS)
def site(request: pytest.FixtureRequest, empty_environment: None) -> Iterator[Site]:
    site = MAKERS[request.param]()
    yield site
    site.leave()
