"""Seven mistakes, planted in each framework: each is found, and nothing that is right is called wrong."""

import importlib

import pytest

from tests.audit.planted import CASES, found_by

FRAMEWORKS = ("starlette", "fastapi", "flask", "django", "litestar")


@pytest.mark.filterwarnings("ignore:Converter 'uuid' is already registered")  # by an older django-ninja
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_seven_are_found(framework: str, case: str) -> None:
    if framework == "django":
        importlib.import_module("tests.adapters.django_app")  # sets Django up, once for all tests
    apps = importlib.import_module(f"tests.audit.planted_{framework}")
    for planted in getattr(apps, case)():
        assert found_by(planted.audit()) == planted.found
