"""`vestibule init`: what it makes is used for real, and nothing that was there is lost."""

import ast
import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.projects import EXISTING, bare_environment, contents, free_port, run_its_tests, started, write
from tests.cli.running import inside, vestibule
from tests.cli.terminal import at_a_terminal
from vestibule.crypto.passwords import check_cookie_password
from vestibule.session.dotenv import read_dotenv

FRAMEWORKS = ["fastapi", "flask", "starlette", "litestar", "django"]


def one_of_them(quick: str) -> list[Any]:
    """Each is started and tested as its own project, which takes seconds: all of them under `make verify`."""
    return [pytest.param(name, marks=[] if name == quick else [pytest.mark.verify]) for name in FRAMEWORKS]


PAGE = {"django": "/account/"}


def repository(directory: Path) -> Path:
    project = directory / "invoices"
    project.mkdir()
    subprocess.run(["git", "init", "-q", "."], cwd=project, check=True)
    return project


def git(directory: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=directory, capture_output=True, text=True, check=True)
    return done.stdout


def next_command(out: str) -> str:
    return next(line.strip() for line in out.splitlines() if "vestibule dev --app-url" in line)


def check_that_it_runs(project: Path, framework: str, out: str, url: str) -> None:
    """Its tests pass; it starts by the printed command; the page asks for a sign-in at the server."""
    assert re.search(r"\d passed", run_its_tests(project))
    with started(project, next_command(out), url=url) as browser:
        assert browser.get("/").status_code == 200
        page = PAGE.get(framework, "/account")
        assert browser.get(page, headers={"sec-fetch-mode": "cors"}).status_code == 401
        sign_in = browser.get(page)
        assert sign_in.headers["location"].split("?")[0].endswith("/auth/sign-in")
        hosted = browser.get(sign_in.headers["location"], follow_redirects=True)
        assert hosted.status_code == 200
        assert hosted.url.path == "/sign-in"
        assert "Sign in" in hosted.text


@pytest.mark.slow
@pytest.mark.parametrize("framework", one_of_them("fastapi"))
def test_an_empty_directory_becomes_an_app_that_runs(tmp_path: Path, framework: str) -> None:
    project, url = repository(tmp_path), f"http://localhost:{free_port()}"
    done = inside(project, "init", "--yes", "--framework", framework, "--app-url", url)
    assert done.code == 0, done.err
    for path in project.rglob("*.py"):
        ast.parse(path.read_bytes())
    assert ".env" not in git(project, "status", "--short", "--untracked-files=all").split()
    check_that_it_runs(project, framework, done.out, url)


@pytest.mark.slow
@pytest.mark.parametrize("framework", one_of_them("django"))
def test_an_app_that_exists_gets_sign_in(tmp_path: Path, framework: str) -> None:
    project, url = repository(tmp_path), f"http://localhost:{free_port()}"
    write(project, EXISTING[framework])
    done = inside(project, "init", "--yes", "--app-url", url)
    assert done.code == 0, done.err
    for name, before in EXISTING[framework].items():
        after = (project / name).read_text().splitlines()
        assert [line for line in before.splitlines() if line not in after] == [], name
    assert f"vestibule[{framework}]" in (project / "requirements.txt").read_text().splitlines()
    check_that_it_runs(project, framework, done.out, url)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("exists", [False, True], ids=["empty", "existing"])
def test_the_second_time_changes_nothing_and_says_so(tmp_path: Path, framework: str, exists: bool) -> None:
    project = repository(tmp_path)
    write(project, EXISTING[framework] if exists else {})
    assert inside(project, "init", "--yes", "--framework", framework).code == 0
    before = contents(project)
    again = inside(project, "init", "--yes", "--framework", framework)
    assert again.code == 0
    assert again.out.startswith("Nothing to do")
    assert contents(project) == before


