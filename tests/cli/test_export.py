import io
import tarfile
from pathlib import Path

import pytest

from tests.cli.running import inside

HERE = {"VESTIBULE_SERVER_SECRET": "a secret of the place it came from, quite long"}
THERE = {"VESTIBULE_SERVER_SECRET": "a secret of the place it goes to, as long as it"}


def test_everything_moves_to_another_database(tmp_path: Path) -> None:
    inside(tmp_path, "users", "create", "ada@example.com", **HERE)
    inside(tmp_path, "keys", "create", "CI", **HERE)
    done = inside(tmp_path, "export", "everything.tar.gz", "--include-secrets", **HERE)
    assert (done.code, "can sign in as anybody" in done.err) == (0, True)
    assert "users\t1\n" in done.out
    target = ("--database", "sqlite:///new.db")
    brought = inside(tmp_path, "import", "vestibule", "everything.tar.gz", *target, **THERE)
    assert (brought.code, brought.err) == (0, "")
    assert "users\t1\t0\t0\n" in brought.out
    for command in (("users", "list"), ("keys", "list")):
        assert inside(tmp_path, *command, *target, **THERE).out == inside(tmp_path, *command, **HERE).out


def test_without_secrets_nothing_is_warned_of_and_what_is_missing_is_said(tmp_path: Path) -> None:
    inside(tmp_path, "keys", "create", "CI", **HERE)
    done = inside(tmp_path, "export", "plain", **HERE)
    assert (done.code, done.err) == (0, "")
    brought = inside(tmp_path, "import", "vestibule", "plain", "--database", "sqlite:///new.db", **THERE)
    assert (brought.code, "left out" in brought.err, "api_keys" in brought.err) == (0, True, True)


def test_an_export_does_not_go_into_another_environment(tmp_path: Path) -> None:
    inside(tmp_path, "export", "plain", **HERE)
    (tmp_path / "other").mkdir()
    inside(tmp_path / "other", "users", "list", **HERE)
    refused = inside(tmp_path / "other", "import", "vestibule", "../plain", **HERE)
    assert (refused.code, "another environment" in refused.err) == (2, True)


def test_refused_rows_are_reported(tmp_path: Path) -> None:
    inside(tmp_path, "users", "create", "ada@example.com", **HERE)
    inside(tmp_path, "export", "plain", **HERE)
    with (tmp_path / "plain" / "users.ndjson").open("a") as file:
        file.write("{}\n")
    brought = inside(tmp_path, "import", "vestibule", "plain", "--database", "sqlite:///new.db", **HERE)
    assert (brought.code, "plain.refused.ndjson" in brought.err) == (1, True)
    assert '"users.ndjson"' in (tmp_path / "plain.refused.ndjson").read_text()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("../escaped", tarfile.REGTYPE),
        ("/vestibule-escaped", tarfile.REGTYPE),
        ("a/b", tarfile.REGTYPE),
        ("..", tarfile.REGTYPE),
        ("manifest.json", tarfile.SYMTYPE),
        ("users.ndjson", tarfile.LNKTYPE),
        ("folder", tarfile.DIRTYPE),
        ("pipe", tarfile.FIFOTYPE),
    ],
)
def test_an_archive_with_anything_but_plain_files_is_refused(tmp_path: Path, name: str, kind: bytes) -> None:
    with tarfile.open(tmp_path / "hostile.tar", "w") as tar:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, "/etc/passwd"
        content = b"{}" if kind == tarfile.REGTYPE else b""
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    refused = inside(tmp_path, "import", "vestibule", "hostile.tar", **HERE)
    assert (refused.code, "has no place in an export" in refused.err) == (2, True)
    assert not (tmp_path.parent / "escaped").exists()
    assert not Path("/vestibule-escaped").exists()
