"""Webhooks: how many events a process delivers to a receiver on this machine.

They are compared with the requests alone: the same bodies, signed and posted by as many threads on open
connections, without a database. `python -m benchmarks.webhooks` is the receiver.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.rounds import Pace, Timer, take_turns
from benchmarks.table import Row
from tests.databases import postgres_cluster
from vestibule.flow import HttpRequest
from vestibule.server.identity.context import Identity
from vestibule.server.identity.events import append_each
from vestibule.server.identity.webhook_outbox import AT_ONCE, claim, deliver
from vestibule.server.identity.webhooks import create_endpoint, reach_of
from vestibule.server.outbound.client import Outbound
from vestibule.server.settings import Settings
from vestibule.server.store.store import Store
from vestibule.wire.webhooks import SIGNATURE_HEADER, sign, stringify

SECRET = "nothing-in-this-benchmark-is-a-secret"
NAME = "user.created"
EVENTS_PER_SECOND = 750  # about what a round of a second delivers
numbers = count(1)


def rows(pace: Pace) -> Iterator[Row]:
    with ExitStack() as stack:
        url = stack.enter_context(receiver())
        timers: dict[str, Timer] = {"requests": requests_alone(url)}
        for database in ("SQLite", "PostgreSQL"):
            timers[database] = deliveries(stack.enter_context(opened(database)), url)
        rounds = take_turns(timers, pace)
    for database in ("SQLite", "PostgreSQL"):
        yield Row(
            metric=f"webhook deliveries, {database}",
            peer=f"signed requests alone, {rounds['requests']:.0f}/s",
            ours=f"{rounds[database]:.0f}/s",
            measured=rounds.ratio(database, "requests"),
        )


def deliveries(identity: Identity, url: str) -> Timer:
    """Of events that are there already: from the first look for them until none is left."""
    create_endpoint(identity, endpoint_url=url, events=[NAME])
    outbound = Outbound(reach_of(identity.settings))

    def timer(seconds: float) -> float:
        events = max(50, int(EVENTS_PER_SECOND * seconds))
        with identity.store.transaction() as tx:
            append_each(tx, identity, NAME, [(person(), None) for _ in range(events)])
        started, delivered = time.perf_counter(), 0
        while (batch := claim(identity)) is not None:
            delivered += sum(attempt.arrived for attempt in deliver(identity, batch, outbound))
        if delivered != events:
            raise RuntimeError(f"{delivered} of {events} events arrived")
        return events / (time.perf_counter() - started)

    return timer


def requests_alone(url: str) -> Timer:
    outbound = Outbound(reach_of(settings("sqlite:///unused.db")))

    def post_until(end: float) -> int:
        sent = 0
        with outbound.line() as line:
            while time.perf_counter() < end:
                body = stringify({"object": "event", "event": NAME, "data": person()})
                headers = {SIGNATURE_HEADER: sign(body, SECRET, milliseconds=1)}
                line.send(HttpRequest("POST", url, headers, body, deadline=10.0))
                sent += 1
        return sent

    def timer(seconds: float) -> float:
        started = time.perf_counter()
        with ThreadPoolExecutor(AT_ONCE) as threads:
            sent = sum(threads.map(post_until, [started + seconds] * AT_ONCE))
        return sent / (time.perf_counter() - started)

    return timer


def person() -> dict[str, object]:
    number = next(numbers)
    return {
        "object": "user",
        "id": f"user_{number:026d}",
        "email": f"person{number}@example.com",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "email_verified": True,
        "metadata": {},
        "created_at": "2026-01-15T12:00:00.000Z",
        "updated_at": "2026-01-15T12:00:00.000Z",
    }


def settings(database: str) -> Settings:
    return Settings(public_url="http://localhost:8100", secret=SECRET, database=database, development=True)


@contextmanager
def opened(kind: str) -> Iterator[Identity]:
    with TemporaryDirectory() as directory, ExitStack() as stack:
        url = f"sqlite:///{directory}/bench.db"
        if kind == "PostgreSQL":
            cluster = stack.enter_context(postgres_cluster())
            url = cluster.url(cluster.create_database())
        store = Store(url)
        stack.callback(store.close)
        store.migrate()
        yield Identity(store, settings(url))


@contextmanager
def receiver() -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.webhooks"]
    root = Path(__file__).parent.parent
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None:
            raise RuntimeError("the receiver was started without a pipe")
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/"
    finally:
        process.terminate()
        process.wait(timeout=30)


async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(receive, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
