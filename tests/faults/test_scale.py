"""A million users and sessions: what people wait for costs the same as with ten thousand."""

import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from tests.databases import Cluster
from tests.faults.conftest import OpenIdentity
from tests.faults.crowd import Crowd, gather
from tests.faults.figures import Figure, record
from vestibule.server.housekeeping import tidy
from vestibule.server.identity.clients import Client
from vestibule.server.identity.context import Identity
from vestibule.server.identity.paging import Page
from vestibule.server.identity.refreshing import refresh
from vestibule.server.identity.sessions import list_sessions, revoke_all
from vestibule.server.identity.users import list_users

URL = "http://127.0.0.1:8100"
Operation = Callable[[], object]
BIG_TABLES = ("users", "sessions", "refresh_tokens")


def operations(identity: Identity, crowd: Crowd) -> dict[str, tuple[Operation, int]]:
    """Each with how often it is measured."""
    client, numbers = Client(crowd.client_id, confidential=True), count(7, 13)
    middle = Page(limit=100, after=crowd.user(crowd.size // 2))

    def revoke() -> int:
        with identity.store.transaction() as tx:
            return revoke_all(tx, identity, crowd.busy)

    return {
        "refresh": (lambda: refresh(identity, client, crowd.token(next(numbers) % crowd.size)), 300),
        "first page of users": (lambda: list_users(identity, Page(limit=100)), 30),
        "a page in the middle": (lambda: list_users(identity, middle), 30),
        "a user by address": (lambda: list_users(identity, Page(), email="user77@example.com"), 30),
        "sessions of a user": (lambda: list_sessions(identity, crowd.user(77), Page()), 30),
        f"revoke all {crowd.many:,} of a user": (revoke, 1),
        f"purge {crowd.old:,} old sessions": (lambda: tidy(identity), 1),
    }


@dataclass(slots=True)
class Meter:
    """Counts the steps of SQLite's virtual machine, which are the same on every machine and every day."""

    steps: int = 0
    engines: list[Any] = field(default_factory=list)

    def watch(self, identity: Identity) -> None:
        identity.store.close()
        event.listen(identity.store._engine, "connect", self._connected)

    def _connected(self, connection: sqlite3.Connection, _: object) -> None:
        connection.set_progress_handler(self._step, 10)

    def _step(self) -> int:
        self.steps += 10
        return 0

    def of(self, operation: Operation) -> int:
        self.steps = 0
        operation()
        return self.steps


def test_no_step_depends_on_how_many_there_are(tmp_path: Path, open_identity: OpenIdentity) -> None:
    works: list[dict[str, int]] = []
    for size in (500, 5_000):
        database = f"sqlite:///{tmp_path / f'{size}.db'}"
        identity, meter = open_identity(database, URL), Meter()
        crowd = gather(identity, database, size, many=50, old=20)
        meter.watch(identity)
        works.append({name: meter.of(run) for name, (run, _) in operations(identity, crowd).items()})
    few, many = works
    grown = {name: (few[name], many[name]) for name in few if many[name] > 1.5 * few[name] + 200}
    assert grown == {}


@contextmanager
def explained(identity: Identity) -> Iterator[list[str]]:
    """The plans of PostgreSQL for what is executed inside, as far as they read a whole big table."""
    scans: list[str] = []

    def executing(connection: Any, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        verb = statement.partition(" ")[0]
        if verb in ("SELECT", "UPDATE", "DELETE"):
            cursor.execute(f"EXPLAIN {statement}", parameters)
            plan = [row[0] for row in cursor.fetchall()]
            scans.extend(
                f"{line.strip()}: {statement[:200]}"
                for line in plan
                if any(f"Seq Scan on {table}" in line for table in BIG_TABLES)
            )

    event.listen(identity.store._engine, "before_cursor_execute", executing)
    yield scans
    event.remove(identity.store._engine, "before_cursor_execute", executing)


def measure(identity: Identity, crowd: Crowd) -> dict[str, tuple[float, float]]:
    """Milliseconds: the median and the 99th percentile."""
    found = {}
    for name, (run, times) in operations(identity, crowd).items():
        took = []
        for _ in range(times):
            began = time.perf_counter()
            run()
            took.append((time.perf_counter() - began) * 1000)
        took.sort()
        found[name] = statistics.median(took), took[int(len(took) * 0.99)]
    return found


@pytest.mark.verify
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["SQLite", pytest.param("PostgreSQL", marks=pytest.mark.postgres)])
def test_a_million_users_and_sessions(
    kind: str, tmp_path: Path, open_identity: OpenIdentity, request: pytest.FixtureRequest
) -> None:
    measured: list[dict[str, tuple[float, float]]] = []
    for size in (10_000, 1_000_000):
        if kind == "SQLite":
            database = f"sqlite:///{tmp_path / f'{size}.db'}"
        else:
            cluster: Cluster = request.getfixturevalue("cluster")
            database = cluster.url(cluster.create_database())
        identity = open_identity(database, URL)
        crowd = gather(identity, database, size)
        measured.append(measure(identity, crowd))
        with identity.store.read() as tx:
            counted = tx.connection.execute(text("SELECT count(*) FROM sessions")).scalar_one()
        assert counted == crowd.size + crowd.many
    if kind == "PostgreSQL":
        with explained(identity) as scans:
            for run, _ in operations(identity, crowd).values():
                run()
        assert scans == []
    few, many = measured
    for number, name in enumerate(few):
        record(
            Figure(
                name=f"20-scale-{kind.lower()}-{number}",
                fault=f"1,000,000 users and sessions, {kind}: {name}",
                done="the same with 10,000 and with 1,000,000, one process, no HTTP",
                figure=_compared(few[name], many[name], often=number < 5),
                test=request.node.nodeid,
            )
        )


def _compared(few: tuple[float, float], many: tuple[float, float], *, often: bool) -> str:
    if not often:
        return f"{few[0]:,.0f} ms with 10,000; {many[0]:,.0f} ms with 1,000,000"
    return (
        f"p50 {few[0]:.2f} ms, p99 {few[1]:.2f} ms with 10,000; "
        f"p50 {many[0]:.2f} ms, p99 {many[1]:.2f} ms with 1,000,000"
    )
