"""Django has one settings object for all tests of a process: it is left as it was found."""

import sys
from collections.abc import Iterator

import pytest

URLS = "tests.adapters.django_project.urls"


@pytest.fixture(autouse=True)
def _settings_of_django() -> Iterator[None]:
    yield
    if "tests.adapters.django_app" in sys.modules:
        from django.conf import settings

        settings.ROOT_URLCONF = URLS
        if hasattr(settings, "VESTIBULE"):
            del settings.VESTIBULE
