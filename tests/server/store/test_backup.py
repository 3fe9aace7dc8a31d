"""The whole database in a file, taken while it is written to, and brought back."""

import datetime as dt
import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.clocks import Clock
from tests.databases import Cluster
from tests.server.apps import App
from vestibule.errors import ConfigError
from vestibule.server.identity.context import Identity
from vestibule.server.identity.keys import current_key
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.users import create_user, find_user_by_email
from vestibule.server.settings import Settings
from vestibule.server.store import backup as copies
from vestibule.server.store.store import Store


@pytest.fixture
def another_url(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> str:
    """An empty database of the same kind."""
    if database_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'another.db'}"
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.url(cluster.create_database())


@pytest.fixture
def another(another_url: str, settings: Settings, clock: Clock) -> Iterator[Identity]:
    with closing(Store(another_url)) as store:
        yield Identity(store, settings, clock)


def test_what_was_there_is_there_again(
    app: App, database_url: str, another_url: str, another: Identity, tmp_path: Path
) -> None:
    user = app.create_user()
    done = app.sign_in(user)
    copies.backup(database_url, tmp_path / "copy")
    app.create_user("later@example.com")
    copies.restore(another_url, tmp_path / "copy")
    assert another.store.healthy()
    assert find_user_by_email(another, "later@example.com") is None
    assert current_key(another).kid == current_key(app.identity).kid
    restored = App(another, app.client_id, app.secret)
    assert restored.refresh(done.refresh_token).user.id == user.id


def test_a_backup_is_one_moment_however_much_is_written_meanwhile(
    app: App, database_url: str, another_url: str, another: Identity, tmp_path: Path
) -> None:
    """An organization and its event come in one transaction: never one without the other."""
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            create_organization(app.identity, name="Busy")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        copies.backup(database_url, tmp_path / "copy")
    finally:
        over.set()
        writer.join()
    copies.restore(another_url, tmp_path / "copy")
    with another.store.read() as tx:
        counts = [
            tx.connection.exec_driver_sql(query).scalar_one()
            for query in (
                "SELECT count(*) FROM organizations",
                "SELECT count(*) FROM events WHERE event = 'organization.created'",
            )
        ]
    assert counts[0] == counts[1]


def test_a_database_that_is_not_empty_is_overwritten_only_when_told(
    app: App, database_url: str, tmp_path: Path
) -> None:
    copies.backup(database_url, tmp_path / "copy")
    app.create_user("later@example.com")
    with pytest.raises(copies.NotEmpty):
        copies.restore(database_url, tmp_path / "copy")
    assert find_user_by_email(app.identity, "later@example.com") is not None
    copies.restore(database_url, tmp_path / "copy", replace=True)
    assert find_user_by_email(app.identity, "later@example.com") is None
    create_user(app.identity, email="after@example.com")


def test_a_backup_is_the_owners_alone_and_never_overwrites(
    app: App, database_url: str, tmp_path: Path
) -> None:
    target = tmp_path / "copy"
    copies.backup(database_url, target)
    assert stat.S_IMODE(os.stat(target).st_mode) == 0o600
    with pytest.raises(ConfigError, match="exists already"):
        copies.backup(database_url, target)
    with pytest.raises(ConfigError, match="Cannot write"):
        copies.backup(database_url, tmp_path / "nowhere" / "copy")
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_no_value_that_was_sealed_or_hashed_is_in_clear_in_it(
    app: App, database_url: str, tmp_path: Path
) -> None:
    done = app.sign_in(app.create_user(password="orbit-lantern-cascade"))
    copies.backup(database_url, tmp_path / "copy")
    content = (tmp_path / "copy").read_bytes()
    for secret in (app.secret, done.refresh_token, "orbit-lantern-cascade", "PRIVATE KEY"):
        assert secret.encode() not in content


@pytest.mark.parametrize("content", [b"", b"PGDM", b"SQLite format 3\x00 and then nothing", b"PGDMP nothing"])
def test_what_is_no_backup_changes_nothing(
    app: App, database_url: str, tmp_path: Path, content: bytes
) -> None:
    user = app.create_user()
    (tmp_path / "copy").write_bytes(content)
    with pytest.raises((ConfigError, copies.CopyFailed)):
        copies.restore(database_url, tmp_path / "copy", replace=True)
    assert find_user_by_email(app.identity, user.email) == user


def test_a_database_of_somebody_else_is_no_backup(database_url: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "copy")) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    with pytest.raises(ConfigError):
        copies.restore(database_url, tmp_path / "copy", replace=True)


def test_a_program_that_is_missing_is_named(cluster: Cluster, tmp_path: Path, settings: Settings) -> None:
    found, os.environ["PATH"] = os.environ["PATH"], str(tmp_path)
    try:
        with pytest.raises(ConfigError, match="pg_dump is not on this machine"):
            copies.backup("postgresql://nobody@localhost/none", tmp_path / "copy")
    finally:
        os.environ["PATH"] = found


def test_a_password_is_in_no_argument(tmp_path: Path) -> None:
    from sqlalchemy.engine import make_url

    url = make_url("postgresql+psycopg://me:a:b\\c@db.example.com:5433/v?sslmode=require")
    with copies._conninfo(url) as conninfo:
        assert "a:b" not in conninfo
        path = Path(str(make_url(conninfo).query["passfile"]))
        assert path.read_text() == "*:*:*:*:a\\:b\\\\c\n"
        assert "sslmode=require" in conninfo
    assert not path.exists()


def test_a_backup_under_another_secret_is_noticed(
    app: App, database_url: str, another_url: str, another: Identity, tmp_path: Path
) -> None:
    copies.backup(database_url, tmp_path / "copy")
    copies.restore(another_url, tmp_path / "copy")
    wrong = Settings(public_url="http://localhost", secret="quite-another-secret-than-the-one-before")
    with pytest.raises(ConfigError) as caught:
        current_key(Identity(another.store, wrong, lambda: dt.datetime.now(dt.UTC)))
    assert caught.value.code == "secret_changed"
