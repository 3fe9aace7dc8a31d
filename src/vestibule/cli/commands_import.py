"""`vestibule import`: people and organizations from other systems, and from an export of our own."""

import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from vestibule.cli.commands_serve import Database
from vestibule.cli.exporting import opened_export
from vestibule.cli.imports.bringing import bring
from vestibule.cli.imports.notes import Notes
from vestibule.cli.imports.own import bring_export, check_target, left_out
from vestibule.cli.imports.workos import WorkOSApi, WorkOSFile
from vestibule.cli.launch import current_settings, opened, prepared
from vestibule.cli.tables import show
from vestibule.cli.watching import counting, reading
from vestibule.send import Sender
from vestibule.server.identity.context import Identity
from vestibule.server.import_files.auth0 import Auth0File
from vestibule.server.import_files.csv_rows import CsvFile
from vestibule.server.import_files.rows import Source
from vestibule.server.store.rehearsal import rehearsal
from vestibule.server.store.store import Store

SOME_REFUSED = 1

bringing = typer.Typer(help="Bring people from elsewhere.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="The file to read.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Try every row, and keep nothing.")]
Restart = Annotated[bool, typer.Option("--restart", help="Begin anew, not where the last run stopped.")]
Report = Annotated[Path | None, typer.Option(help="Where refused rows go. SOURCE.refused.ndjson by default.")]
Delimiter = Annotated[str, typer.Option(help="What stands between the columns.")]
Passwords = Annotated[Path | None, typer.Option(help="The file of password hashes from Auth0's support.")]
Url = Annotated[str, typer.Option(help="Another address of the API.")]
MaybeFile = Annotated[Path | None, typer.Argument(help="A file of objects; without one, the API is asked.")]


@bringing.command("csv")
def csv(
    source: File,
    delimiter: Delimiter = ",",
    dry_run: DryRun = False,
    restart: Restart = False,
    report: Report = None,
    database: Database = None,
) -> int:
    """Bring people from a CSV file whose first line names the columns."""
    return _bring(CsvFile(source, delimiter=delimiter), database, report, dry_run=dry_run, restart=restart)


@bringing.command("auth0")
def auth0(
    source: File,
    passwords: Passwords = None,
    dry_run: DryRun = False,
    restart: Restart = False,
    report: Report = None,
    database: Database = None,
) -> int:
    """Bring people from a bulk export of Auth0 (lines of JSON)."""
    return _bring(Auth0File(source, passwords=passwords), database, report, dry_run=dry_run, restart=restart)


@bringing.command("workos")
def workos(
    source: MaybeFile = None,
    url: Url = "https://api.workos.com",
    dry_run: DryRun = False,
    restart: Restart = False,
    report: Report = None,
    database: Database = None,
) -> int:
    """Bring people, organizations and memberships from WorkOS: its API, or lines of JSON."""
    if source is not None:
        return _bring(WorkOSFile(source), database, report, dry_run=dry_run, restart=restart)
    with closing(Sender()) as sender:
        api = WorkOSApi(url, key=_read_key(), send=sender.send)
        return _bring(api, database, report, dry_run=dry_run, restart=restart)


@bringing.command("vestibule")
def vestibule(source: File, report: Report = None, database: Database = None) -> int:
    """Bring everything from a `vestibule export` into an empty database."""
    settings = current_settings(database)
    refusals = report or Path(f"{source.name}.refused.ndjson")
    refusals.unlink(missing_ok=True)

    def refuse(file: str, line: int, reason: str) -> None:
        with refusals.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"file": file, "line": line, "reason": reason}) + "\n")

    with opened_export(source) as export, closing(Store(settings.database)) as store:
        store.migrate()
        check_target(store, export, settings)
        with counting("Importing") as seen:
            tallies = bring_export(store, export, settings, refuse=refuse, seen=seen)
        prepared(store, settings)
        missing = left_out(export)
    show(
        ("Kind", "Created", "Were here", "Refused"),
        [
            (kind, str(tally.created), str(tally.present), str(tally.refused))
            for kind, tally in tallies.items()
            if tally.rows
        ],
    )
    if missing:
        print(f"vestibule: left out, for the export has no secrets: {', '.join(missing)}", file=sys.stderr)
    return _code(sum(tally.refused for tally in tallies.values()), refusals)


def _bring(source: Source, database: str | None, report: Path | None, *, dry_run: bool, restart: bool) -> int:
    with opened(database) as real, _stage(real, dry_run=dry_run) as identity:
        notes = _notes(source, real, report, dry_run=dry_run)
        done = notes.begin(restart=restart or dry_run)
        if done:
            print(f"vestibule: {done:,} rows are done, going on after them", file=sys.stderr)
        try:
            with reading(source.name, size=source.size) as seen:
                bring(identity, source, notes, done=done, seen=seen)
        except KeyboardInterrupt:
            notes.save()
            raise
        notes.end()
    print(f"{notes.tally}{' (nothing was kept: a dry run)' if dry_run else ''}")
    return _code(notes.tally.refused, notes.report)


@contextmanager
def _stage(real: Identity, *, dry_run: bool) -> Iterator[Identity]:
    if not dry_run:
        yield real
        return
    with rehearsal(real.settings.database) as store:
        yield replace(real, store=store)


def _notes(source: Source, identity: Identity, report: Path | None, *, dry_run: bool) -> Notes:
    into = hashlib.sha256(identity.settings.database.encode()).hexdigest()[:16]
    kind = "dry-run" if dry_run else "import"
    return Notes(
        fingerprint=f"{source.fingerprint} into {into}",
        checkpoint=Path(f"{source.name}.{kind}-checkpoint.json"),
        report=report or Path(f"{source.name}.refused.ndjson"),
    )


def _code(refused: int, report: Path) -> int:
    if not refused:
        return 0
    print(f"vestibule: {refused:,} rows were refused: {report} says which, and why", file=sys.stderr)
    return SOME_REFUSED


def _read_key() -> str:
    """From a person, or a line of a script. Never from an argument: other users see those."""
    if sys.stdin.isatty():
        return str(typer.prompt("API key of WorkOS", hide_input=True))
    return sys.stdin.readline().strip()
