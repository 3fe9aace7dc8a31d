"""Imports that the dashboard began: a file on this machine, worked off in the background, row by row.

Where it stands is written down every few hundred rows. After a restart it goes on from there; what was taken
twice does no harm. The file holds hashes of passwords: it goes as soon as it is done with.
"""

import datetime as dt
import logging
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from vestibule.errors import ConfigError
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Conflict, IdentityError, Invalid, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.importing import Taken, take
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.import_files.auth0 import Auth0File
from vestibule.server.import_files.csv_rows import CsvFile
from vestibule.server.import_files.json_rows import JsonFile
from vestibule.server.import_files.rows import Row, Source
from vestibule.server.store.import_jobs import ImportJob, ImportProblem
from vestibule.server.store.rehearsal import rehearsal

KINDS: Final[dict[str, Callable[[Path], Source]]] = {"csv": CsvFile, "json": JsonFile, "auth0": Auth0File}
LEASE: Final = dt.timedelta(minutes=2)
GONE_FOR_GOOD: Final = dt.timedelta(minutes=15)
FILES_STAY: Final = dt.timedelta(hours=6)
SAVED_EVERY: Final = 100
MOST_PROBLEMS: Final = 10_000
INTERRUPTED: Final = (
    "It was interrupted, and its file is gone. Upload it again: who is here already stays as is."
)

log = logging.getLogger("vestibule.server.imports")


def create_import(identity: Identity, path: Path, *, file_name: str, kind: str, dry_run: bool) -> ImportJob:
    """The file belongs to the import from here on. Raises Invalid."""
    if kind not in KINDS:
        raise Invalid.field("kind", "kind_invalid", "Choose what kind of file it is.")
    name = "".join(letter for letter in file_name if letter.isprintable())[:200]
    return _create(identity, str(path), file_name=name or "file", kind=kind, dry_run=dry_run)


def import_checked(identity: Identity, job_id: str) -> ImportJob:
    """For real, after a dry run. Raises NotFound, Conflict `import_file_gone`."""
    checked = get_import(identity, job_id)
    with identity.store.transaction() as tx:
        path = tx.import_jobs.take_file(job_id, now=identity.now) if checked.host == platform.node() else None
    if path is None:
        message = "The file is not here any more: upload it again."
        raise Conflict(message, code="import_file_gone")
    return _create(identity, path, file_name=checked.file_name, kind=checked.kind, dry_run=False)


def cancel_import(identity: Identity, job_id: str) -> ImportJob:
    """What was taken in stays, and up to a hundred rows more. Raises NotFound, Conflict `import_over`."""
    get_import(identity, job_id)
    with identity.store.transaction() as tx:
        job = tx.import_jobs.cancel(job_id, now=identity.now)
        if job is None:
            raise Conflict("It is over already.", code="import_over")
        append(tx, identity, "import.cancelled", _data(job))
        if job.host == platform.node():  # on another machine it goes when that one looks after its files
            tx.import_jobs.forget_file(job_id)
    if job.path is not None and job.host == platform.node():
        Path(job.path).unlink(missing_ok=True)
    return job


def _create(identity: Identity, path: str, *, file_name: str, kind: str, dry_run: bool) -> ImportJob:
    now = identity.now
    with identity.store.transaction() as tx:
        job = tx.import_jobs.create(
            id=new_id("import", now),
            file_name=file_name,
            kind=kind,
            size=Path(path).stat().st_size,
            host=platform.node(),
            path=path,
            dry_run=dry_run,
            actor=None if identity.actor is None else dict(identity.actor),
            created_at=now,
            updated_at=now,
        )
        append(tx, identity, "import.created", _data(job))
    return job


def get_import(identity: Identity, job_id: str) -> ImportJob:
    with identity.store.read() as tx:
        job = tx.import_jobs.find(job_id)
    if job is None:
        raise NotFound.of("Import", job_id)
    return job


def list_imports(identity: Identity, page: Page) -> Slice[ImportJob]:
    with identity.store.read() as tx:
        return tx.import_jobs.list(page)


def list_problems(
    identity: Identity, job_id: str, *, limit: int = MOST_PROBLEMS, after: int = 0
) -> Sequence[ImportProblem]:
    with identity.store.read() as tx:
        return tx.import_jobs.list_problems(job_id, limit=limit, after=after)


def claim_import(identity: Identity) -> ImportJob | None:
    """One to work at. Looks after what others left behind, too."""
    now, host = identity.now, platform.node()
    with identity.store.read() as tx:  # nearly always there is nothing, and then nobody waits for the writer
        if not tx.import_jobs.is_any(finished_before=now - FILES_STAY):
            return None
    with identity.store.transaction() as tx:
        forgotten = tx.import_jobs.forget_files(host, finished_before=now - FILES_STAY)
        job = tx.import_jobs.claim(host, now=now, lease=LEASE)
        tx.import_jobs.interrupt(leased_before=now - GONE_FOR_GOOD, error=INTERRUPTED, now=now)
    for path in forgotten:
        Path(path).unlink(missing_ok=True)
    return job


