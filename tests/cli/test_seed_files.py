import json
from pathlib import Path
from typing import Any

import pytest

from tests.project.tree import ROOT
from vestibule.cli.seed_files import SeedFile, read_seed
from vestibule.errors import ConfigError
from vestibule.server.identity.context import Identity
from vestibule.server.identity.memberships import list_active_memberships
from vestibule.server.identity.users import find_user_by_email
from vestibule.server.settings import Settings
from vestibule.server.store.store import Store

YAML = """\
# people of the tests
users:
  - email: ada@example.com
    email_verified: true
  - email: grace@example.com
    color: red
organizations:
  - name: Acme
  - {id: org_labs}
"""
TOML = '[[users]]\nemail = "ada@example.com"\n'


def written(path: Path, text: str) -> SeedFile:
    path.write_text(text)
    return read_seed(path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("s.yaml", "users:\n  - email: ada@example.com\n"),
        ("s.yml", "users: [{email: ada@example.com}]"),
        ("s.toml", TOML),
        ("s.json", '{"users": [{"email": "ada@example.com"}]}'),
    ],
)
def test_each_format_says_the_same(tmp_path: Path, name: str, text: str) -> None:
    assert written(tmp_path / name, text).data == {"users": [{"email": "ada@example.com"}]}


def test_an_empty_file_is_an_empty_seed(tmp_path: Path) -> None:
    assert written(tmp_path / "s.yaml", "# nothing yet\n").data == {}


def test_a_place_is_found_by_its_line(tmp_path: Path) -> None:
    file = written(tmp_path / "s.yaml", YAML)
    assert [file.line_of(place) for place in ("users", "users[0]", "users[1].color", "users[1].size")] == [
        *(2, 3, 6, 5)
    ]
    assert file.line_of("organizations[1]") == 9
    assert file.line_of("nothing[3].at.all") is None
    kept = written(tmp_path / "s.json", json.dumps({"users": [{"email": "x"}]}, indent=1))
    assert kept.line_of("users[0].email") == 4
    assert written(tmp_path / "s.toml", TOML).line_of("users[0]") is None


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("s.yaml", "users: [", "s.yaml is not valid"),
        ("s.yaml", "users: []\nroles: []\nusers: []\n", "s.yaml, line 3: 'users' is there twice"),
        ("s.yaml", "users:\n- {email: a, email: b}\n", "line 2: 'email' is there twice"),
        ("s.yaml", "- users\n", "must hold one table"),
        ("s.yaml", "users: !!python/object/apply:os.getcwd []", "s.yaml is not valid"),
        ("s.json", "[]", "must hold one table"),
        ("s.json", '{"users": ', "s.json is not valid"),
        ("s.toml", "users = ", "s.toml is not valid"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        written(tmp_path / name, text)
    assert says in str(caught.value)


def test_a_mistake_is_told_with_file_and_line(tmp_path: Path) -> None:
    file = written(tmp_path / "people.yaml", YAML)
    with pytest.raises(ConfigError) as caught:
        file.sow(empty(tmp_path))
    assert str(caught.value) == f"{tmp_path / 'people.yaml'}, line 9: organizations[1] lacks 'name'"
    assert caught.value.code == "seed_invalid"
    mended = written(tmp_path / "people.yaml", YAML.replace("{id: org_labs}", "name: Labs"))
    with pytest.raises(ConfigError, match=r"people.yaml, line 6: users\[1\]\.color is not known here"):
        mended.sow(empty(tmp_path))
    unknown = written(tmp_path / "people.yaml", "users: []\npeople: []\n")
    with pytest.raises(ConfigError, match=r"people.yaml, line 2: 'people' is not a part"):
        unknown.sow(empty(tmp_path))
    with pytest.raises(ConfigError, match=r"people.toml: users\[0\]"):
        written(tmp_path / "people.toml", '[[users]]\nemail = "x"\n').sow(empty(tmp_path))


def test_a_good_one_is_sown(tmp_path: Path) -> None:
    identity = empty(tmp_path)
    written(tmp_path / "s.yaml", "users:\n  - email: ada@example.com\n").sow(identity)
    assert find_user_by_email(identity, "ada@example.com") is not None


def empty(directory: Path) -> Any:
    database = f"sqlite:///{directory / 'vestibule.db'}"
    store = Store(database)
    store.migrate()
    chosen = {"public_url": "http://localhost", "secret": "nothing is kept under this secret for long"}
    return Identity(store, Settings(**chosen, database=database, development=True))  # type: ignore[arg-type]


def test_the_seed_of_the_reference_is_sown(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "reference" / "commands.md").read_text("utf-8")
    text = page.partition("```yaml\n")[2].partition("```")[0]
    identity = empty(tmp_path)
    for _ in range(2):
        written(tmp_path / "s.yaml", text).sow(identity)
    grace = find_user_by_email(identity, "grace@example.com")
    assert grace is not None
    assert [name for _, name in list_active_memberships(identity, grace.id)] == ["Example"]
