"""A sender, and the server that answers it as rudely as a test asks."""

from collections.abc import Iterator

import pytest

from tests.rude_server import RudeServer
from vestibule.send import Sender


@pytest.fixture
def server() -> Iterator[RudeServer]:
    server = RudeServer()
    yield server
    server.close()


@pytest.fixture
def sender() -> Iterator[Sender]:
    sender = Sender()
    yield sender
    sender.close()
