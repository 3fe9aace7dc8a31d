"""Every table leaves as lines and comes back as it was, on and between both databases."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary, select, update

from tests.clocks import Clock
from tests.databases import Cluster
from tests.server.apps import PASSWORD, App
from vestibule.cli.exporting import opened_export, write_export
from vestibule.cli.imports.own import bring_export, check_target, left_out
from vestibule.errors import ConfigError
from vestibule.server.identity.context import Identity
from vestibule.server.identity.keys import current_key
from vestibule.server.identity.owned_keys import create_organization_key, validate_key
from vestibule.server.identity.passwords import verify_password
from vestibule.server.identity.users import create_user
from vestibule.server.identity.webhook_outbox import claim
from vestibule.server.identity.webhooks import create_endpoint
from vestibule.server.settings import Settings
from vestibule.server.store import portable
from vestibule.server.store.schema import events, metadata
from vestibule.server.store.store import Store

KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
OTHER = "another-secret-that-only-the-new-place-knows"


@pytest.fixture
def empty(
    request: pytest.FixtureRequest, tmp_path: Path, settings: Settings, clock: Clock
) -> Iterator[Identity]:
    """SQLite unless asked otherwise, whatever the first one is; and under a secret of its own."""
    if getattr(request, "param", "sqlite") == "sqlite":
        url = f"sqlite:///{tmp_path / 'new.db'}"
    else:
        cluster: Cluster = request.getfixturevalue("cluster")
        url = cluster.url(cluster.create_database())
    with closing(Store(url)) as store:
        store.migrate()
        chosen = Settings(public_url=settings.public_url, database=url, secret=OTHER, development=True)
        yield Identity(store, chosen, clock)


@pytest.fixture
def value(app: App) -> str:
    """The value of an API key, beside somebody with a password in an organization."""
    user = app.create_user(password=PASSWORD)
    member = app.create_member(user, "Œuvre & Söhne", roles=["admin"])
    _, value = create_organization_key(app.identity, member.organization_id, name="CI")
    app.sign_in(user)
    return value


def rows(identity: Identity, *, but: frozenset[str] = frozenset()) -> dict[str, list[Any]]:
    """Everything that moves; what is sealed, and numbers the database gives, aside."""
    found = {}
    with identity.store.read() as tx:
        for table in portable.tables():
            columns = [
                each
                for each in table.columns
                if not each.name.endswith("_sealed") and each.name != "position" and each.name not in but
            ]
            query = select(*columns).order_by(*table.primary_key.columns)
            found[table.name] = [tuple(row) for row in tx.connection.execute(query)]
    return found


def move(
    source: Identity, target: Identity, path: Path, *, secrets: bool = True
) -> list[tuple[str, int, str]]:
    refused: list[tuple[str, int, str]] = []
    write_export(source, path, secrets=secrets, seen=lambda kind, number: None)
    with opened_export(path) as export:
        check_target(target.store, export, target.settings)
        bring_export(
            target.store,
            export,
            target.settings,
            refuse=lambda file, line, reason: refused.append((file, line, reason)),
            seen=lambda kind, number: None,
        )
    return refused


@pytest.mark.parametrize("empty", KINDS, indirect=True)
@pytest.mark.parametrize("name", ["export", "export.tar.gz"])
def test_everything_is_the_same_on_the_other_side(
    app: App, value: str, empty: Identity, tmp_path: Path, name: str
) -> None:
    assert move(app.identity, empty, tmp_path / name) == []
    assert rows(empty) == rows(app.identity)
    assert verify_password(empty, "ada@example.com", PASSWORD)
    assert validate_key(empty, value) is not None
    assert current_key(empty).kid == current_key(app.identity).kid
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_bringing_it_again_changes_nothing(app: App, value: str, empty: Identity, tmp_path: Path) -> None:
    move(app.identity, empty, tmp_path / "first")
    before = rows(empty)
    assert move(app.identity, empty, tmp_path / "second") == []
    assert rows(empty) == before


def test_endpoints_are_told_what_happens_after_the_move_and_nothing_before(
    app: App, value: str, empty: Identity, tmp_path: Path
) -> None:
    """Events are numbered anew, so what an endpoint had been told of has another number, too."""
    with app.identity.store.transaction() as tx:
        tx.connection.execute(update(events).values(position=events.c.position + 1_000))
    endpoint = create_endpoint(app.identity, endpoint_url="http://localhost:1/", events=["user.created"])
    create_user(app.identity, email="before@example.com")
    assert move(app.identity, empty, tmp_path / "export") == []
    assert claim(empty) is None
    after = create_user(empty, email="after@example.com")
    batch = claim(empty)
    assert batch is not None
    assert (batch.endpoint.id, [event.data["id"] for _, event in batch.due]) == (endpoint.id, [after.id])


def test_AK_4_no_secret_leaves_unless_asked_for(
    app: App, value: str, empty: Identity, tmp_path: Path
) -> None:
    write_export(app.identity, tmp_path / "plain", secrets=False, seen=lambda kind, number: None)
    text = "".join(path.read_text() for path in (tmp_path / "plain").iterdir())
    assert "hash" not in text
    assert "sealed" not in text
    assert "argon2" not in text
    with opened_export(tmp_path / "plain") as export:
        assert set(left_out(export)) == {"api_keys", "owned_api_keys", "password_credentials", "signing_keys"}
        refused: list[str] = []
        bring_export(
            empty.store,
            export,
            empty.settings,
            refuse=lambda file, line, reason: refused.append(reason),
            seen=lambda kind, number: None,
        )
    assert refused == []
    theirs, ours = rows(empty), rows(app.identity)
    assert theirs["users"] == ours["users"]
    assert theirs["password_credentials"] == []
    everything = tmp_path / "everything"
    write_export(app.identity, everything, secrets=True, seen=lambda kind, number: None)
    assert "PRIVATE KEY" in (everything / "signing_keys.ndjson").read_text()
    assert value not in "".join(path.read_text() for path in everything.iterdir())


def test_it_is_the_owners_alone_and_overwrites_nothing(app: App, tmp_path: Path) -> None:
    for name in ("a", "a.tar"):
        write_export(app.identity, tmp_path / name, secrets=False, seen=lambda kind, number: None)
        with pytest.raises(ConfigError, match="exists already"):
            write_export(app.identity, tmp_path / name, secrets=False, seen=lambda kind, number: None)
    modes = [
        path.stat().st_mode & 0o077
        for path in [tmp_path / "a", tmp_path / "a.tar", *(tmp_path / "a").iterdir()]
    ]
    assert set(modes) == {0}


def test_another_environment_is_not_mixed_in(app: App, empty: Identity, tmp_path: Path) -> None:
    from vestibule.server.identity.environment import ensure_environment

    ensure_environment(empty)
    with pytest.raises(ConfigError, match="another environment"):
        move(app.identity, empty, tmp_path / "export")


def test_rows_that_cannot_be_put_in_are_named_and_the_others_come(
    app: App, value: str, empty: Identity, tmp_path: Path
) -> None:
    path = tmp_path / "export"
    write_export(app.identity, path, secrets=True, seen=lambda kind, number: None)
    users = path / "users.ndjson"
    good = json.loads(users.read_text())
    strange = [
        good | {"id": "user_x", "email_key": "x", "color": "red"},
        good | {"id": "user_y", "email_key": "y", "created_at": "yesterday"},
        good | {"id": "user_z", "email_key": "z", "email_verified": "maybe"},
        good | {"id": "user_n", "email_key": None},
        good | {"id": "user_s", "email_key": "s\ud800"},
        good | {"id": "user_o", "email_key": "o", "created_at": "0001-01-01T00:00:00+00:00", "name": 1 << 70},
    ]
    users.write_text("\n".join([*map(json.dumps, strange), "nonsense", "[]", json.dumps(good)]))
    refused: list[tuple[str, int, str]] = []
    with opened_export(path) as export:
        bring_export(
            empty.store,
            export,
            empty.settings,
            refuse=lambda file, line, reason: refused.append((file, line, reason)),
            seen=lambda kind, number: None,
        )
    assert [(file, line) for file, line, _ in refused] == [("users.ndjson", line) for line in range(1, 9)]
    assert rows(empty)["users"] == rows(app.identity)["users"]


@pytest.mark.parametrize("content", ["", "{}", '{"format": "vestibule-export", "version": 99}', "[]"])
def test_what_is_no_export_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(ConfigError), opened_export(tmp_path):
        pass
    (tmp_path / "file.tar").write_text(content)
    with pytest.raises(ConfigError), opened_export(tmp_path / "file.tar"):
        pass


@pytest.mark.parametrize("broken", [False, True])
def test_an_export_that_came_in_part_is_refused(app: App, tmp_path: Path, *, broken: bool) -> None:
    whole, part = tmp_path / "whole.tar.gz", tmp_path / "part.tar.gz"
    write_export(app.identity, whole, secrets=True, seen=lambda kind, number: None)
    content = whole.read_bytes()
    half = len(content) // 2
    part.write_bytes(content[:half] + (bytes(half) if broken else b""))
    with pytest.raises(ConfigError, match="Cannot read"), opened_export(part):
        pass


def test_rows_that_are_missing_are_told(app: App, value: str, empty: Identity, tmp_path: Path) -> None:
    path = tmp_path / "export"
    write_export(app.identity, path, secrets=True, seen=lambda kind, number: None)
    memberships = path / "memberships.ndjson"
    memberships.write_text("")
    refused: list[tuple[str, int, str]] = []
    with opened_export(path) as export:
        tallies = bring_export(
            empty.store,
            export,
            empty.settings,
            refuse=lambda file, line, reason: refused.append((file, line, reason)),
            seen=lambda kind, number: None,
        )
    assert refused == [("memberships.ndjson", 1, "the file ends here, 1 rows too early")]
    assert (tallies["memberships"].rows, tallies["memberships"].refused) == (1, 1)
    memberships.unlink()
    with pytest.raises(ConfigError, match=r"memberships\.ndjson is missing"), opened_export(path):
        pass


def test_every_table_either_moves_or_is_known_to_stay() -> None:
    """Whoever adds a table decides: what lives for minutes belongs into LEFT_BEHIND."""
    assert set(metadata.tables) >= portable.LEFT_BEHIND
    for table in portable.tables():
        for column in table.foreign_keys:
            assert column.column.table.name not in portable.LEFT_BEHIND, table.name


def test_what_a_digest_hides_is_a_secret_by_its_name() -> None:
    plain = {"passkeys": {"credential_id", "public_key"}, "branding_pictures": {"content"}}
    for table in portable.tables():
        binary = {each.name for each in table.columns if isinstance(each.type, LargeBinary)}
        assert binary - set(portable.secret_columns(table)) <= plain.get(table.name, set())
