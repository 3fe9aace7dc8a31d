"""Django's settings can be made once in a process: those of the contract's project serve all tests."""

import os

import django

PROJECT = "tests.adapters.django_project.settings"


def set_up_django() -> None:
    """The variable is gone afterwards, or the programs that tests start would take the project for theirs."""
    before = os.environ.get("DJANGO_SETTINGS_MODULE")
    os.environ["DJANGO_SETTINGS_MODULE"] = before or PROJECT
    try:
        django.setup()
    finally:
        if before is None:
            del os.environ["DJANGO_SETTINGS_MODULE"]
