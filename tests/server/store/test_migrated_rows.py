"""What was in a database before a migration is in it afterwards."""

from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from tests.databases import Cluster
from vestibule.server.store.engine import open_engine
from vestibule.server.store.migration import LOCATION, be_alone
from vestibule.server.store.rows import Page
from vestibule.server.store.store import Store
from vestibule.server.store.user_searches import Wanted


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        (tmp_path / "empty.db").touch()
        return f"sqlite:///{tmp_path / 'empty.db'}"
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.url(cluster.create_database())


def migrate_to(connection: Connection, revision: str) -> None:
    configuration = Config()
    configuration.set_main_option("script_location", str(LOCATION))
    configuration.set_main_option("path_separator", "os")
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, revision)


def test_permissions_that_were_words_become_objects(empty_url: str) -> None:
    engine = open_engine(empty_url)
    with engine.begin() as connection:
        migrate_to(connection, "0002")
        connection.execute(text("INSERT INTO organizations VALUES ('org_1', 'Acme', NULL, '{}', 1000, 1000)"))
        for number, where in ((1, "NULL"), (2, "'org_1'")):
            values = f"'role_{number}', {where}, 'editor', 'Editor', NULL, {number}000, {number}000"
            connection.execute(text(f"INSERT INTO roles VALUES ({values})"))  # noqa: S608
        for role, permission in (("role_1", "b"), ("role_2", "a"), ("role_2", "b")):
            values = f"'{role}', '{permission}'"
            connection.execute(text(f"INSERT INTO role_permissions VALUES ({values})"))  # noqa: S608
    engine.dispose()
    store = Store(empty_url)
    store.migrate()
    with store.read() as tx:
        permissions = tx.permissions.list(Page(order="asc")).data
        own = tx.roles.find("editor", organization_id="org_1")
        organization = tx.organizations.find("org_1")
    store.close()
    assert [(each.slug, each.name, each.created_at.timestamp()) for each in permissions] == [
        ("b", "b", 1),
        ("a", "a", 2),
    ]
    assert len({each.id for each in permissions}) == 2
    assert own is not None
    assert own.permissions == ("a", "b")
    assert organization is not None
    assert (organization.entitlements, organization.domain_auto_join) == ([], False)


def test_users_and_events_from_before_are_found(empty_url: str) -> None:
    engine = open_engine(empty_url)
    with engine.begin() as connection:
        migrate_to(connection, "0012")
        connection.execute(
            text(
                "INSERT INTO users (id, email, email_key, email_verified, first_name, metadata, created_at, "
                "updated_at) VALUES ('user_1', 'ada@acme.com', 'ada@acme.com', TRUE, 'Ädä', '{}', 1000, 1000)"
            )
        )
        about = text("INSERT INTO events (id, event, data, created_at) VALUES (:id, :event, :data, 1000)")
        for event, data in (
            ("user.created", '{"id":"user_1"}'),
            ("session.created", '{"id":"session_1","user_id":"user_1"}'),
            ("role.created", '{"slug":"admin"}'),
        ):
            connection.execute(about, {"id": f"event_{event}", "event": event, "data": data})
    engine.dispose()
    with closing(Store(empty_url)) as store:
        store.migrate()
        with store.read() as tx:
            for word in ("ada", "@acme", "ada@acme"):
                found = tx.user_searches.list(Wanted(words=(word,)), limit=2).users
                assert [user.id for user in found] == ["user_1"]
            told = [each.event for each in tx.events.list_about("user_1", limit=9)]
    assert told == ["session.created", "user.created"]


@pytest.mark.postgres
def test_a_migration_may_take_its_time_and_nothing_after_it(cluster: Cluster) -> None:
    """An index over millions of rows takes longer than a request may; waiting for a table must not."""
    engine = open_engine(cluster.url(cluster.create_database()))
    asked = text("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
    with engine.begin() as connection:
        be_alone(connection)
        assert tuple(connection.execute(asked).one()) == ("0", "15s")
    with engine.begin() as connection:
        assert tuple(connection.execute(asked).one()) == ("15s", "0")
    engine.dispose()


def test_events_say_who_caused_them_and_why_something_failed(empty_url: str) -> None:
    engine = open_engine(empty_url)
    failed = '{"type":"password","user_id":"user_1","error":{"code":"invalid_credentials","message":"No."}}'
    by_ops = '{"actor":{"id":"user_ops","source":"dashboard"}}'
    with engine.begin() as connection:
        migrate_to(connection, "0015")
        for number, event, data, context in (
            (1, "authentication.password_failed", failed, None),
            (2, "organization.created", '{"id":"org_1"}', by_ops),
            (3, "organization.updated", '{"id":"org_1"}', None),
        ):
            connection.execute(
                text("INSERT INTO events VALUES (:p, :id, :event, :data, :context, NULL, 1000, NULL)"),
                {"p": number, "id": f"event_{number}", "event": event, "data": data, "context": context},
            )
    engine.dispose()
    store = Store(empty_url)
    store.migrate()
    with store.read() as tx:
        rows = tx.connection.execute(text("SELECT reason, actor_id FROM events ORDER BY position")).all()
    store.close()
    assert [tuple(row) for row in rows] == [("invalid_credentials", None), (None, "user_ops"), (None, None)]
