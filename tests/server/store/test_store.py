import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from tests.databases import Cluster
from vestibule.errors import ConfigError
from vestibule.server.store.migration import LOCATION, newest_revision
from vestibule.server.store.schema import metadata, rate_windows
from vestibule.server.store.store import Store, StoreUnavailable

COUNT = text("INSERT INTO rate_windows VALUES (:key, 0, 1)")


def test_the_migrations_make_the_tables_of_the_schema(store: Store) -> None:
    with store.read() as tx:
        context = MigrationContext.configure(tx.connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_migrated_store_is_healthy(store: Store) -> None:
    assert store.healthy()


def test_a_database_made_at_once_is_like_a_migrated_one(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'made.db'}")
    store.create()
    assert store.healthy()
    store.migrate()
    with store.read() as tx:
        context = MigrationContext.configure(tx.connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    store.close()


def test_a_store_without_tables_is_not_healthy(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'empty.db'}")
    assert not store.healthy()
    store.close()


def test_a_database_that_does_not_answer_is_not_healthy(tmp_path: Path) -> None:
    store = Store(f"postgresql://nobody@/nothing?host={tmp_path}")
    assert not store.healthy()
    store.close()


def test_migrating_again_changes_nothing(store: Store) -> None:
    with store.transaction() as tx:
        tx.connection.execute(COUNT, {"key": b"kept"})
    store.migrate()
    with store.read() as tx:
        assert tx.connection.execute(select(rate_windows.c.key_hash)).scalar() == b"kept"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.url(cluster.create_database())


def test_processes_may_migrate_at_the_same_moment(empty_url: str) -> None:
    program = "import sys; from vestibule.server.store.store import Store; Store(sys.argv[1]).migrate()"
    running = [subprocess.Popen([sys.executable, "-c", program, empty_url]) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    store = Store(empty_url)
    assert store.healthy()
    store.close()


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.transaction() as tx:
            tx.connection.execute(COUNT, {"key": b"k"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with store.read() as tx:
        assert tx.connection.execute(select(rate_windows)).all() == []


def test_reading_writes_nothing(store: Store) -> None:
    with store.read() as tx:
        tx.connection.execute(COUNT, {"key": b"k"})
    with store.read() as tx:
        assert tx.connection.execute(select(rate_windows)).all() == []


def test_writers_in_many_threads_all_succeed(store: Store) -> None:
    failures: list[Exception] = []

    def write(number: int) -> None:
        try:
            for turn in range(20):
                with store.transaction() as tx:
                    tx.connection.execute(COUNT, {"key": f"{number} {turn}".encode()})
        except SQLAlchemyError as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with store.read() as tx:
        assert len(tx.connection.execute(select(rate_windows)).all()) == 400


def test_a_failed_statement_does_not_show_its_values(store: Store) -> None:
    def twice() -> None:
        with store.transaction() as tx:
            tx.connection.execute(COUNT, {"key": b"canary"})
            tx.connection.execute(COUNT, {"key": b"canary"})

    with pytest.raises(SQLAlchemyError) as caught:
        twice()
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x", "not a url"])
def test_what_cannot_be_a_store_says_so(url: str) -> None:
    with pytest.raises(ConfigError, match=r"sqlite:///file\.db"):
        Store(url)


def test_a_writer_does_not_wait_for_ever(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'busy.db'}", patience=0.01)
    store.migrate()
    refused: list[bool] = []

    def write() -> None:
        try:
            with store.transaction():
                refused.append(False)
        except StoreUnavailable:
            refused.append(True)

    with store.transaction():
        other = threading.Thread(target=write)
        other.start()
        other.join()
    write()
    assert refused == [True, False]
    store.close()


def test_a_database_that_does_not_answer_is_unavailable(tmp_path: Path) -> None:
    store = Store(f"postgresql://nobody@/nothing?host={tmp_path}")
    with pytest.raises(StoreUnavailable), store.read():
        pass
    with pytest.raises(StoreUnavailable):
        store.migrate()
    store.close()


def test_a_file_that_is_away_is_an_error_and_not_a_new_database(tmp_path: Path) -> None:
    path = tmp_path / "moved.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    with store.transaction() as tx:
        tx.connection.execute(COUNT, {"key": b"kept"})
    away = tmp_path / "away"
    away.mkdir()
    _move_database(path, away)
    with pytest.raises(StoreUnavailable), store.transaction() as tx:
        tx.connection.execute(COUNT, {"key": b"lost"})
    assert not store.healthy()
    assert not path.exists()
    _move_database(away / path.name, tmp_path)
    with store.transaction() as tx:
        tx.connection.execute(COUNT, {"key": b"again"})
        keys = set(tx.connection.execute(select(rate_windows.c.key_hash)).scalars())
    assert keys == {b"kept", b"again"}
    store.close()


def test_a_file_put_in_the_place_of_another_is_the_one_that_is_used(tmp_path: Path) -> None:
    path, other = tmp_path / "vestibule.db", tmp_path / "restored" / "vestibule.db"
    other.parent.mkdir()
    for place in (path, other):
        store = Store(f"sqlite:///{place}")
        store.migrate()
        with store.transaction() as tx:
            tx.connection.execute(COUNT, {"key": str(place).encode()})
        store.close()
    store = Store(f"sqlite:///{path}")
    for place in (path, other):
        if place is other:
            other.replace(path)
        with store.read() as tx:
            found = tx.connection.execute(select(rate_windows.c.key_hash)).scalar()
        assert found == str(place).encode()
    store.close()


def test_a_database_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "private.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    store.close()
    assert path.stat().st_mode & 0o077 == 0


def test_a_file_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'no' / 'such' / 'place.db'}")
    with pytest.raises(ConfigError, match="create its directory"):
        store.migrate()


def _move_database(path: Path, directory: Path) -> None:
    for part in sorted(path.parent.glob(path.name + "*")):
        part.replace(directory / part.name)


def test_the_newest_revision_is_the_one_that_alembic_would_end_at() -> None:
    configuration = Config()
    configuration.set_main_option("script_location", str(LOCATION))
    configuration.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(configuration).get_heads() == [newest_revision()]
