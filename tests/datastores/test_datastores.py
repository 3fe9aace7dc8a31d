"""Both data stores, on real SQLite, PostgreSQL and Redis."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from tests.databases import postgres_cluster
from tests.redis_servers import running_redis
from vestibule.datastores import RedisDataStore, SqlDataStore
from vestibule.errors import ConfigError
from vestibule.session.data import DataStore
from vestibule.testing import Clock

KEY, OTHER = "a" * 64, "b" * 64

Connect = Callable[[], Any]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Connect]:
    with postgres_cluster() as cluster:
        url = cluster.url(cluster.create_database())
        yield lambda: psycopg.connect(url)


@pytest.fixture(scope="module")
def redis_client() -> Iterator["redis.Redis"]:
    with running_redis() as port, redis.Redis(port=port) as client:
        yield client


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def connect(request: pytest.FixtureRequest, tmp_path: Path) -> Connect:
    if request.param == "sqlite":
        return lambda: sqlite3.connect(tmp_path / "app.db")
    found: Connect = request.getfixturevalue("postgres")
    connection = found()
    connection.execute("DROP TABLE IF EXISTS vestibule_data")
    connection.commit()
    connection.close()
    return found


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres), "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> DataStore:
    if request.param == "redis":
        return RedisDataStore(request.getfixturevalue("redis_client"))
    if request.param == "sqlite":
        return SqlDataStore(lambda: sqlite3.connect(tmp_path / "app.db"))
    return SqlDataStore(request.getfixturevalue("postgres"))


def test_what_was_kept_is_found(store: DataStore) -> None:
    store.update(KEY, '{"size": 1}', max_age=60)
    store.update(OTHER, "{}", max_age=60)
    assert store.find(KEY) == '{"size": 1}'


def test_the_last_word_counts(store: DataStore) -> None:
    store.update(KEY, "1", max_age=60)
    store.update(KEY, '"é 100%"', max_age=60)
    assert store.find(KEY) == '"é 100%"'


def test_what_was_deleted_is_gone(store: DataStore) -> None:
    store.update(KEY, "1", max_age=60)
    store.delete(KEY)
    store.delete(KEY)
    assert store.find(KEY) is None


def test_redis_forgets_in_time(redis_client: "redis.Redis") -> None:
    RedisDataStore(redis_client, prefix="shop:").update(KEY, "1", max_age=60)
    assert 0 < int(redis_client.ttl(f"shop:{KEY}")) <= 60
    with redis.Redis(
        port=redis_client.connection_pool.connection_kwargs["port"], decode_responses=True
    ) as texts:
        assert RedisDataStore(texts, prefix="shop:").find(KEY) == "1"


def test_what_has_expired_is_not_found_and_is_purged(connect: Connect) -> None:
    clock = Clock(1_000_000.0)
    store = SqlDataStore(connect, clock=clock)
    store.update(KEY, "1", max_age=60)
    store.update(OTHER, "1", max_age=9000)
    clock.advance(seconds=60)
    assert store.find(KEY) is None
    assert store.purge() == 1
    assert store.purge() == 0
    assert store.find(OTHER) == "1"


def test_it_is_purged_once_an_hour_by_itself(connect: Connect) -> None:
    clock = Clock(1_000_000.0)
    store = SqlDataStore(connect, clock=clock)
    store.update(KEY, "1", max_age=60)
    clock.advance(seconds=3600)
    store.update(OTHER, "1", max_age=60)
    assert store.purge() == 0


def test_processes_that_make_the_table_at_once_do_not_fail(connect: Connect) -> None:
    errors: list[Exception] = []

    def work() -> None:
        try:
            SqlDataStore(connect).update(KEY, "1", max_age=60)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_a_table_that_cannot_be_made_is_the_databases_error(tmp_path: Path) -> None:
    (tmp_path / "app.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        SqlDataStore(lambda: sqlite3.connect(tmp_path / "app.db")).find(KEY)


class Fairy:
    """A connection of a pool, which hides its driver."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def test_a_connection_that_hides_its_driver_needs_a_placeholder(tmp_path: Path) -> None:
    def connect() -> Any:
        return Fairy(sqlite3.connect(tmp_path / "app.db"))

    with pytest.raises(ConfigError, match="placeholder="):
        SqlDataStore(connect).find(KEY)
    assert SqlDataStore(connect, placeholder="?").find(KEY) is None


def test_a_table_has_a_plain_name() -> None:
    with pytest.raises(ConfigError, match="name of a table"):
        SqlDataStore(lambda: sqlite3.connect(":memory:"), table="x; DROP TABLE y")
