"""Imports under way: one process at a time works at each, under a lease that fences it."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, insert, or_, select, update

from vestibule.server.store.rows import Page, Slice, list_page, read, read_or_none
from vestibule.server.store.schema import import_jobs as jobs
from vestibule.server.store.schema import import_problems as problems
from vestibule.server.store.upsert import insert_into


@dataclass(frozen=True, slots=True)
class ImportJob:
    """`state` is waiting, running, done, failed or cancelled. `path` is None once the file is gone."""

    id: str
    file_name: str
    kind: str
    size: int
    host: str
    path: str | None = field(repr=False)
    dry_run: bool
    actor: dict[str, str | None] | None
    state: str
    read: int
    rows: int
    created: int
    completed: int
    refused: int
    error: str | None
    leased_until: dt.datetime | None
    finished_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime

    @property
    def present(self) -> int:
        return self.rows - self.created - self.completed - self.refused


@dataclass(frozen=True, slots=True)
class ImportProblem:
    line: int
    who: str
    reason: str


class ImportJobs:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> ImportJob:
        statement = insert(jobs).values(state="waiting", **values).returning(jobs)
        return read(ImportJob, self._connection.execute(statement).one())

    def find(self, job_id: str) -> ImportJob | None:
        return self._one(select(jobs).where(jobs.c.id == job_id))

    def list(self, page: Page) -> Slice[ImportJob]:
        return list_page(self._connection, jobs, ImportJob, page)

    def is_any(self, *, finished_before: dt.datetime) -> bool:
        """To work at, or whose file should go."""
        open_ = jobs.c.state.in_(("waiting", "running"))
        old = and_(jobs.c.path.is_not(None), jobs.c.finished_at < finished_before)
        return self._connection.execute(select(jobs.c.id).where(or_(open_, old)).limit(1)).first() is not None

    def claim(self, host: str, *, now: dt.datetime, lease: dt.timedelta) -> ImportJob | None:
        """The oldest that nobody works at, of those whose file is on this machine."""
        free = or_(jobs.c.state == "waiting", and_(jobs.c.state == "running", jobs.c.leased_until <= now))
        due = (
            select(jobs.c.id)
            .where(jobs.c.host == host, free)
            .order_by(jobs.c.created_at, jobs.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        statement = (
            update(jobs)
            .where(jobs.c.id.in_(select(due.c.id)))
            .values(state="running", leased_until=now + lease, updated_at=now)
            .returning(jobs)
        )
        return self._one(statement)

    def update(self, job: ImportJob, **values: Any) -> ImportJob | None:
        """None when the lease ran out and another process has it."""
        mine = and_(jobs.c.id == job.id, jobs.c.state == "running", jobs.c.leased_until == job.leased_until)
        return self._one(update(jobs).where(mine).values(**values).returning(jobs))

    def cancel(self, job_id: str, *, now: dt.datetime) -> ImportJob | None:
        """None when it is over. Whoever works at it finds out when they write down where it stands."""
        open_ = and_(jobs.c.id == job_id, jobs.c.state.in_(("waiting", "running")))
        return self._one(
            update(jobs)
            .where(open_)
            .values(state="cancelled", finished_at=now, updated_at=now)
            .returning(jobs)
        )

    def forget_file(self, job_id: str) -> None:
        self._connection.execute(update(jobs).where(jobs.c.id == job_id).values(path=None))

    def take_file(self, job_id: str, *, now: dt.datetime) -> str | None:
        """Of a dry run that is done, for the import itself; once."""
        there = select(jobs.c.path).where(jobs.c.id == job_id).scalar_subquery()
        path: str | None = self._connection.execute(select(there)).scalar_one_or_none()
        tested = and_(jobs.c.id == job_id, jobs.c.dry_run, jobs.c.state == "done", jobs.c.path == path)
        taken = self._connection.execute(update(jobs).where(tested).values(path=None, updated_at=now))
        return path if taken.rowcount == 1 else None

    def forget_files(self, host: str, *, finished_before: dt.datetime) -> Sequence[str]:
        """The files of dry runs after which nothing followed."""
        old = and_(jobs.c.host == host, jobs.c.path.is_not(None), jobs.c.finished_at < finished_before)
        paths = [row.path for row in self._connection.execute(select(jobs.c.path).where(old))]
        self._connection.execute(update(jobs).where(old).values(path=None))
        return paths

    def interrupt(self, *, leased_before: dt.datetime, error: str, now: dt.datetime) -> None:
        """Those whose machine has been gone for long."""
        gone = or_(
            and_(jobs.c.state == "running", jobs.c.leased_until < leased_before),
            and_(jobs.c.state == "waiting", jobs.c.updated_at < leased_before),
        )
        self._connection.execute(
            update(jobs).where(gone).values(state="failed", error=error, finished_at=now, updated_at=now)
        )

    def add_problems(self, job_id: str, found: Iterable[ImportProblem]) -> None:
        """One for each line: those of an interrupted run are there already."""
        rows = {
            each.line: {"job_id": job_id, "line": each.line, "who": each.who, "reason": each.reason}
            for each in found
        }
        if rows:
            statement = insert_into(self._connection, problems).values(list(rows.values()))
            self._connection.execute(statement.on_conflict_do_nothing())

    def list_problems(self, job_id: str, *, limit: int, after: int = 0) -> Sequence[ImportProblem]:
        query = (
            select(problems)
            .where(problems.c.job_id == job_id, problems.c.line > after)
            .order_by(problems.c.line)
            .limit(limit)
        )
        return [read(ImportProblem, row) for row in self._connection.execute(query)]

    def _one(self, statement: Any) -> ImportJob | None:
        return read_or_none(ImportJob, self._connection.execute(statement).one_or_none())
