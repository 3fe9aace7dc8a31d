"""The database: opening it, one transaction at a time, and bringing its schema up to date."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.pool import QueuePool

from vestibule.server.spans import NO_SPANS, Spans
from vestibule.server.store.engine import WRITES, create_file, open_engine
from vestibule.server.store.migration import create_schema, is_current, upgrade
from vestibule.server.store.transaction import Transaction

PATIENCE: Final = 15.0  # seconds a writer waits for those of its own process


class StoreUnavailable(Exception):
    """The database does not answer, or another writer held it for too long. Nothing has changed."""


class Store:
    """`url` is `sqlite:///path/to/file.db` or `postgresql://user@host/database`.

    One Store serves every thread of a process. It retries nothing: a statement that fails, fails its
    transaction.
    """

    def __init__(self, url: str, *, patience: float = PATIENCE) -> None:
        self._engine: Engine = open_engine(url)
        self._writer = threading.Lock()
        self._patience = patience
        self.spans: Spans = NO_SPANS
        self.watch: Callable[[Sequence[str]], None] | None = None
        """Told the names of the events of each transaction, once it stands."""

    @property
    def url(self) -> str:
        """With its password."""
        return self._engine.url.render_as_string(hide_password=False)

    @property
    def dialect(self) -> str:
        return self._engine.dialect.name

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """All or nothing. Keep it short, and never hash a password or sign a token inside."""
        span = self.spans.span("store.transaction")
        with span, _available(), self._only_writer(), self._write() as connection:
            tx = Transaction(connection)
            yield tx
            happened = tx.finish()
        if happened and self.watch is not None:
            self.watch(happened)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One consistent look; whatever it might write is rolled back."""
        span = self.spans.span("store.read")
        with span, _available(), self._engine.connect() as connection, connection.begin() as transaction:
            yield Transaction(connection)
            transaction.rollback()

    def migrate(self) -> None:
        """Bring the schema up to date; several processes may call this at the same moment."""
        create_file(self._engine)
        with _available(), self._only_writer():
            upgrade(self._write)

    def create(self) -> None:
        """A new database, several times as fast as `migrate` makes it. For tests."""
        create_file(self._engine)
        with _available(), self._only_writer(), self._write() as connection:
            create_schema(connection)

    def healthy(self) -> bool:
        """True when the database answers and its schema is the one this program was written for."""
        try:
            with self._engine.connect() as connection:
                connection.execute(text("SELECT 1"))
                return is_current(connection)
        except Exception:
            return False

    def connections_in_use(self) -> int:
        pool = self._engine.pool
        return pool.checkedout() if isinstance(pool, QueuePool) else 0

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            yield connection

    @contextmanager
    def _only_writer(self) -> Iterator[None]:
        # SQLite admits one writer. Queueing our own threads here is fair and wakes at once,
        # while its busy handler polls with growing sleeps; that one is left for other processes.
        if self.dialect != "sqlite":
            yield
            return
        if not self._writer.acquire(timeout=self._patience):
            raise StoreUnavailable("another writer held the database for too long")
        try:
            yield
        finally:
            self._writer.release()


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, NoConnection) as error:
        raise StoreUnavailable(type(error).__name__) from error
