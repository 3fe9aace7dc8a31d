"""The database answers, but late: who waits in vain is told, and nothing is left to work off afterwards."""

import statistics
import tempfile
import time
from pathlib import Path

import pytest

from tests.databases import Cluster
from tests.faults.figures import Figure, record
from tests.faults.ledger import Ledger, Person, double_families, enroll
from tests.faults.processes import wait_until
from tests.faults.site import Site, site_in
from tests.faults.slow_link import slow_link

PEOPLE = 40  # more than the server has threads


@pytest.mark.postgres
@pytest.mark.verify
@pytest.mark.slow
def test_a_database_that_takes_five_seconds_for_everything(
    tmp_path: Path, cluster: Cluster, request: pytest.FixtureRequest
) -> None:
    database, seconds = cluster.create_database(), 20
    with tempfile.TemporaryDirectory(prefix="vestibule-slow-") as directory:
        slow = Path(directory)
        with slow_link(cluster.socket_directory, slow) as link:
            url = f"postgresql://postgres@/{database}?host={slow}"
            with site_in(tmp_path, database=url) as site:
                readers = enroll(site.server.identity, 5, prefix="reader")
                (probe,) = enroll(site.server.identity, 1)
                ledger = Ledger(enroll(site.server.identity, PEOPLE, prefix="writer"), site.url)
                assert site.lost(readers) == []
                ledger.begin()
                time.sleep(1)
                link.delay = 5.0
                reads = _read(site, readers, until=time.monotonic() + seconds)
                link.delay = 0.0
                recovery = wait_until(
                    lambda: all(site.ask(probe, "/refresh", "POST").status_code == 200 for _ in range(20))
                )
                after = [_timed(site, probe) for _ in range(100)]
                ledger.finish()
                assert set(reads) == {200}
                assert ledger.lost == {}
                assert double_families(site.server.identity) == []
    refused = ledger.outcomes[503]
    record(
        Figure(
            name="10-postgresql-slow",
            fault=f"Everything PostgreSQL is asked takes 5 s longer, for {seconds} s",
            done=f"{PEOPLE} people refresh, 5 read with valid tokens",
            figure=f"reads served {len(reads):,} of {len(reads):,}; {refused:,} refreshes answered 503; lost "
            f"sessions {len(ledger.lost)}; refreshing again {recovery:.1f} s after it was quick again, then "
            f"p50 {statistics.median(after):.0f} ms and p99 {statistics.quantiles(after, n=100)[98]:.0f} ms",
            test=request.node.nodeid,
        )
    )


def _read(site: Site, people: list[Person], *, until: float) -> list[int]:
    statuses: list[int] = []
    while time.monotonic() < until:
        statuses += [answer.status_code for answer in site.ask_all(people)]
        time.sleep(0.2)
    return statuses


def _timed(site: Site, person: Person) -> float:
    began = time.perf_counter()
    assert site.ask(person, "/refresh", "POST").status_code == 200
    return (time.perf_counter() - began) * 1000