@dataclass(slots=True)
class _Run:
    job: ImportJob
    rows: int
    created: int
    completed: int
    refused: int
    read: int = 0
    problems: list[ImportProblem] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        names = ("rows", "created", "completed", "refused", "read")
        return {name: getattr(self, name) for name in names}

    def note(self, identity: Identity, row: Row) -> None:
        """What becomes of one row."""
        self.rows, self.read = self.rows + 1, row.read
        if row.record is None:
            self._refuse(row, row.problem or "")
            return
        try:
            taken = take(identity, row.record)
        except IdentityError as error:
            details = [each.get("message", "") for each in getattr(error, "errors", ())]
            self._refuse(row, " ".join(dict.fromkeys(filter(None, [*details] or [error.message]))))
            return
        self.created += taken is Taken.CREATED
        self.completed += taken is Taken.COMPLETED

    def _refuse(self, row: Row, reason: str) -> None:
        self.refused += 1
        if self.refused <= MOST_PROBLEMS:
            who = row.who[:320].encode("utf-8", "backslashreplace").decode().replace("\x00", "")
            self.problems.append(ImportProblem(row.number, who, reason[:500].replace("\x00", "")))


def work_at(identity: Identity, job: ImportJob, *, stopping: Callable[[], bool] = lambda: False) -> None:
    """Until it is done, or everything stops: then it goes on after the restart."""
    path = Path(job.path or "")
    if job.path is None or not path.is_file():
        _finish(identity, job, "failed", error=INTERRUPTED)
        return
    try:
        with _stage(identity, job) as stage:
            left = _work(identity, stage, KINDS[job.kind](path), job, stopping)
    except ConfigError as error:
        message = error.message.replace(str(path), job.file_name)
        _finish(identity, job, "failed", error=message, path=None)
        path.unlink(missing_ok=True)
        return
    if left is None:
        return
    _finish(identity, left, "done", **({} if job.dry_run else {"path": None}))
    if not job.dry_run:
        path.unlink(missing_ok=True)


@contextmanager
def _stage(identity: Identity, job: ImportJob) -> Iterator[Identity]:
    """Where rows are taken: a dry run keeps nothing. Events name the operator who began it."""
    acting = replace(identity, actor=job.actor)
    if not job.dry_run:
        yield acting
        return
    with rehearsal(identity.store.url) as store:
        yield replace(acting, store=store)


def _work(
    identity: Identity, stage: Identity, source: Source, job: ImportJob, stopping: Callable[[], bool]
) -> ImportJob | None:
    """None when it stopped before the end, or somebody else has it."""
    done = 0 if job.dry_run else job.rows  # a rehearsal that was interrupted has kept nothing
    run = _Run(job, *((0, 0, 0, 0) if job.dry_run else (job.rows, job.created, job.completed, job.refused)))
    held: ImportJob | None = job
    for place, row in enumerate(source.rows(), start=1):
        if place <= done:
            continue
        run.note(stage, row)
        if run.rows % SAVED_EVERY == 0:
            stop = stopping()
            held = _save(identity, held, run, lease=dt.timedelta(0) if stop else LEASE)
            if held is None or stop:
                return None
    return _save(identity, held, run, lease=LEASE)


def _save(identity: Identity, job: ImportJob | None, run: _Run, *, lease: dt.timedelta) -> ImportJob | None:
    if job is None:
        return None
    now = identity.now
    with identity.store.transaction() as tx:
        held = tx.import_jobs.update(job, **run.counts(), leased_until=now + lease, updated_at=now)
        if held is not None:
            tx.import_jobs.add_problems(job.id, run.problems)
    run.problems = []
    return held


def _finish(identity: Identity, job: ImportJob, state: str, **values: Any) -> None:
    now = identity.now
    acting = replace(identity, actor=job.actor)
    with identity.store.transaction() as tx:
        done = tx.import_jobs.update(job, state=state, finished_at=now, updated_at=now, **values)
        if done is not None:
            append(tx, acting, f"import.{'finished' if state == 'done' else 'failed'}", _data(done))


def _data(job: ImportJob) -> dict[str, Any]:
    return {
        "object": "import",
        "id": job.id,
        "file_name": job.file_name,
        "kind": job.kind,
        "dry_run": job.dry_run,
        "state": job.state,
        "rows": job.rows,
        "created": job.created,
        "completed": job.completed,
        "refused": job.refused,
        "created_at": job.created_at,
    }
