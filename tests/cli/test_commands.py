from importlib.metadata import version
from pathlib import Path

import pytest

from tests.cli.running import inside, vestibule
from vestibule.crypto.passwords import check_cookie_password


def test_keygen_makes_secrets_that_every_part_accepts(tmp_path: Path) -> None:
    made = {inside(tmp_path, "keygen").out.strip() for _ in range(3)}
    assert len(made) == 3
    for secret in made:
        check_cookie_password(secret)
    assert not (tmp_path / ".vestibule").exists()


def test_users_are_created_listed_and_deleted(tmp_path: Path) -> None:
    made = inside(tmp_path, "users", "create", "grace@example.com", "--verified")
    assert made.out.startswith("user_")
    listed = inside(tmp_path, "users", "list").out.splitlines()
    assert [line.split("\t")[:3] for line in listed] == [[made.out.strip(), "grace@example.com", "yes"]]
    for deed in ("suspend", "unsuspend"):
        assert inside(tmp_path, "users", deed, "grace@example.com").code == 0
        assert inside(tmp_path, "users", deed, "nobody@example.com").code == 1
    assert inside(tmp_path, "users", "delete", "grace@example.com").code == 0
    assert inside(tmp_path, "users", "list").out == ""
    assert inside(tmp_path, "users", "delete", "grace@example.com").code == 1


def test_operators_are_named_and_the_first_gets_a_link(tmp_path: Path) -> None:
    link = inside(tmp_path, "operators", "link")
    assert "/dashboard/setup?token=" in link.out
    assert inside(tmp_path, "operators", "add", "grace@example.com").out == "grace@example.com is owner.\n"
    late = inside(tmp_path, "operators", "link")
    assert (late.code, "vestibule operators add" in late.err) == (1, True)
    last = inside(tmp_path, "operators", "add", "Grace@example.com", "--role", "admin")
    assert (last.code, "last owner" in last.err) == (1, True)
    inside(tmp_path, "operators", "add", "ada@example.com", "--role", "auditor")
    listed = [line.split("\t")[:2] for line in inside(tmp_path, "operators", "list").out.splitlines()]
    assert listed == [["grace@example.com", "owner"], ["ada@example.com", "auditor"]]
    assert inside(tmp_path, "operators", "remove", "ada@example.com").code == 0
    assert inside(tmp_path, "operators", "remove", "ada@example.com").code == 1


def test_a_password_comes_from_the_prompt_and_never_from_the_arguments(tmp_path: Path) -> None:
    typed = "correct-horse-9-battery\n"
    made = vestibule(tmp_path, "users", "create", "grace@example.com", "--password", stdin=typed)
    assert made.code == 0, made.err
    assert "correct-horse" not in made.out + made.err
    weak = vestibule(tmp_path, "users", "create", "h@example.com", "--password", stdin="password\n")
    assert weak.code == 1
    assert "Traceback" not in weak.err


def test_what_the_rules_refuse_is_a_sentence(tmp_path: Path) -> None:
    refused = inside(tmp_path, "users", "create", "not-an-address")
    assert refused.code == 1
    assert refused.err.startswith("vestibule: ")
    assert "Traceback" not in refused.err


def test_a_signing_key_is_rotated_and_the_old_one_stays_published(tmp_path: Path) -> None:
    before = inside(tmp_path, "keys", "list").out.splitlines()
    assert inside(tmp_path, "keys", "rotate").code == 0
    after = inside(tmp_path, "keys", "list").out.splitlines()
    assert (len(before), len(after)) == (1, 2)
    leaked = inside(tmp_path, "keys", "rotate", "--immediately")
    kid = leaked.out.split()[0]
    (signing,) = (line for line in inside(tmp_path, "keys", "list").out.splitlines() if kid in line)
    assert signing.split("\t")[2] == "-"


def test_an_api_key_is_shown_once_and_revoked(tmp_path: Path) -> None:
    value = inside(tmp_path, "keys", "create", "Deploy").out.strip()
    listed = [line for line in inside(tmp_path, "keys", "list").out.splitlines() if "Deploy" in line]
    assert value not in "".join(listed)
    key_id = listed[0].split("\t")[0]
    assert inside(tmp_path, "keys", "revoke", key_id).code == 0
    assert inside(tmp_path, "keys", "revoke", "api_key_unknown").code == 1


def test_an_api_key_is_replaced_without_a_gap(tmp_path: Path) -> None:
    inside(tmp_path, "keys", "create", "Deploy")
    (line,) = (each for each in inside(tmp_path, "keys", "list").out.splitlines() if "Deploy" in each)
    made = inside(tmp_path, "keys", "replace", line.split("\t")[0], "--overlap", "2")
    assert made.out.startswith("sk_test_")
    lines = [each for each in inside(tmp_path, "keys", "list").out.splitlines() if "Deploy" in each]
    assert sorted(each.split("\t")[-1] == "-" for each in lines) == [False, True]


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        done = inside(tmp_path, "migrate", "--database", "sqlite:///made.db")
        assert (done.code, done.out) == (0, "The database is up to date.\n")
    assert (tmp_path / "made.db").exists()


@pytest.mark.parametrize(
    "arguments",
    [["serve", "--prt", "1"], ["serve", "--port", "x"], ["nothing"], ["keys", "create"]],
    ids=" ".join,
)
def test_a_wrong_call_is_2_and_a_sentence(tmp_path: Path, arguments: list[str]) -> None:
    done = inside(tmp_path, *arguments)
    assert done.code == 2
    assert done.err.startswith("vestibule: ")
    assert "Traceback" not in done.err


def test_a_database_that_cannot_be_one_is_explained(tmp_path: Path) -> None:
    for url in ("mysql://x", "not a url", "sqlite://"):
        done = inside(tmp_path, "migrate", "--database", url)
        assert done.code == 2, url
        assert "Traceback" not in done.err


def test_a_state_file_that_was_damaged_is_explained(tmp_path: Path) -> None:
    (tmp_path / ".vestibule").mkdir()
    (tmp_path / ".vestibule" / "state.json").write_text("{")
    done = inside(tmp_path, "users", "list")
    assert done.code == 2
    assert "delete it" in done.err


def test_every_command_explains_itself(tmp_path: Path) -> None:
    for arguments in (["serve"], ["dev"], ["migrate"], ["keygen"], ["keys"], ["users"], ["keys", "rotate"]):
        done = inside(tmp_path, *arguments, "--help")
        assert done.code == 0
        assert "Usage: vestibule" in done.out


def test_the_version_is_that_of_the_distribution(tmp_path: Path) -> None:
    assert inside(tmp_path, "--version").out == f"vestibule {version('vestibule')}\n"
