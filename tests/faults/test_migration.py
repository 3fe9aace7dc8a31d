"""A new release comes: it migrates while the one before serves, both serve, then the old one goes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.faults.conftest import OpenIdentity
from tests.faults.figures import Figure, record
from tests.faults.identity_process import Job
from tests.faults.ledger import Ledger, double_families
from tests.faults.processes import answers, free_port, running, wait_until
from tests.faults.proxy import fault_proxy
from tests.faults.release_before import environment_of, prepare, unpack
from tests.servers import SECRET
from vestibule.server.store.store import Store

PEOPLE = 20
URL = "http://127.0.0.1:8100"
MIGRATE = "import sys; from vestibule.server.store.store import Store; Store(sys.argv[1]).migrate()"


@contextmanager
def serving(job: Job, *, tree: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    with ExitStack() as stack:
        told = asdict(job)
        if tree is None:
            process = stack.enter_context(running("tests.faults.identity_process", told))
        else:
            command = [sys.executable, "-m", "tests.faults.identity_process", json.dumps(told)]
            process = stack.enter_context(
                subprocess.Popen(command, cwd=tree, env=environment_of(tree), text=True)
            )
            stack.callback(process.kill)
        wait_until(lambda: answers(f"http://127.0.0.1:{job.port}/healthz"))
        yield process


def interrupted(database: str) -> None:
    """A migration that is killed while it works leaves nothing half done."""
    with subprocess.Popen([sys.executable, "-c", MIGRATE, database]) as process:
        time.sleep(0.5 + os.urandom(1)[0] / 256)
        process.kill()


def migrated(database: str) -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", MIGRATE, database], check=True)
    return time.monotonic() - began


@pytest.mark.verify
@pytest.mark.slow
@pytest.mark.parametrize("size", [100_000])
def test_the_release_before_serves_while_this_one_migrates(
    open_identity: OpenIdentity, database: str, tmp_path: Path, size: int, request: pytest.FixtureRequest
) -> None:
    (tree := tmp_path / "before").mkdir()
    unpack(tree)
    client_id, people = prepare(tree, database=database, url=URL, people=PEOPLE, size=size)
    old, new = (Job(port=free_port(), url=URL, database=database, secret=SECRET) for _ in range(2))
    with ExitStack() as stack:
        proxy = stack.enter_context(fault_proxy(old.port, new.port))
        app_port = free_port()
        app = {"port": app_port, "issuer": URL, "client_id": client_id}
        stack.enter_context(running("tests.faults.app", app | {"url": f"http://127.0.0.1:{proxy.port}"}))
        before = stack.enter_context(serving(old, tree=tree))
        wait_until(lambda: answers(f"http://127.0.0.1:{app_port}/public"))
        ledger = Ledger(people, f"http://127.0.0.1:{app_port}")
        ledger.begin()
        time.sleep(2)
        for _ in range(3):
            interrupted(database)
        with ThreadPoolExecutor(3) as threads:
            took = max(threads.map(migrated, [database] * 3))
        time.sleep(2)
        stack.enter_context(serving(new))
        time.sleep(5)
        before.terminate()
        assert before.wait(timeout=30) == 0
        time.sleep(2)
        ledger.finish()
    identity = open_identity(database, URL)
    assert identity.store.healthy()
    assert ledger.lost == {}
    assert double_families(identity) == []
    assert set(ledger.outcomes) == {200}, ledger.outcomes
    kind = "SQLite" if database.startswith("sqlite") else "PostgreSQL"
    asked = ledger.outcomes
    record(
        Figure(
            name=f"18-migration-{kind.lower()}",
            fault=f"A new release migrates while the one before serves, {kind}",
            done=f"{size:,} users and sessions; three migrations killed, then three at once; both releases "
            f"serve, then the old one ends; {PEOPLE} people use the app",
            figure=f"failed requests {asked.total() - asked[200]} of {asked.total():,}; lost sessions "
            f"{len(ledger.lost)}; the migration took {took:.1f} s with the start of its process",
            test=request.node.nodeid,
        )
    )


@pytest.mark.verify
def test_the_database_of_the_release_before_becomes_one_of_this(tmp_path: Path) -> None:
    (tree := tmp_path / "before").mkdir()
    database = f"sqlite:///{tmp_path / 'vestibule.db'}"
    prepare(unpack(tree), database=database, url=URL, people=2, size=10)
    store = Store(database)
    assert not store.healthy()
    store.migrate()
    assert store.healthy()
    store.close()
