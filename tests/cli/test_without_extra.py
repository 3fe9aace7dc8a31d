"""The command is installed with the bare toolkit too, where it can only say what it lacks; with
`vestibule[cli]` it has the toolkit's own commands."""

import subprocess
import sys
from pathlib import Path

import pytest

from vestibule.crypto.passwords import check_cookie_password

WITHOUT = """
import sys
missing = {missing!r}
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in missing:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
sys.argv[1:] = {arguments!r}
from vestibule.cli import main
main()
"""
OF_THE_SERVER = ("sqlalchemy", "alembic", "starlette", "msgspec", "jinja2", "argon2", "uvicorn", "anyio")


def without(missing: tuple[str, ...], directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = WITHOUT.format(missing=missing, arguments=list(arguments))
    return subprocess.run(
        [sys.executable, "-c", script], cwd=directory, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_missing_extra_is_named(tmp_path: Path) -> None:
    done = without(("typer",), tmp_path)
    assert done.returncode == 2
    assert done.stderr == (
        "The command needs typer: pip install 'vestibule[cli]', "
        "or 'vestibule[server]' for the identity server too\n"
    )


def test_a_secret_is_made_without_the_server(tmp_path: Path) -> None:
    done = without(OF_THE_SERVER, tmp_path, "keygen")
    assert done.returncode == 0, done.stderr
    check_cookie_password(done.stdout.strip())


def test_an_app_is_begun_without_the_server(tmp_path: Path) -> None:
    done = without(OF_THE_SERVER, tmp_path, "init", "--yes", "--framework", "flask")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "main.py").exists()


@pytest.mark.parametrize("arguments", [[], ["--production"]], ids=" ".join)
def test_the_doctor_looks_at_an_app_without_the_server(tmp_path: Path, arguments: list[str]) -> None:
    done = without(OF_THE_SERVER, tmp_path, "doctor", *arguments)
    assert done.returncode == 1, done.stderr
    assert "VESTIBULE_CLIENT_ID is not set" in done.stdout
    assert "The check broke" not in done.stdout


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["serve", "--help"]], ids=" ".join)
def test_what_asks_for_nothing_of_the_server_works_without_it(tmp_path: Path, arguments: list[str]) -> None:
    done = without(OF_THE_SERVER, tmp_path, *arguments)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["serve", "--port", "0"], ["keys", "list"], ["users", "list"], ["dev", "--", "ls"], ["migrate"]],
    ids=" ".join,
)
def test_a_command_of_the_server_names_its_extra(tmp_path: Path, arguments: list[str]) -> None:
    done = without(OF_THE_SERVER, tmp_path, *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(f"vestibule: `vestibule {arguments[0]}` needs ")
    assert done.stderr.endswith(": pip install 'vestibule[server]'\n")
    assert list(tmp_path.iterdir()) == []


def test_the_list_of_commands_names_the_extra_of_those_that_lack_one(tmp_path: Path) -> None:
    done = without(OF_THE_SERVER, tmp_path, "--help")
    assert "Needs the identity server: pip install 'vestibule[server]'" in done.stdout