def test_a_project_as_django_begins_it_passes_its_own_checks_and_tests(tmp_path: Path) -> None:
    def python(*arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=bare_environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    python("-m", "django", "startproject", "shop", ".")
    # the system check of `vestibule.django` asks for a client ID
    assert inside(tmp_path, "init", "--yes", "--client-id", "client_7").code == 0
    assert 'INSTALLED_APPS += ["vestibule.django"]' in (tmp_path / "shop/settings.py").read_text()
    assert "no issues" in python("manage.py", "check")
    assert "Ran 1 test" in python("manage.py", "test")
    assert "1 passed" in run_its_tests(tmp_path)
    assert inside(tmp_path, "init", "--yes").out.startswith("Nothing to do")


def test_a_django_project_that_is_put_together_otherwise_is_left_alone(tmp_path: Path) -> None:
    settings = EXISTING["django"]["shop/settings.py"].replace("MIDDLEWARE = [", "MIDDLEWARE = [][:0] or [")
    write(tmp_path, dict(EXISTING["django"]) | {"shop/settings.py": settings})
    before = (tmp_path / "shop/urls.py").read_text()
    done = inside(tmp_path, "init", "--yes")
    assert "MIDDLEWARE in shop/settings.py is no plain list" in done.out
    assert 'MIDDLEWARE += ["vestibule.django.AuthMiddleware"]' in done.out
    assert (tmp_path / "shop/urls.py").read_text() == before


def test_the_settings_are_secret_and_good(tmp_path: Path) -> None:
    project = repository(tmp_path)
    done = vestibule(project, "init", "--framework", "flask", "--yes", "--client-id", "client_7")
    values = read_dotenv(project / ".env")
    assert values["VESTIBULE_CLIENT_ID"] == "client_7"
    assert values["VESTIBULE_REDIRECT_URI"] == "http://localhost:8000/auth/callback"
    check_cookie_password(values["VESTIBULE_COOKIE_PASSWORD"])
    assert values["VESTIBULE_COOKIE_PASSWORD"] not in done.out + done.err
    assert (project / ".env").stat().st_mode & 0o077 == 0
    example = read_dotenv(project / ".env.example")
    assert example == values | {"VESTIBULE_COOKIE_PASSWORD": ""}
    git(project, "check-ignore", ".env")
    assert ".env.example" in git(project, "status", "--short", "--untracked-files=all").split()


def test_nothing_is_written_by_a_dry_run_or_without_a_yes(tmp_path: Path) -> None:
    write(tmp_path, EXISTING["fastapi"])
    before = contents(tmp_path)
    dry = inside(tmp_path, "init", "--dry-run")
    assert dry.code == 0
    assert "+from vestibule.fastapi import Auth, CurrentSession\n" in dry.out
    assert "+auth = Auth(app)\n" in dry.out
    assert "\x1b" not in dry.out
    unanswered = vestibule(tmp_path, "init", stdin="y\n")
    assert unanswered.code == 1
    assert "--yes" in unanswered.out
    assert contents(tmp_path) == before


def test_a_person_is_asked_for_the_framework_and_then_for_consent(tmp_path: Path) -> None:
    refused, shown = at_a_terminal(tmp_path, "init", typed="rails\nflask\nn\n")
    assert refused == 1
    assert "Which framework?" in shown
    assert "One of django, fastapi" in shown
    assert "Write this?" in shown
    assert "\x1b[32m+from flask import" in shown
    assert list(tmp_path.iterdir()) == []
    agreed, shown = at_a_terminal(tmp_path, "init", typed="flask\ny\n", NO_COLOR="1")
    assert agreed == 0
    assert "\x1b[3" not in shown
    assert (tmp_path / "main.py").exists()


def test_an_existing_file_is_left_alone_and_named(tmp_path: Path) -> None:
    mine = {
        "main.py": "print('mine')\n",
        "tests/test_sign_in.py": "# mine\n",
        "pyproject.toml": "[project]\n",
    }
    write(tmp_path, mine)
    done = inside(tmp_path, "init", "--framework", "starlette", "--yes")
    assert done.code == 0
    assert {name: (tmp_path / name).read_text() for name in mine} == mine
    assert "tests/test_sign_in.py is there already" in done.out
    assert "vestibule.starlette" in (tmp_path / "app.py").read_text()


def test_settings_that_are_there_stay_and_are_not_shown(tmp_path: Path) -> None:
    write(tmp_path, EXISTING["flask"])
    password = "theirs and theirs alone, 0123456789"
    theirs = f"DATABASE_URL=postgres://me:hunter2@db\nWORKOS_COOKIE_PASSWORD='{password}'\n"
    write(tmp_path, {".env": theirs, ".gitignore": "*.pyc\n.env*\n"})
    done = inside(tmp_path, "init", "--yes")
    after = (tmp_path / ".env").read_text()
    assert after.startswith(theirs)
    assert "VESTIBULE_COOKIE_PASSWORD" not in after
    assert "VESTIBULE_CLIENT_ID" in after
    assert "hunter2" not in done.out
    assert "theirs alone" not in done.out
    assert (tmp_path / ".gitignore").read_text().startswith("*.pyc\n.env*\n")


def test_windows_line_endings_are_kept(tmp_path: Path) -> None:
    files = {name: text.replace("\n", "\r\n") for name, text in EXISTING["fastapi"].items()}
    write(tmp_path, files | {".gitignore": "*.pyc\r\n"})
    assert inside(tmp_path, "init", "--yes").code == 0
    for name in (*files, ".gitignore"):
        after = (tmp_path / name).read_bytes()
        assert after.count(b"\n") == after.count(b"\r\n") > files.get(name, "").count("\n")


FACTORY = """\
from fastapi import FastAPI


def create_app(debug: bool = False) -> FastAPI:
    app = FastAPI(debug=debug)

    @app.get("/")
    def home() -> str:
        return "home"

    return app
"""


def test_an_app_factory_gets_it_inside(tmp_path: Path) -> None:
    write(tmp_path, {"shop/__init__.py": "", "shop/web.py": FACTORY})
    done = inside(tmp_path, "init", "--yes")
    assert "    auth = Auth(app)\n\n    @app.get(" in (tmp_path / "shop/web.py").read_text().replace(
        "\n\n\n", "\n\n"
    )
    assert "uvicorn --factory shop.web:create_app --port 8000" in done.out
    assert "1 passed" in run_its_tests(tmp_path)


def test_of_two_apps_one_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": EXISTING["flask"]["main.py"], "b.py": EXISTING["flask"]["main.py"]})
    before = contents(tmp_path)
    unclear = inside(tmp_path, "init", "--yes")
    assert unclear.code == 2
    assert "a.py:app, b.py:app" in unclear.err
    assert contents(tmp_path) == before
    assert inside(tmp_path, "init", "--yes", "--app", "b:app").code == 0
    assert (tmp_path / "a.py").read_bytes() == before["a.py"]
    assert "Auth(app)" in (tmp_path / "b.py").read_text()


@pytest.mark.parametrize(
    "source",
    [
        "from fastapi import FastAPI\n\n\ndef create_app():\n    return FastAPI()\n",
        "from fastapi import FastAPI\n\nclass Auth: ...\n\napp = FastAPI()\n",
        "from fastapi import FastAPI\nx = 1; app = FastAPI()\n",
        "from fastapi import FastAPI\n\n\ndef account(): ...\n\n\napp = FastAPI()\n",
        "if True:\n    from fastapi import FastAPI\napp = FastAPI()\n",
    ],
    ids=["no variable", "a name is taken", "two statements", "the page is taken", "an odd import"],
)
def test_where_it_is_not_certain_the_lines_are_printed(tmp_path: Path, source: str) -> None:
    write(tmp_path, {"main.py": source})
    done = inside(tmp_path, "init", "--yes")
    assert done.code == 0
    assert (tmp_path / "main.py").read_text() == source
    assert "main.py was left alone" in done.out
    assert "from vestibule.fastapi import Auth, CurrentSession" in done.out
    assert "Auth(app)" in done.out
    assert (tmp_path / ".env").exists()


def test_a_page_that_exists_keeps_its_path(tmp_path: Path) -> None:
    page = '\n\n@app.get("/account")\ndef theirs() -> str:\n    return "theirs"\n'
    write(tmp_path, {"main.py": EXISTING["fastapi"]["main.py"] + page})
    assert inside(tmp_path, "init", "--yes").code == 0
    assert '@app.get("/my-account")\ndef my_account(' in (tmp_path / "main.py").read_text()
    assert "1 passed" in run_its_tests(tmp_path)


def test_a_pyproject_that_does_not_parse_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": EXISTING["flask"]["main.py"], "pyproject.toml": "[project\n"})
    done = inside(tmp_path, "init", "--yes")
    assert done.code == 0
    assert "pyproject.toml cannot be read" in done.out
    assert (tmp_path / "pyproject.toml").read_text() == "[project\n"
    assert "pip install 'vestibule[flask]'" in done.out


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('dependencies = ["fastapi"]\n', 'dependencies = ["vestibule[fastapi]", "fastapi"]\n'),
        (
            'dependencies = [\n    "fastapi",  # the framework\n]\n',
            'dependencies = [\n    "vestibule[fastapi]",\n    "fastapi",  # the framework\n]\n',
        ),
        ("dependencies = []\n", 'dependencies = ["vestibule[fastapi]"]\n'),
    ],
    ids=["one line", "lines", "none"],
)
def test_the_dependency_is_declared_in_the_project_table(tmp_path: Path, before: str, after: str) -> None:
    head = '[project]\nname = "x"\nversion = "1"\n'
    write(tmp_path, {"main.py": EXISTING["fastapi"]["main.py"], "pyproject.toml": head + before})
    assert inside(tmp_path, "init", "--yes").code == 0
    assert (tmp_path / "pyproject.toml").read_text() == head + after


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"uv.lock": ""}, "uv add 'vestibule[fastapi]'"),
        ({"pyproject.toml": "[tool.poetry]\n"}, "poetry add 'vestibule[fastapi]'"),
        ({"pdm.lock": ""}, "pdm add 'vestibule[fastapi]'"),
        ({"requirements.in": "fastapi\n", "requirements.txt": "x==1 --hash=sha256:0\n"}, "pip-compile"),
        ({"requirements.txt": "x==1 --hash=sha256:0\n"}, "pip install 'vestibule[fastapi]'"),
    ],
    ids=["uv", "poetry", "pdm", "pip-tools", "hashes"],
)
def test_the_tool_that_owns_the_file_is_named(tmp_path: Path, files: dict[str, str], command: str) -> None:
    write(tmp_path, {"main.py": EXISTING["fastapi"]["main.py"]} | files)
    done = inside(tmp_path, "init", "--yes")
    assert command in done.out
    for name in {*files} - {"requirements.in"}:
        assert (tmp_path / name).read_text() == files[name]


