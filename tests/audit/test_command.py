"""`vestibule audit`, as a person and as a build server run it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import environment, inside, vestibule

SHOP = """
from fastapi import APIRouter, FastAPI
from vestibule.fastapi import Auth, CurrentSession, requires

app = FastAPI(docs_url=None, redoc_url=None)
Auth(app)

@app.get("/")
def home() -> str:
    return "home"

@app.get("/me")
def me(session: CurrentSession) -> str:
    return session.user.email

@app.delete("/users/{id}", dependencies=[requires(role="admin")])
def delete(id: int) -> str:
    return "deleted"

@app.get("/report")
def report() -> str:
    return "report"

def create_app() -> FastAPI:
    return app

def broken() -> FastAPI:
    raise RuntimeError("no database here")

nothing = 7
"""

ALLOW_HOME = '[tool.vestibule.audit]\nallow = ["GET /"]\n'
ALLOW_ALL = '[tool.vestibule.audit]\nallow = ["GET /", "/report"]\n'
ALLOW_TOO_MUCH = '[tool.vestibule.audit]\nallow = ["GET /", "/report", "GET /gone/*"]\n'

SETTINGS = """
SECRET_KEY = "not a secret"
ROOT_URLCONF = "site_urls"
MIDDLEWARE = ["vestibule.django.AuthMiddleware"]
INSTALLED_APPS = []
ALLOWED_HOSTS = ["localhost"]
"""
URLS = """
from django.http import HttpResponse
from django.urls import include, path
from vestibule.django import requires

@requires(role="admin")
def closed(request):
    return HttpResponse("closed")

def report(request):
    return HttpResponse("report")

urlpatterns = [path("closed/", closed), path("report/", report), path("auth/", include("vestibule.django"))]
"""
ASGI = """
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")
from django.core.asgi import get_asgi_application
application = get_asgi_application()
"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Path]:
    """The command imports it into this process, which forgets it afterwards."""
    (tmp_path / "shop.py").write_text(SHOP)
    before = list(sys.path)
    yield tmp_path
    sys.path[:] = before
    for name in ("shop", "crashes", "needs"):
        sys.modules.pop(name, None)


def report_of(directory: Path, *arguments: str) -> Any:
    return json.loads(inside(directory, "audit", *arguments, "--format", "json").out)


def test_a_table_lists_each_route_with_what_guards_it(shop: Path) -> None:
    done = inside(shop, "audit", "shop:app")
    rows = {line.split()[2] if line[0] in "✓✗◐" else "": line for line in done.out.splitlines() if line}
    assert "signed in (parameter session)" in rows["/me"]
    assert "role admin (dependencies)" in rows["/users/{id}"]
    assert "shop.py:20" in rows["/report"]
    assert rows["/report"].startswith("✗")
    assert "\x1b" not in done.out


def test_what_is_found_is_the_exit_code(shop: Path) -> None:
    done = inside(shop, "audit", "shop:app")
    assert done.code == 1
    assert "shop.py:20: GET /report: Nothing guards it. Put `requires()` on it" in done.out
    assert done.err == ""


@pytest.mark.parametrize("target", ["shop:create_app", "shop:create_app()", "shop", "shop.py:app"])
def test_the_app_is_named_as_for_a_server(shop: Path, target: str) -> None:
    assert {each["path"] for each in report_of(shop, target)["findings"]} == {"/", "/report"}


def test_the_allow_list_is_in_pyproject_toml(shop: Path) -> None:
    (shop / "pyproject.toml").write_text(ALLOW_HOME)
    report = report_of(shop, "shop:app")
    assert [each["path"] for each in report["findings"]] == ["/report"]
    assert [each["path"] for each in report["allowed"]] == ["/"]


def test_an_app_with_nothing_to_find_ends_with_zero(shop: Path) -> None:
    (shop / "pyproject.toml").write_text(ALLOW_ALL)
    done = inside(shop, "audit", "shop:app")
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("4 endpoints, 2 guarded; nothing found, 2 allowed\n")


def test_an_allowance_on_the_command_line_counts_too(shop: Path) -> None:
    assert inside(shop, "audit", "shop:app", "--allow", "GET /", "--allow", "GET /rep*").code == 0


def test_an_allowance_that_allows_nothing_is_a_warning_and_strictly_a_finding(shop: Path) -> None:
    (shop / "pyproject.toml").write_text(ALLOW_TOO_MUCH)
    done = inside(shop, "audit", "shop:app")
    assert done.code == 0
    assert "warning: `GET /gone/*` in the allow-list allows nothing. Delete it." in done.out
    strict = inside(shop, "audit", "shop:app", "--strict")
    assert strict.code == 1
    assert "[allow_unused]" in strict.out


