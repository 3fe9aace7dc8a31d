"""What holds for all tests: the order, and which of them every change waits for."""

import os
from pathlib import Path

import pytest

# An HTTP client that is made reads all authorities that the machine trusts: a twentieth of a second each
# time, for thousands of clients that never leave the machine.
os.environ["SSL_CERT_FILE"] = str(Path(__file__).with_name("no_authority.pem"))
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "localhost,127.0.0.1"

ON_BOTH = (
    "tests/server/store/",
    "tests/datastores/",
    "tests/embedded/",
    "tests/sdk/test_day_in_the_life.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's tests come last: its driver keeps an event loop running in the main thread, in which no
    other test can run one of its own.

    `make verify` runs everything on PostgreSQL, every change only what talks to the database itself.
    """
    for item in items:
        if item.get_closest_marker("postgres") and not item.nodeid.startswith(ON_BOTH):
            item.add_marker(pytest.mark.verify)
    items.sort(key=lambda item: item.get_closest_marker("e2e") is not None)
