import socket

import pytest

from vestibule.errors import ConfigError
from vestibule.server.serving import bind, port_of


def close(sockets: list[socket.socket]) -> None:
    for each in sockets:
        each.close()


def test_a_free_port_is_found_on_both_families_of_localhost() -> None:
    sockets = bind("localhost", 0)
    try:
        assert port_of(sockets) > 0
        assert {each.getsockname()[1] for each in sockets} == {port_of(sockets)}
        with socket.create_connection(("127.0.0.1", port_of(sockets)), timeout=5):
            pass
    finally:
        close(sockets)


def test_a_taken_port_is_a_sentence() -> None:
    sockets = bind("127.0.0.1", 0)
    try:
        with pytest.raises(ConfigError, match="--port") as caught:
            bind("127.0.0.1", port_of(sockets))
        assert caught.value.code == "port_unavailable"
    finally:
        close(sockets)


def test_an_address_of_another_machine_is_a_sentence() -> None:
    with pytest.raises(ConfigError, match=r"Cannot listen on 192\.0\.2\.1"):
        bind("192.0.2.1", 0)


def test_answers_do_not_wait_for_acknowledgements() -> None:
    sockets = bind("localhost", 0)
    try:
        # What asyncio asks before it sets TCP_NODELAY; accepted connections inherit it.
        assert {each.proto for each in sockets} == {socket.IPPROTO_TCP}
    finally:
        close(sockets)