def test_what_the_app_prints_is_no_part_of_the_report(shop: Path) -> None:
    (shop / "shop.py").write_text(SHOP + "print('hello')")
    done = inside(shop, "audit", "shop:app", "--format", "json")
    assert json.loads(done.out)["app"] == "shop:app"
    assert done.err == "hello\n"


def test_a_probe_is_made_on_this_machine_only(shop: Path) -> None:
    done = inside(shop, "audit", "shop:app", "--url", "https://example.com")
    assert (done.code, "is not on this machine" in done.err) == (2, True)


def test_a_probe_tells_what_answers(shop: Path) -> None:
    done = inside(shop, "audit", "shop:app", "--probe", "--unsafe")
    assert "warning: GET /report answered 200 with data, without a session." in done.out
    assert "4 calls were made without a session." in done.out


def test_json_has_all_of_it(shop: Path) -> None:
    report = report_of(shop, "shop:app")
    me = next(each for each in report["endpoints"] if each["path"] == "/me")
    assert me["methods"] == ["GET"]
    assert me["guards"] == [
        {"requires": "signed in", "place": "parameter session", "holds": True, "why_not": None}
    ]
    assert me["page"] == {"guarded": True, "why": "its guard"}
    delete = next(each for each in report["endpoints"] if each["path"] == "/users/{id}")
    assert (delete["input_validated"], delete["source"]) == ("yes", "shop.py:16")
    assert report["ok"] is False
    assert {each["code"] for each in report["findings"]} == {"unguarded"}
    docs = [each["path"] for each in report["endpoints"] if each["kind"] == "docs"]
    assert docs == ["/openapi.json"]


def test_a_page_is_written_to_a_file(shop: Path) -> None:
    done = inside(shop, "audit", "shop:app", "--format", "html", "--output", "guards.html")
    page = (shop / "guards.html").read_text("utf-8")
    assert done.out == "Wrote guards.html.\n"
    assert '<td data-name="admin" class="who open">' in page
    assert "{{" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_what_cannot_be_written_is_said(shop: Path) -> None:
    done = inside(shop, "audit", "shop:app", "--output", "nowhere/guards.txt")
    assert (done.code, done.err) == (
        1,
        "vestibule: Cannot write nowhere/guards.txt: No such file or directory\n",
    )


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("missing:app", "There is no module 'missing'"),
        ("shop:ap", "'shop' has no 'ap' (it has app, create_app)"),
        ("shop:nothing", "is no app of FastAPI, Starlette, Flask, Django or Litestar"),
        ("shop:broken", "shop:broken fails when it is called: RuntimeError: no database here"),
        ("crashes:app", "'crashes' fails when it is imported: ZeroDivisionError"),
        ("needs:app", "'needs' needs 'not_installed_anywhere', which is not installed here"),
        (":app", "names no module"),
    ],
)
def test_an_app_that_cannot_be_loaded_says_what_to_do(shop: Path, target: str, says: str) -> None:
    (shop / "crashes.py").write_text("1 / 0")
    (shop / "needs.py").write_text("import not_installed_anywhere")
    done = inside(shop, "audit", target)
    assert done.code == 2
    assert says in done.err
    assert "Traceback" not in done.err


def test_an_allow_list_that_cannot_be_read_says_what_to_do(shop: Path) -> None:
    (shop / "pyproject.toml").write_text('[tool.vestibule.audit]\nallow = ["GET"]\n')
    done = inside(shop, "audit", "shop:app")
    assert (done.code, "'GET' in the allow-list is no method and path" in done.err) == (2, True)
    (shop / "pyproject.toml").write_text('[tool.vestibule.audit]\nallow = "GET /"\n')
    assert "`allow` in pyproject.toml is a list of texts" in inside(shop, "audit", "shop:app").err


@pytest.mark.parametrize("target", ["site_settings", "site_asgi:application"])
def test_a_django_project_is_named_by_its_settings_or_by_what_a_server_runs(
    tmp_path: Path, target: str
) -> None:
    (tmp_path / "site_settings.py").write_text(SETTINGS)
    (tmp_path / "site_urls.py").write_text(URLS)
    (tmp_path / "site_asgi.py").write_text(ASGI)
    report = json.loads(vestibule(tmp_path, "audit", target, "--format", "json").out)
    assert [each["path"] for each in report["findings"]] == ["/report/"]
    assert report["framework"] == "django"


WITHOUT_SERVER = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"sqlalchemy", "msgspec", "alembic", "jinja2", "uvicorn", "argon2"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
sys.argv = ["vestibule", "audit", "shop:app", "--allow", "/", "--allow", "/report"]
from vestibule.cli import main
main()
"""


def test_it_needs_no_server(shop: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_SERVER],
        cwd=shop,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(", 2 allowed\n")
