"""The identity server over HTTP: refresh grants, sign-ins, and what a storm of sign-ins does to the others.

The server is compared with the one calculation a grant cannot do without, made directly in the same rounds:
an RS256 signature, an Argon2id hash. Both are counted per second of processor time.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle, repeat
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import httpx2

from benchmarks.load import CONNECTIONS, Tally, keep_busy, request
from benchmarks.pages import processor_seconds
from benchmarks.rounds import Pace, Rounds, Timer, take_turns
from benchmarks.subject import claims
from benchmarks.table import Row
from tests.databases import postgres_cluster
from vestibule.crypto.password_hash import hash_password
from vestibule.crypto.signing import create_signing_key, sign

PASSWORD = "a-password-that-nobody-tries-7391"
USERS = 32
STORM_SECONDS = 5.0
Chain = Generator[bytes, bytes, None]


@dataclass(frozen=True, slots=True)
class Served:
    port: int
    pid: int
    client_id: str
    api_key: str

    def grant(self, **members: str) -> bytes:
        body = {"client_id": self.client_id, "client_secret": self.api_key, **members}
        text = json.dumps(body).encode()
        path = "/user_management/authenticate"
        return request("POST", path, body=text, content_type="application/json")

    def refreshes(self, token: str) -> Chain:
        """Each request carries the refresh token of the answer before."""
        while True:
            body = yield self.grant(grant_type="refresh_token", refresh_token=token)
            token = json.loads(body)["refresh_token"]

    def sign_ins(self) -> Iterator[bytes]:
        for number in cycle(range(USERS)):
            yield self.grant(grant_type="password", email=address(number), password=PASSWORD)

    def tokens(self, number: int) -> list[str]:
        """Refresh tokens of as many sessions."""
        with httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60) as client:
            return [self._token(client, each % USERS) for each in range(number)]

    def _token(self, client: httpx2.Client, number: int) -> str:
        members = {"grant_type": "password", "email": address(number), "password": PASSWORD}
        body = {"client_id": self.client_id, "client_secret": self.api_key, **members}
        answer = client.post("/user_management/authenticate", json=body).raise_for_status().json()
        return str(answer["refresh_token"])


def rows(pace: Pace) -> Iterator[Row]:
    slower = Pace(pace.rounds, max(pace.seconds, 1.0) if pace.warm_up > 1 else 0.3, pace.warm_up)
    with ExitStack() as stack:
        timers: dict[str, Timer] = {"RS256": per_processor_second(signature())}
        rates: dict[str, list[float]] = {}
        for database, url in databases(stack):
            first, second = stack.enter_context(two_processes(url))
            for name, servers in {"1 process": [first], "2 processes": [first, second]}.items():
                metric = f"refresh grant, {database}, {name}"
                timers[metric] = refreshing(servers, rates.setdefault(metric, []))
        rounds = take_turns(timers, slower)
        for metric, seen in rates.items():
            yield _row(rounds, metric, "RS256", "signatures alone", 0.85, seen)
    with two_processes("sqlite:///bench.db") as (server, _other):
        seen_rate: list[float] = []
        timers = {
            "Argon2id": per_processor_second(lambda: hash_password(PASSWORD)),
            "password sign-in": signing_in(server, seen_rate),
        }
        rounds = take_turns(timers, slower)
        yield _row(rounds, "password sign-in", "Argon2id", "hashes alone", 0.95, seen_rate)
        yield from storm_rows(server, STORM_SECONDS if pace.warm_up > 1 else 1.0)


def _row(rounds: Rounds, metric: str, peer: str, what: str, goal: float, seen: list[float]) -> Row:
    return Row(
        metric=metric,
        peer=f"{peer} {what}, {rounds[peer]:.0f} per core and second",
        ours=f"{rounds[metric]:.0f} per core and second; {median(seen):.0f}/s beside the client",
        measured=rounds.ratio(metric, peer),
        at_least=goal,
    )


def signature() -> Callable[[], object]:
    key, payload = create_signing_key(), claims()
    return lambda: sign(payload, key, kid="bench")


def per_processor_second(call: Callable[[], object]) -> Timer:
    def timer(seconds: float) -> float:
        started, until = time.process_time(), time.perf_counter() + seconds
        calls = 0
        while time.perf_counter() < until:
            call()
            calls += 1
        return calls / (time.process_time() - started)

    return timer


def refreshing(servers: list[Served], rates: list[float]) -> Timer:
    chains = [chain for server in servers for chain in _chains(server, CONNECTIONS // len(servers))]

    def timer(seconds: float) -> float:
        return _rate(servers, chains, seconds, rates)

    return timer


def signing_in(server: Served, rates: list[float]) -> Timer:
    def timer(seconds: float) -> float:
        return _rate([server], [server.sign_ins() for _ in range(4)], seconds, rates)

    return timer


class Kept:
    """A chain that goes on in the next round where it stood: the token it has not used is still good."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._next = next(chain)

    def __iter__(self) -> "Kept":
        return self

    def __next__(self) -> bytes:
        return self._next

    def send(self, body: bytes) -> bytes:
        self._next = self._chain.send(body)
        return self._next


