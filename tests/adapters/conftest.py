"""One contract, each adapter."""

from collections.abc import Callable

import pytest

from tests.adapters.rigs import Rig, build

ADAPTERS = ("starlette", "fastapi", "flask", "django", "django-async", "litestar", "quart")

Build = Callable[..., Rig]


@pytest.fixture(params=ADAPTERS)
def make(request: pytest.FixtureRequest) -> Build:
    """Makes the adapter's rig with other settings or hooks."""
    return lambda **options: build(request.param, **options)


@pytest.fixture
def rig(make: Build) -> Rig:
    return make()
