"""A real Redis for the tests, on a free port, with nothing kept on disk."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator


@contextlib.contextmanager
def running_redis() -> Iterator[int]:
    """Its port."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 10
            while not _answers(port):
                assert time.monotonic() < deadline, (
                    "redis-server did not start: apt-get install -y redis-server"
                )
                time.sleep(0.02)
            yield port
        finally:
            process.kill()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def _answers(port: int) -> bool:
    import redis  # not where the lowest supported versions are tested

    with contextlib.suppress(redis.exceptions.RedisError), redis.Redis(port=port) as client:
        return bool(client.ping())
    return False
