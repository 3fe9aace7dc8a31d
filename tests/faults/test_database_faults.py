"""The database goes away, is held by somebody else, or has no room left; and comes back."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.databases import Cluster, postgres_cluster
from tests.faults.figures import Figure, record
from tests.faults.ledger import Ledger, Person, double_families, enroll
from tests.faults.processes import wait_until
from tests.faults.site import Site, site_in

PEOPLE = 10
HOLD = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("ROLLBACK")
"""


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Not the one the other tests share: this one goes down."""
    with postgres_cluster() as cluster:
        yield cluster


def read_all(site: Site, people: list[Person], *, until: float) -> Counter[int]:
    """How people with valid tokens are served meanwhile."""
    statuses: Counter[int] = Counter()
    while time.monotonic() < until:
        statuses.update(answer.status_code for answer in site.ask_all(people))
        time.sleep(0.2)
    return statuses


def _seen(reads: Counter[int], ledger: Ledger) -> str:
    served = f"reads served {reads[200]:,} of {reads.total():,}"
    return f"{served}; {ledger.outcomes[503]:,} refreshes answered 503; lost sessions {len(ledger.lost)}"


def back(site: Site, person: Person) -> float:
    """Seconds until a refresh works again."""
    return wait_until(lambda: site.ask(person, "/refresh", "POST").status_code == 200)


@pytest.mark.postgres
@pytest.mark.parametrize("seconds", [pytest.param(30, marks=[pytest.mark.verify, pytest.mark.slow])])
def test_postgresql_goes_away_and_comes_back(
    tmp_path: Path, cluster: Cluster, seconds: int, request: pytest.FixtureRequest
) -> None:
    database = cluster.url(cluster.create_database())
    with site_in(tmp_path, database=database) as site:
        readers, (probe,) = enroll(site.server.identity, 5, prefix="reader"), enroll(site.server.identity, 1)
        ledger = Ledger(enroll(site.server.identity, PEOPLE, prefix="writer"), site.url)
        assert site.lost(readers) == []
        ledger.begin()
        time.sleep(1)
        cluster.stop()
        reads = read_all(site, readers, until=time.monotonic() + seconds)
        health = [httpx2.get(site.server.url + path).status_code for path in ("/healthz", "/readyz")]
        cluster.start()
        recovery = back(site, probe)
        ledger.finish()
        assert set(reads) == {200}
        assert health == [200, 503]
        assert ledger.lost == {}
        assert double_families(site.server.identity) == []
    if seconds >= 30:
        record(
            Figure(
                name="10-postgresql-away",
                fault=f"PostgreSQL stopped with `-m immediate` for {seconds} s",
                done=f"{PEOPLE} people refresh, 5 read with valid tokens",
                figure=f"{_seen(reads, ledger)}; "
                f"refreshing again {recovery:.1f} s after the "
                "database was back, no restart",
                test=request.node.nodeid,
            )
        )


@contextmanager
def held(database: Path, seconds: float) -> Iterator[None]:
    """Another process has the write lock."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(database), str(seconds)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield
        assert process.wait(timeout=30) == 0


@pytest.mark.parametrize(
    "seconds", [1, *(pytest.param(each, marks=[pytest.mark.verify, pytest.mark.slow]) for each in (4, 10))]
)
def test_sqlite_is_held_by_another_process(
    tmp_path: Path, seconds: int, request: pytest.FixtureRequest
) -> None:
    with site_in(tmp_path) as site:
        readers, (probe,) = enroll(site.server.identity, 5, prefix="reader"), enroll(site.server.identity, 1)
        ledger = Ledger(enroll(site.server.identity, PEOPLE, prefix="writer"), site.url)
        assert site.lost(readers) == []
        ledger.begin()
        time.sleep(1)
        with held(tmp_path / "vestibule.db", seconds):
            reads = read_all(site, readers, until=time.monotonic() + seconds)
        recovery = back(site, probe)
        ledger.finish()
        assert set(reads) == {200}
        assert ledger.lost == {}
        assert double_families(site.server.identity) == []
    record(
        Figure(
            name=f"11-sqlite-held-{seconds:02}",
            fault=f"Another process holds SQLite's write lock for {seconds} s",
            done=f"{PEOPLE} people refresh, 5 read with valid tokens",
            figure=f"{_seen(reads, ledger)}; refreshing again {recovery:.1f} s after the release",
            test=request.node.nodeid,
        )
    )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a file system of 16 MB, so no disk can be filled")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_the_disk_is_full_for_a_while(small_disk: Path, request: pytest.FixtureRequest) -> None:
    with site_in(small_disk) as site:
        readers, (probe,) = enroll(site.server.identity, 5, prefix="reader"), enroll(site.server.identity, 1)
        ledger = Ledger(enroll(site.server.identity, PEOPLE, prefix="writer"), site.url)
        assert site.lost(readers) == []
        ledger.begin()
        time.sleep(1)
        _fill(small_disk / "filler")
        refused = wait_until(lambda: ledger.outcomes[503] > 0)
        reads = read_all(site, readers, until=time.monotonic() + 3)
        (small_disk / "filler").unlink()
        recovery = back(site, probe)
        ledger.finish()
        assert set(reads) == {200}
        assert ledger.lost == {}
        assert double_families(site.server.identity) == []
        with closing(sqlite3.connect(small_disk / "vestibule.db")) as connection:
            integrity = connection.execute("PRAGMA integrity_check").fetchone()[0]
        assert integrity == "ok"
    record(
        Figure(
            name="12-disk-full",
            fault="The disk of the SQLite database is full (tmpfs of 16 MB)",
            done=f"filled in mid run, freed {refused + 3:.0f} s later; {PEOPLE} people refresh, 5 read",
            figure=f"{_seen(reads, ledger)}; "
            f"`PRAGMA integrity_check` {integrity}; refreshing "
            f"again {recovery:.1f} s after room was made, no restart",
            test=request.node.nodeid,
        )
    )


def test_the_file_of_the_database_is_moved_away_and_comes_back(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    home, away = tmp_path / "home", tmp_path / "away"
    home.mkdir()
    with site_in(home) as site:
        readers, (probe,) = enroll(site.server.identity, 5, prefix="reader"), enroll(site.server.identity, 1)
        ledger = Ledger(enroll(site.server.identity, PEOPLE, prefix="writer"), site.url)
        assert site.lost(readers) == []
        ledger.begin()
        time.sleep(1)
        home.rename(away)
        reads = read_all(site, readers, until=time.monotonic() + 5)
        made_anew = home.exists()
        away.rename(home)
        recovery = back(site, probe)
        ledger.finish()
        assert not made_anew
        assert set(reads) == {200}
        assert ledger.outcomes[503] > 0
        assert ledger.lost == {}
        assert double_families(site.server.identity) == []
    record(
        Figure(
            name="12-file-moved-away",
            fault="The directory of the SQLite database is moved away for 5 s",
            done=f"{PEOPLE} people refresh, 5 read with valid tokens",
            figure=f"{_seen(reads, ledger)}; no new database was made in its place; refreshing again "
            f"{recovery:.1f} s after it was back, no restart",
            test=request.node.nodeid,
        )
    )


def _fill(path: Path) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        for size in (65_536, 4_096, 1):
            while True:
                try:
                    os.write(handle, bytes(size))
                except OSError:
                    break
    finally:
        os.close(handle)
