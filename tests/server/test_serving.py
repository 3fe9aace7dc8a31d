"""The listening sockets: open to every client at once, and answering without delay."""

import socket
from contextlib import ExitStack

from vestibule.server.serving import bind, port_of


def test_answers_do_not_wait_for_acknowledgements() -> None:
    with ExitStack() as opened:
        for listener in bind("localhost", 0):
            opened.enter_context(listener)
            # What asyncio asks before it sets TCP_NODELAY; accepted connections inherit it.
            assert listener.proto == socket.IPPROTO_TCP


def test_localhost_is_one_port_in_every_family() -> None:
    with ExitStack() as opened:
        listeners = [opened.enter_context(listener) for listener in bind("localhost", 0)]
        assert {listener.getsockname()[1] for listener in listeners} == {port_of(listeners)}
        assert listeners[0].family == socket.AF_INET