def test_the_framework_is_found_or_asked_for(tmp_path: Path) -> None:
    nothing = inside(tmp_path, "init", "--yes")
    assert nothing.code == 2
    assert "--framework (django, fastapi, flask, litestar, starlette)" in nothing.err
    assert inside(tmp_path, "init", "--yes", "--framework", "rails").code == 2
    write(tmp_path, {"pyproject.toml": '[project]\nname = "x"\ndependencies = ["Flask>=3"]\n'})
    assert inside(tmp_path, "init", "--yes").code == 0
    assert "vestibule.flask" in (tmp_path / "main.py").read_text()


@contextlib.contextmanager
def as_nobody(directory: Path) -> Iterator[None]:
    """Root may write everywhere, so it becomes somebody else, who may look down to the directory."""
    if os.geteuid():
        yield
        return
    private = [each for each in directory.parents if not each.stat().st_mode & 0o011]
    for each in private:
        each.chmod(each.stat().st_mode | 0o011)
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)
        for each in private:
            each.chmod(each.stat().st_mode & ~0o011)


def test_a_directory_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": EXISTING["flask"]["main.py"]})
    assert inside(tmp_path, "init", "--dry-run").code == 0  # and everything is imported
    tmp_path.chmod(0o555)
    before = contents(tmp_path)
    with as_nobody(tmp_path):
        done = inside(tmp_path, "init", "--yes")
    tmp_path.chmod(0o755)
    assert done.code == 1
    assert done.err == "vestibule: Cannot write main.py: Permission denied. Nothing was written.\n"
    assert contents(tmp_path) == before


def test_what_was_written_before_a_failure_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"tests": "a file, where a directory should be"})
    done = inside(tmp_path, "init", "--yes", "--framework", "flask")
    assert done.code == 1
    assert (
        done.err == "vestibule: Cannot write tests/test_sign_in.py: File exists. Written before: main.py.\n"
    )


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": ""})
    assert inside(tmp_path, "init", "main.py", "--framework", "flask").code == 2


def test_a_new_directory_is_made(tmp_path: Path) -> None:
    done = inside(tmp_path, "init", "shop", "--framework", "flask", "--yes")
    assert done.code == 0
    assert "cd shop" in done.out
    assert (tmp_path / "shop" / "main.py").exists()
