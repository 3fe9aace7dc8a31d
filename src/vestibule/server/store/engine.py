"""How each of the two databases is opened."""

import os
import sqlite3
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from vestibule.errors import ConfigError

WRITES: Final = "vestibule_writes"
THREADS: Final = 48  # connections: more than the worker threads that may ask for one at the same time
BUSY_MILLISECONDS: Final = 10_000
CONNECT_SECONDS: Final = 5
STATEMENT_SECONDS: Final = (
    15  # nothing the server asks takes one; a lock that is held for longer is somebody's mistake
)


def open_engine(url: str) -> Engine:
    parsed = _parse(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _sqlite(parsed)
    if backend == "postgresql":
        return _postgresql(parsed)
    raise ConfigError(f"The database {backend!r} is not supported: use sqlite:///file.db or postgresql://…")


def _parse(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError:
        raise ConfigError(
            "The database setting is not a URL: write sqlite:///file.db or postgresql://user@host/name"
        ) from None


def _postgresql(url: URL) -> Engine:
    engine = create_engine(
        _with_timeout(url.set(drivername="postgresql+psycopg")),
        pool_size=THREADS // 4,
        max_overflow=THREADS - THREADS // 4,
        pool_timeout=CONNECT_SECONDS,
        pool_pre_ping=True,  # a database that restarted must not cost anybody an error page
        pool_use_lifo=True,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _with_timeout(url: URL) -> URL:
    if "connect_timeout" in url.query:
        return url
    return url.update_query_dict({"connect_timeout": str(CONNECT_SECONDS)})


def _prepare_postgresql(connection: Any, record: ConnectionPoolEntry) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = '{STATEMENT_SECONDS}s'")
    connection.commit()


def _sqlite(url: URL) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise ConfigError("An in-memory database cannot be shared by threads: name a file, sqlite:///file.db")
    path = Path(url.database or "").absolute()

    def open_file() -> sqlite3.Connection:
        # `rw`: a file that is away is an error, not a new and empty database. `create_file` makes the first.
        return sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, check_same_thread=False)

    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        creator=open_file,
        pool_size=THREADS,
        max_overflow=THREADS,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    _watch_file(engine, path)
    return engine


def create_file(engine: Engine) -> None:
    """The file of a SQLite database that is not there yet, for its owner alone. Raises ConfigError."""
    if engine.dialect.name != "sqlite":
        return
    path = Path(engine.url.database or "").absolute()
    try:
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"The database file {str(path)!r} cannot be made ({error.strerror}): create its directory, let "
            "this user write there, or name another file"
        ) from None


def _watch_file(engine: Engine, path: Path) -> None:
    """A pooled connection would go on writing to a file that was moved away or replaced, as by a restore."""

    def opened(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        record.info["file"] = _identity_of(path)

    def taken(connection: sqlite3.Connection, record: ConnectionPoolEntry, proxy: object) -> None:
        if record.info.get("file") != _identity_of(path):
            raise DisconnectionError("the database file is another one now")

    event.listen(engine, "connect", opened)
    event.listen(engine, "checkout", taken)


def _identity_of(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _prepare_sqlite(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: `_begin_sqlite` does
    connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    _use_wal(connection)
    connection.execute("PRAGMA foreign_keys=ON")
    # In WAL mode NORMAL survives a crash of the process and never corrupts; only a loss of power may take
    # back the last moments, for which FULL would make every refresh wait for the disk.
    connection.execute("PRAGMA synchronous=NORMAL")


def _use_wal(connection: sqlite3.Connection) -> None:
    """The switch needs the file alone for a moment and does not wait for it, whatever busy_timeout says."""
    deadline = time.monotonic() + BUSY_MILLISECONDS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").fetchone()
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    options: dict[str, Any] = dict(connection.get_execution_options())
    # A transaction that reads first and writes later may be refused at the write; one that takes the lock at
    # once cannot.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITES) else "BEGIN")
