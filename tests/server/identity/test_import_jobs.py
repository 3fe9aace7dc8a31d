"""Imports under way: worked at by one process at a time, and gone on with after a restart."""

from pathlib import Path

import pytest

from tests.clocks import Clock
from tests.server.people import events_of
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import ensure_environment
from vestibule.server.identity.errors import Conflict, NotFound
from vestibule.server.identity.import_jobs import (
    cancel_import,
    claim_import,
    create_import,
    get_import,
    import_checked,
    list_problems,
    work_at,
)
from vestibule.server.identity.user_search import search_users
from vestibule.server.store.import_jobs import ImportJob


@pytest.fixture
def file(tmp_path: Path, identity: Identity) -> Path:
    ensure_environment(identity)
    path = tmp_path / "people.csv"
    rows = [f"p{number}@acme.com" for number in range(250)]
    path.write_text("\n".join(["email", *rows[:150], "no address", *rows[150:]]))
    return path


def begin(identity: Identity, file: Path, *, dry_run: bool = False) -> ImportJob:
    return create_import(identity, file, file_name="people.csv", kind="csv", dry_run=dry_run)


def claimed(identity: Identity) -> ImportJob:
    job = claim_import(identity)
    assert job is not None
    return job


def people(identity: Identity) -> int:
    return len(search_users(identity, "@acme", limit=1_000).users)


def test_a_dry_run_counts_and_keeps_nothing(identity: Identity, file: Path) -> None:
    job = begin(identity, file, dry_run=True)
    work_at(identity, claimed(identity))
    done = get_import(identity, job.id)
    assert (done.state, done.rows, done.created, done.refused) == ("done", 251, 250, 1)
    assert people(identity) == 0
    assert [each.line for each in list_problems(identity, job.id)] == [152]
    real = import_checked(identity, job.id)
    with pytest.raises(Conflict):
        import_checked(identity, job.id)
    work_at(identity, claimed(identity))
    assert get_import(identity, real.id).created == people(identity) == 250
    assert not file.exists()
    assert len(events_of(identity, "import.finished")) == 2


def test_one_process_has_it_and_another_goes_on_after_it_stopped(identity: Identity, file: Path) -> None:
    job = begin(identity, file)
    first = claimed(identity)
    assert claim_import(identity) is None
    work_at(identity, first, stopping=lambda: True)
    assert get_import(identity, job.id).rows == people(identity) == 100
    work_at(identity, claimed(identity))
    done = get_import(identity, job.id)
    assert (done.state, done.rows, done.created, done.refused) == ("done", 251, 250, 1)


def test_whose_lease_ran_out_writes_nothing_any_more(identity: Identity, file: Path, clock: Clock) -> None:
    job = begin(identity, file)
    late = claimed(identity)
    clock.advance(minutes=3)
    work_at(identity, claimed(identity))
    before = get_import(identity, job.id)
    file.write_text("email\nx@acme.com\n")
    work_at(identity, late)
    assert get_import(identity, job.id) == before


def test_what_is_cancelled_stops_and_keeps_what_was_taken(identity: Identity, file: Path) -> None:
    job = begin(identity, file)
    under_way = claimed(identity)
    stops = iter([False])

    def cancelling() -> bool:
        if next(stops, True):
            cancel_import(identity, job.id)
        return False

    work_at(identity, under_way, stopping=cancelling)
    over = get_import(identity, job.id)
    assert (over.state, over.rows, over.path, people(identity)) == ("cancelled", 100, None, 199)
    assert not file.exists()
    with pytest.raises(Conflict):
        cancel_import(identity, job.id)
    assert claim_import(identity) is None
    assert [each.data["rows"] for each in events_of(identity, "import.cancelled")] == [100]


def test_what_lost_its_file_says_so(identity: Identity, file: Path) -> None:
    job = begin(identity, file)
    file.unlink()
    work_at(identity, claimed(identity))
    failed = get_import(identity, job.id)
    assert failed.state == "failed"
    assert failed.error is not None
    assert "Upload it again" in failed.error
    assert events_of(identity, "import.failed")


def test_the_file_of_a_check_goes_after_a_while(identity: Identity, file: Path, clock: Clock) -> None:
    begin(identity, file, dry_run=True)
    work_at(identity, claimed(identity))
    assert file.exists()
    clock.advance(hours=7)
    assert claim_import(identity) is None
    assert not file.exists()


def test_there_is_no_such_import(identity: Identity) -> None:
    with pytest.raises(NotFound):
        get_import(identity, "import_none")
    assert claim_import(identity) is None
