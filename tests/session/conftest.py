import pytest

from tests.session.browser import Browser, open_browser


@pytest.fixture
def browser() -> Browser:
    return open_browser()
