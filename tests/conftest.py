"""What holds for all tests: the order."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's tests come last: its driver keeps an event loop running in the main thread, in which no
    other test can run one of its own."""
    items.sort(key=lambda item: item.get_closest_marker("e2e") is not None)
