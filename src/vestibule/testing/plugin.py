"""The pytest plugin: fixtures, and nothing that happens unless a test asks for one.

Everything else is imported by the fixtures: this file is loaded at the start of every test run.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from vestibule.audit.model import Report
    from vestibule.testing import Clock, Lab, TestProvider
    from vestibule.testing.server import IdentityServer


@pytest.fixture
def auth_lab() -> "Iterator[Lab]":
    """Sign in as anybody, move the clock, let things go wrong. The app gets back what it had afterwards."""
    from vestibule.testing.lab import Lab

    with Lab() as lab:
        yield lab


@pytest.fixture
def auth_clock(auth_lab: "Lab") -> "Clock":
    """The clock of `auth_lab`: `auth_clock.advance(minutes=6)`."""
    return auth_lab.clock


@pytest.fixture
def identity_server(auth_lab: "Lab") -> "Callable[..., IdentityServer]":
    """`server = identity_server(seed=…)`: a whole identity server in this process, with captured mail."""
    return auth_lab.server


@pytest.fixture
def oauth_provider(auth_lab: "Lab") -> "Callable[..., TestProvider]":
    """`provider = oauth_provider("github", app=client)`: what people sign in at in direct mode, or
    `oauth_provider("google")` for anything else that is an OAuth client."""
    return auth_lab.provider


@pytest.fixture
def assert_guarded() -> "Callable[..., Report]":
    """`assert_guarded(app, allow=["/healthz"])` fails for every endpoint that nothing guards."""
    from vestibule.audit.asserting import assert_guarded

    return assert_guarded
