"""Copies of the whole database while it is served, and the way back. What was sealed stays sealed in them."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy.engine import URL, make_url

from vestibule.errors import ConfigError
from vestibule.server.store.schema import metadata

SQLITE_MAGIC: Final = b"SQLite format 3\x00"
POSTGRES_MAGIC: Final = b"PGDMP"
ALL_PAGES: Final = -1


class NotEmpty(Exception):
    """The database that was to be overwritten holds an environment."""


class CopyFailed(Exception):
    """A program of PostgreSQL's, or SQLite, could not do it; nothing was changed."""


def backup(url: str, target: Path) -> None:
    """One consistent moment of it. `target` appears when it is whole, readable by its owner alone.

    Raises ConfigError, CopyFailed.
    """
    parsed = make_url(url)
    if target.exists():
        raise ConfigError(f"{target} exists already: name another file, or move it away")
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    try:
        partial.touch(mode=0o600)
    except OSError as error:
        raise ConfigError(f"Cannot write {target}: {error.strerror}") from None
    try:
        if parsed.get_backend_name() == "sqlite":
            _copy_sqlite(_file(parsed), partial)
        else:
            _dump(parsed, partial)
        _flush(partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def restore(url: str, source: Path, *, replace: bool = False) -> None:
    """All of it or nothing. Raises NotEmpty unless `replace`, ConfigError, CopyFailed."""
    parsed = make_url(url)
    kind = _kind(source)
    if kind != parsed.get_backend_name():
        raise ConfigError(
            f"{source} is a backup of {kind}, and the database is {parsed.get_backend_name()}: "
            "a backup goes back into the kind of database it was taken from"
        )
    if kind == "sqlite":
        _restore_sqlite(_file(parsed), source, replace=replace)
    else:
        _restore_postgresql(parsed, source, replace=replace)


def _kind(source: Path) -> str:
    try:
        with source.open("rb") as file:
            head = file.read(len(SQLITE_MAGIC))
    except OSError as error:
        raise ConfigError(f"Cannot read {source}: {error.strerror}") from None
    if head == SQLITE_MAGIC:
        return "sqlite"
    if head.startswith(POSTGRES_MAGIC):
        return "postgresql"
    raise ConfigError(f"{source} is no backup: `vestibule backup` makes one")


def _copy_sqlite(path: Path, target: Path) -> None:
    if not path.exists():
        raise ConfigError(f"There is no database {path}")
    with _sqlite_problems(), closing(_open(path)) as live, closing(_open(target)) as copy:
        # All pages in one step: one read transaction, during which others go on writing to the WAL.
        live.backup(copy, pages=ALL_PAGES)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
        _check(copy)


def _restore_sqlite(path: Path, source: Path, *, replace: bool) -> None:
    with _sqlite_problems(), closing(_open(source, mode="ro")) as copy:
        _check(copy)
        if not _holds_environment(copy):
            raise ConfigError(f"{source} is a SQLite database, but none of Vestibule's")
        _touch(path)
        with closing(_open(path)) as live:
            if not replace and _holds_environment(live):
                raise NotEmpty
            # Through SQLite and not by moving files: no old WAL is ever applied to the new pages.
            copy.backup(live, pages=ALL_PAGES)


def _holds_environment(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_schema WHERE type='table' AND name='environment'")
    if found.fetchone() is None:
        return False
    return connection.execute("SELECT 1 FROM environment LIMIT 1").fetchone() is not None


def _check(connection: sqlite3.Connection) -> None:
    found = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != ("ok",):
        raise CopyFailed(f"the copy is damaged: {found[0]}")


def _open(path: Path, *, mode: str = "rw") -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode={mode}", uri=True, timeout=15)


def _touch(path: Path) -> None:
    try:
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"Cannot write {path}: {error.strerror}") from None


def _file(url: URL) -> Path:
    return Path(url.database or "").absolute()


@contextmanager
def _sqlite_problems() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise CopyFailed(str(error)) from None


def _dump(url: URL, target: Path) -> None:
    with _conninfo(url) as conninfo:
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}", conninfo)


def _restore_postgresql(url: URL, source: Path, *, replace: bool) -> None:
    with _conninfo(url) as conninfo, tempfile.TemporaryDirectory(prefix="vestibule-restore-") as name:
        script = Path(name) / "restore.sql"
        _run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(source))
        if not _makes_environment(script):
            raise ConfigError(f"{source} is a backup of PostgreSQL, but none of Vestibule's")
        if not replace and _environments(conninfo):
            raise NotEmpty
        tables = ", ".join(f'"{table}"' for table in [*sorted(metadata.tables), "alembic_version"])
        quiet = ("--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1")
        emptied = f"--command=DROP TABLE IF EXISTS {tables} CASCADE"
        _run("psql", *quiet, "--single-transaction", emptied, f"--file={script}", conninfo)


def _makes_environment(script: Path) -> bool:
    """Line by line: it is as large as the database."""
    with script.open("rb") as lines:
        return any(line.startswith(b"CREATE TABLE public.environment ") for line in lines)


def _environments(conninfo: str) -> bool:
    exists = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename = 'environment'"
    if _ask(conninfo, exists) == "0":
        return False
    return _ask(conninfo, "SELECT count(*) FROM environment") != "0"


def _ask(conninfo: str, query: str) -> str:
    return _run("psql", "--no-psqlrc", "--tuples-only", "--no-align", f"--command={query}", conninfo).strip()


def _run(program: str, *arguments: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise ConfigError(f"{program} is not on this machine: install PostgreSQL's client programs")
    done = subprocess.run(  # noqa: S603 - fixed programs; the arguments are the operator's own
        [path, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise CopyFailed(f"{program}: {done.stderr.strip()[:1000]}")
    return done.stdout


@contextmanager
def _conninfo(url: URL) -> Iterator[str]:
    """The address for PostgreSQL's programs. The password goes by a file: others can read arguments."""
    plain = url.set(drivername="postgresql", password=None)
    if url.password is None:
        yield plain.render_as_string()
        return
    with tempfile.TemporaryDirectory(prefix="vestibule-passfile-") as name:
        passfile = Path(name) / "passfile"
        passfile.touch(mode=0o600)
        secret = str(url.password).replace("\\", "\\\\").replace(":", "\\:")
        passfile.write_text(f"*:*:*:*:{secret}\n", "utf-8")
        yield plain.update_query_dict({"passfile": str(passfile)}).render_as_string()


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
