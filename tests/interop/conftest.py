from collections.abc import Iterator

import pytest

from tests.interop.peers import Peers, running


@pytest.fixture(scope="session")
def peers() -> Iterator[Peers]:
    with running() as started:
        yield started
