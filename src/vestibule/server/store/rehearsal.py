"""A database in which everything can be tried and nothing stays."""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection

from vestibule.server.store import backup
from vestibule.server.store.store import Store
from vestibule.server.store.transaction import Transaction


@contextmanager
def rehearsal(url: str) -> Iterator[Store]:
    """For one thread. On SQLite a copy: a transaction of minutes would keep every writer waiting."""
    if url.startswith("sqlite"):
        with tempfile.TemporaryDirectory(prefix="vestibule-rehearsal-") as name:
            copy = Path(name) / "copy.db"
            backup.backup(url, copy)
            with closing(Store(f"sqlite:///{copy}")) as store:
                yield store
        return
    with closing(_Rehearsal(url)) as store:
        yield store


class _Rehearsal(Store):
    """One transaction around all others, taken back at the end."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._stage: Connection = self._engine.connect()
        self._stage.begin()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._stage.begin_nested():
            yield Transaction(self._stage)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        with self._stage.begin_nested() as nested:
            yield Transaction(self._stage)
            nested.rollback()

    def close(self) -> None:
        self._stage.rollback()
        self._stage.close()
        super().close()