def _chains(server: Served, number: int) -> list[Kept]:
    return [Kept(server.refreshes(token)) for token in server.tokens(number)]


def _rate(servers: list[Served], sources: list[Any], seconds: float, rates: list[float]) -> float:
    before = sum(processor_seconds(server.pid) for server in servers)
    tally = asyncio.run(_spread(servers, sources, seconds))
    if tally.refused:
        raise RuntimeError(f"{tally.refused} grants were refused")
    rates.append(tally.per_second)
    return len(tally.latencies) / (sum(processor_seconds(server.pid) for server in servers) - before)


async def _spread(servers: list[Served], sources: list[Any], seconds: float) -> Tally:
    share = len(sources) // len(servers)
    parts = [sources[number * share : (number + 1) * share] for number in range(len(servers))]
    tallies = await asyncio.gather(
        *(keep_busy(server.port, seconds, part) for server, part in zip(servers, parts, strict=True))
    )
    latencies = [each for tally in tallies for each in tally.latencies]
    return Tally(tallies[0].seconds, sum(tally.refused for tally in tallies), latencies)


def storm_rows(server: Served, seconds: float) -> Iterator[Row]:
    calm_health, calm_refresh = asyncio.run(_probed(server, seconds, storm=0))
    health, refresh = asyncio.run(_probed(server, seconds, storm=CONNECTIONS))
    calm, busy = (tally.percentile(0.99) * 1000 for tally in (calm_health, health))
    yield Row(
        metric="storm of sign-ins: /healthz p99",
        peer=f"without the storm, {calm:.1f} ms",
        ours=f"{busy:.1f} ms",
        measured=busy,
        unit=" ms",
        at_most=200,
    )
    calm, busy = (tally.percentile(0.99) * 1000 for tally in (calm_refresh, refresh))
    yield Row(
        metric="storm of sign-ins: refresh p99",
        peer=f"without the storm, {calm:.1f} ms",
        ours=f"{busy:.1f} ms",
        measured=busy / calm,
        unit="x",
        at_most=3,
    )


async def _probed(server: Served, seconds: float, *, storm: int) -> tuple[Tally, Tally]:
    """What somebody else meets while so many sign in without a pause."""
    health = [repeat(request("GET", "/healthz"))]
    chains = _chains(server, 2)
    answers = await asyncio.gather(
        keep_busy(server.port, seconds, health, pause=0.01),
        keep_busy(server.port, seconds, chains, pause=0.01),
        keep_busy(server.port, seconds, [server.sign_ins() for _ in range(storm)]),
    )
    return answers[0], answers[1]


def databases(stack: ExitStack) -> Iterator[tuple[str, str]]:
    yield "SQLite", "sqlite:///bench.db"
    cluster = stack.enter_context(postgres_cluster())
    yield "PostgreSQL", cluster.url(cluster.create_database())


@contextmanager
def two_processes(database: str) -> Iterator[tuple[Served, Served]]:
    """Of one database, with people who can sign in."""
    with TemporaryDirectory() as directory, ExitStack() as stack:
        first = stack.enter_context(serving(database, Path(directory)))
        second = stack.enter_context(serving(database, Path(directory)))
        _create_users(first)
        yield first, second


@contextmanager
def serving(database: str, directory: Path) -> Iterator[Served]:
    command = [str(Path(sys.executable).parent / "vestibule"), "serve", "--json", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--database", database],
        cwd=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        if process.stdout is None:
            raise RuntimeError("the server was started without a pipe")
        ready = json.loads(process.stdout.readline())
        port = int(ready["url"].rpartition(":")[2])
        yield Served(port, process.pid, ready["client_id"], ready["api_key"])
    finally:
        process.terminate()
        process.wait(timeout=30)


def _create_users(server: Served) -> None:
    stored = hash_password(PASSWORD)
    headers = {"authorization": f"Bearer {server.api_key}"}
    with httpx2.Client(base_url=f"http://127.0.0.1:{server.port}", headers=headers, timeout=60) as client:
        for number in range(USERS):
            body = {
                "email": address(number),
                "email_verified": True,
                "password_hash": stored,
                "password_hash_type": "argon2",
            }
            client.post("/user_management/users", json=body).raise_for_status()


def address(number: int) -> str:
    return f"bench-{number}@example.com"
