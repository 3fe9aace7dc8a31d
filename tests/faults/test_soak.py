"""Everything at once, for as long as wanted: a fault at random every few seconds while people use the app.

`SOAK_SECONDS=28800 pytest tests/faults/test_soak.py` for a night; two minutes on each database by itself.
"""

import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.faults.conftest import OpenIdentity
from tests.faults.figures import Figure, record
from tests.faults.identity_process import Job
from tests.faults.ledger import Ledger, double_families, enroll
from tests.faults.processes import answers, free_port, running, wait_until
from tests.faults.proxy import FAULTS, FaultProxy, fault_proxy
from tests.servers import SECRET
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import get_client_id
from vestibule.server.identity.keys import rotate_signing_key
from vestibule.wire.paths import AUTHENTICATE

PEOPLE = 20
BETWEEN_FAULTS = 10.0
URL = "http://127.0.0.1:8100"
SECONDS = int(os.environ.get("SOAK_SECONDS", "120"))


class Supervised:
    """Two identity servers, each started again whenever it is gone."""

    def __init__(self, stack: ExitStack, database: str) -> None:
        self._stack = stack
        self._jobs = [Job(port=free_port(), url=URL, database=database, secret=SECRET) for _ in range(2)]
        self._processes = [self._start(job) for job in self._jobs]
        self.largest = 0

    @property
    def ports(self) -> list[int]:
        return [job.port for job in self._jobs]

    def _start(self, job: Job) -> subprocess.Popen[str]:
        process = self._stack.enter_context(running("tests.faults.identity_process", asdict(job)))
        wait_until(lambda: answers(f"http://127.0.0.1:{job.port}/readyz"))
        return process

    def end(self, turn: int, *, gently: bool) -> None:
        self.weigh()
        process = self._processes[turn]
        process.terminate() if gently else process.kill()
        process.wait(timeout=40)
        self._processes[turn] = self._start(self._jobs[turn])

    def weigh(self) -> None:
        for process in self._processes:
            status = Path(f"/proc/{process.pid}/status").read_text("ascii")
            peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
            self.largest = max(self.largest, int(peak.split()[1]) // 1024)


def faults_of(
    identity: Identity, servers: Supervised, proxy: FaultProxy, rng: random.Random
) -> dict[str, Callable[[], None]]:
    def misbehave() -> None:
        fault = FAULTS[rng.choice(sorted(FAULTS))]
        proxy.chooses = lambda path: fault if path.startswith((AUTHENTICATE, "/sso/jwks/")) else None
        time.sleep(rng.uniform(1, 8))
        proxy.chooses = lambda path: None

    def refuse() -> None:
        proxy.refuse()
        time.sleep(rng.uniform(1, 8))
        proxy.accept()

    def hold() -> None:
        """The writer's place in the database is taken; for PostgreSQL, the rows of every session are."""
        with identity.store.transaction() as tx:
            tx.connection.exec_driver_sql("UPDATE sessions SET updated_at = updated_at")
            time.sleep(rng.uniform(1, 4))

    return {
        "killed": lambda: servers.end(rng.randrange(2), gently=False),
        "restarted": lambda: servers.end(rng.randrange(2), gently=True),
        "answers spoiled": misbehave,
        "connections refused": refuse,
        "database held": hold,
        "key rotated": lambda: _rotate(identity),
    }


def _rotate(identity: Identity) -> None:
    rotate_signing_key(identity, immediately=True)


@pytest.mark.verify
@pytest.mark.slow
def test_everything_at_once_loses_nobody(
    open_identity: OpenIdentity,
    database: str,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    identity, seed = open_identity(database, URL), random.SystemRandom().randrange(1_000_000)
    rng, happened = random.Random(seed), Counter[str]()  # noqa: S311
    record_property("seed", seed)
    with ExitStack() as stack:
        servers = Supervised(stack, database)
        proxy = stack.enter_context(fault_proxy(*servers.ports))
        port = free_port()
        app = {"port": port, "issuer": URL, "client_id": get_client_id(identity)}
        stack.enter_context(running("tests.faults.app", app | {"url": f"http://127.0.0.1:{proxy.port}"}))
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/public"))
        faults = faults_of(identity, servers, proxy, rng)
        ledger = Ledger(enroll(identity, PEOPLE), f"http://127.0.0.1:{port}", seed=seed, pause=0.1)
        ledger.begin()
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            name = rng.choice(sorted(faults))
            faults[name]()
            happened[name] += 1
            time.sleep(BETWEEN_FAULTS * rng.random())
        ledger.finish()
        servers.weigh()
    asked, kind = ledger.outcomes, "SQLite" if database.startswith("sqlite") else "PostgreSQL"
    assert ledger.lost == {}, f"seed {seed}"
    assert double_families(identity) == []
    record(
        Figure(
            name=f"21-soak-{kind.lower()}",
            fault=f"Everything at once for {SECONDS / 60:.0f} min, {kind}",
            done=f"{happened.total()} faults at random ({_list(happened)}), two identity servers, {PEOPLE} "
            f"people use the app; seed {seed}",
            figure=f"lost sessions 0, double families 0; {ledger.refreshed:,} refreshes; {asked[200]:,} "
            f"answers with 200, {asked[503]:,} with 503; the largest server had {servers.largest} MB",
            test=request.node.nodeid,
        )
    )


def _list(happened: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(happened.items()))
