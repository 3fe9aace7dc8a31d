"""`vestibule doctor`: all is well at first; then each thing is broken in turn, and found with its mend."""

import datetime as dt
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.between import Proxy, proxy
from tests.cli.projects import write
from tests.cli.running import inside, vestibule
from tests.project.tree import ROOT
from tests.servers import Running, running_server
from vestibule.cli.doctor.checks import CHECKS
from vestibule.cli.doctor.production.items import ITEMS

PASSWORD = "kZ3v9Qh1-for-these-tests-and-nothing-else"
SEED: dict[str, Any] = {
    "redirect_uris": [
        {"uri": "http://localhost/auth/callback"},
        {"uri": "https://app.example.com/auth/callback"},
    ]
}


@dataclass(frozen=True, slots=True)
class Setup:
    """A server behind a proxy that passes everything on, until a test spoils it."""

    server: Running
    between: Proxy

    @property
    def environment(self) -> dict[str, str]:
        return {
            "VESTIBULE_URL": self.between.url,
            "VESTIBULE_CLIENT_ID": self.server.client_id,
            "VESTIBULE_API_KEY": self.server.api_key,
            "VESTIBULE_COOKIE_PASSWORD": PASSWORD,
            "VESTIBULE_REDIRECT_URI": "http://localhost:8000/auth/callback",
        }


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setup]:
    with (
        proxy() as between,
        running_server(tmp_path_factory.mktemp("server"), public_url=between.url, seed=SEED) as server,
    ):
        between.target = server.url
        yield Setup(server, between)


@pytest.fixture
def setup(standing: Setup) -> Iterator[Setup]:
    yield standing
    standing.between.answers.clear()
    standing.between.drops.clear()
    standing.between.adds.clear()
    standing.between.asked.clear()


def examined(directory: Path, *arguments: str, code: int | None = None, **environ: str) -> dict[str, Any]:
    """Everything of the JSON report by id, and the exit code that fits it."""
    done = inside(directory, "doctor", "--json", *arguments, **environ)
    found = json.loads(done.out)
    assert done.code == (1 if found["counts"]["error"] else 0)
    assert code in (None, done.code)
    lines = {line["id"]: line for line in [*found["checks"], *found["production"]]}
    return {**found, "lines": lines}


def status_of(directory: Path, check: str, **environ: str) -> tuple[str, str, str]:
    line = examined(directory, **environ)["lines"][check]
    return line["status"], line["found"], line["mend"]


def test_all_is_well(tmp_path: Path, setup: Setup) -> None:
    found = examined(tmp_path, code=0, **setup.environment)
    status = {name: line["status"] for name, line in found["lines"].items()}
    needs_more = {"public_url", "app", "framework", "callback", "guards", "proxy"}
    assert {name for name, each in status.items() if each != "ok"} == needs_more
    assert {status[name] for name in needs_more} == {"unknown"}
    assert set(status) == {check.name for check in CHECKS}


def test_only_the_identity_server_is_asked_and_no_sign_in_begins(tmp_path: Path, setup: Setup) -> None:
    with setup.server.identity.store.read() as tx:
        before = tx.logins.count() if hasattr(tx.logins, "count") else None
    examined(tmp_path, **setup.environment)
    paths = {path.partition("?")[0] for path in setup.between.asked}
    assert paths == {
        "/.well-known/openid-configuration",
        f"/sso/jwks/{setup.server.client_id}",
        "/user_management/authorize",
        "/organizations",
    }
    authorize = next(path for path in setup.between.asked if "authorize" in path)
    assert "response_type=doctor" in authorize
    with setup.server.identity.store.read() as tx:
        assert before == (tx.logins.count() if hasattr(tx.logins, "count") else None)


@pytest.mark.parametrize(
    ("change", "check", "status", "found", "mend"),
    [
        ({"VESTIBULE_CLIENT_ID": ""}, "settings", "error", "VESTIBULE_CLIENT_ID is not set", "each sentence"),
        (
            {"VESTIBULE_COOKIE_PASSWORD": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
            "cookie_password",
            "error",
            "can be guessed",
            "vestibule keygen",
        ),
        (
            {"VESTIBULE_COOKIE_PASSWORD": ""},
            "cookie_password",
            "error",
            "no cookie password",
            "vestibule keygen",
        ),
        (
            {"VESTIBULE_COOKIE_SAME_SITE": "none"},
            "cookie_flags",
            "error",
            "needs https",
            "unset VESTIBULE_COOKIE_SAME_SITE",
        ),
        (
            {"VESTIBULE_COOKIE_SAME_SITE": "strict"},
            "cookie_flags",
            "warning",
            "seems signed out",
            "unset VESTIBULE_COOKIE_SAME_SITE",
        ),
        (
            {"VESTIBULE_REDIRECT_URI": "http://app.example.com/auth/callback"},
            "cookie_flags",
            "error",
            "in clear",
            "https://app.example.com/auth/callback",
        ),
        (
            {
                "VESTIBULE_REDIRECT_URI": "https://app.example.com/auth/callback",
                "VESTIBULE_COOKIE_DOMAIN": "example.com",
            },
            "cookie_flags",
            "warning",
            "every host below",
            "unset VESTIBULE_COOKIE_DOMAIN",
        ),
        ({"VESTIBULE_COOKIE_NAME": "__Host-session"}, "settings", "error", "needs https", "each sentence"),
        (
            {"VESTIBULE_REDIRECT_URI": "http://localhost:8000/elsewhere"},
            "redirect_uri",
            "error",
            "not registered",
            "/user_management/redirect_uris",
        ),
        (
            {"VESTIBULE_CLIENT_ID": "client_of_another_server"},
            "client_id",
            "error",
            "does not know client_of_another_server",
            "VESTIBULE_CLIENT_ID",
        ),
        (
            {"VESTIBULE_CLIENT_ID": "client_of_another_server"},
            "key_set",
            "error",
            "answers 404",
            "VESTIBULE_CLIENT_ID",
        ),
        (
            {"VESTIBULE_API_KEY": "sk_test_that_nobody_made_0123456789"},
            "api_key",
            "error",
            "does not take",
            "vestibule keys create",
        ),
        ({"VESTIBULE_ISSUER": "https://id.example.com"}, "issuer", "error", "calls itself", "VESTIBULE_URL"),
        ({"WORKOS_CLIENT_ID": "client_other"}, "settings", "warning", "WORKOS_CLIENT_ID differ", "Unset"),
    ],
)
def test_what_is_wrong_is_found_with_its_mend(
    tmp_path: Path, setup: Setup, change: dict[str, str], check: str, status: str, found: str, mend: str
) -> None:
    said = status_of(tmp_path, check, **(setup.environment | change))
    assert said[0] == status, said
    assert found in said[1]
    assert mend in said[2]


def test_clocks_that_disagree_are_found(tmp_path: Path, setup: Setup) -> None:
    for minutes, status, word in ((3, "error", "behind"), (-3, "error", "ahead"), (0.5, "warning", "behind")):
        then = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes)
        setup.between.adds["date"] = format_datetime(then, usegmt=True)
        said = status_of(tmp_path, "clock", **setup.environment)
        assert (said[0], word in said[1]) == (status, True)
        assert said[2] == "timedatectl set-ntp true"
    setup.between.drops.add("date")
    assert status_of(tmp_path, "clock", **setup.environment)[0] == "unknown"


def test_a_key_set_that_is_down_or_wrong_is_found(tmp_path: Path, setup: Setup) -> None:
    for status in (503, 200):
        setup.between.answers["/sso/jwks"] = status
        assert status_of(tmp_path, "key_set", **setup.environment)[0] == "error"
    assert status_of(tmp_path, "server", **setup.environment)[0] == "ok"


def test_offline_everything_else_is_still_said(tmp_path: Path, setup: Setup) -> None:
    away = setup.environment | {"VESTIBULE_URL": "http://localhost:1"}
    lines = examined(tmp_path, code=1, **away)["lines"]
    assert [name for name, line in lines.items() if line["status"] == "error"] == ["server"]
    assert lines["cookie_password"]["status"] == lines["cookie_size"]["status"] == "ok"
    for name in ("clock", "key_set", "issuer", "client_id", "redirect_uri", "api_key"):
        assert lines[name]["status"] == "unknown"


def test_nobody_is_asked_whom_the_settings_do_not_name(tmp_path: Path) -> None:
    lines = examined(tmp_path, code=1)["lines"]
    assert lines["server"]["status"] == "unknown"
    assert lines["settings"]["found"].count("is not set") == 3


def test_each_setting_says_where_it_comes_from(tmp_path: Path, setup: Setup) -> None:
    env = setup.environment
    kept = {name: env.pop(name) for name in ("VESTIBULE_CLIENT_ID", "VESTIBULE_COOKIE_PASSWORD")}
    env["WORKOS_API_KEY"] = env.pop("VESTIBULE_API_KEY")
    write(tmp_path, {".env": "".join(f"{name}={value}\n" for name, value in kept.items())})
    settings = {each["name"]: each for each in examined(tmp_path, **env)["settings"]}
    assert settings["url"]["source"] == "environment: VESTIBULE_URL"
    assert settings["client_id"]["source"] == ".env: VESTIBULE_CLIENT_ID"
    assert settings["api_key"]["source"] == "environment: WORKOS_API_KEY"
    assert settings["cookie_name"] == {"name": "cookie_name", "value": "wos-session", "source": "default"}
    assert settings["cookie_passwords"]["value"] == f"hidden, {len(PASSWORD)} characters"


@pytest.mark.parametrize("arguments", [[], ["--json"], ["--production"]], ids=" ".join)
def test_no_secret_is_ever_shown(tmp_path: Path, setup: Setup, arguments: list[str]) -> None:
    """Also those that are wrong, those that another wins over, and those inside an address."""
    env = setup.environment | {
        "VESTIBULE_COOKIE_PASSWORDS": f"{PASSWORD} short-and-secret",
        "WORKOS_API_KEY": "sk_test_another_one_0123456789",
        "VESTIBULE_URL": "https://ada:hunter2-in-the-url@id.example.com",
    }
    write(tmp_path, {".env": "WORKOS_COOKIE_PASSWORD=in-the-file-only-0123456789-abcdefg\n"})
    done = inside(tmp_path, "doctor", *arguments, **env)
    secrets = ("short-and-secret", "hunter2", "in-the-file", "another_one", PASSWORD, setup.server.api_key)
    assert [secret for secret in secrets if secret in done.out + done.err] == []
    assert "cookie_password" in done.out


def test_the_file_with_the_secrets_is_looked_at(tmp_path: Path, setup: Setup) -> None:
    write(tmp_path, {".env": "A=b\n"})
    (tmp_path / ".env").chmod(0o644)
    assert status_of(tmp_path, "env_file", **setup.environment)[0] == "unknown"
    assert status_of(tmp_path, "env_file_mode", **setup.environment)[2] == "chmod 600 .env"
    git(tmp_path, "init", "-q", ".")
    assert status_of(tmp_path, "env_file", **setup.environment)[2] == "echo .env >> .gitignore"
    git(tmp_path, "add", ".env")
    assert "git rm --cached .env" in status_of(tmp_path, "env_file", **setup.environment)[2]
    git(tmp_path, "rm", "-q", "--cached", ".env")
    write(tmp_path, {".gitignore": ".env\n"})
    (tmp_path / ".env").chmod(0o600)
    assert status_of(tmp_path, "env_file", **setup.environment)[0] == "ok"
    assert status_of(tmp_path, "env_file_mode", **setup.environment)[0] == "ok"


def git(directory: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=directory, check=True, capture_output=True)


def test_a_session_that_grows_too_large_is_foretold(tmp_path: Path, setup: Setup) -> None:
    for count, status in ((10, "ok"), (50, "warning"), (400, "error")):
        claims = {"permissions": [f"invoices-{number}:read" for number in range(count)]}
        (tmp_path / "claims.json").write_text(json.dumps(claims))
        lines = examined(tmp_path, "--claims", "claims.json", **setup.environment)["lines"]
        assert lines["cookie_size"]["status"] == status, lines["cookie_size"]


@pytest.mark.parametrize(
    "arguments", [["--url", "app.example.com"], ["--claims", "missing.json"]], ids=" ".join
)
def test_a_wrong_call_is_2(tmp_path: Path, arguments: list[str]) -> None:
    assert inside(tmp_path, "doctor", *arguments).code == 2


APP = """\
from fastapi import FastAPI
from vestibule.fastapi import Auth, CurrentSession

app = FastAPI()
Auth(app)


@app.get("/invoices")
def invoices(session: CurrentSession) -> str:
    return session.user.email
"""
OPEN = '\n\n@app.get("/open")\ndef open_page() -> str:\n    return "anybody"\n'


def about_the_app(directory: Path, source: str, **environ: str) -> dict[str, Any]:
    """In a process of its own: the app is imported."""
    write(directory, {"main.py": source})
    done = vestibule(directory, "doctor", "main:app", "--json", **environ)
    return {line["id"]: line for line in json.loads(done.out)["checks"]}


def test_an_app_is_looked_into(tmp_path: Path, setup: Setup) -> None:
    lines = about_the_app(tmp_path, APP, **setup.environment)
    assert {lines[name]["status"] for name in ("app", "framework", "callback", "guards")} == {"ok"}
    open_page = about_the_app(tmp_path, APP + OPEN, **setup.environment)["guards"]
    assert open_page["status"] == "warning"
    assert "GET /open" in open_page["found"]
    assert open_page["mend"] == "vestibule audit main:app"


def test_an_app_that_cannot_be_used_is_explained(tmp_path: Path, setup: Setup) -> None:
    broken = about_the_app(tmp_path, "raise ValueError('no')\n", **setup.environment)["app"]
    assert (broken["status"], "ValueError: no" in broken["found"]) == ("error", True)
    without = about_the_app(tmp_path, "from flask import Flask\napp = Flask('x')\n", **setup.environment)[
        "app"
    ]
    assert (without["status"], without["mend"]) == ("error", "vestibule init")


def test_settings_of_the_code_are_told_from_those_of_the_environment(tmp_path: Path, setup: Setup) -> None:
    source = APP.replace("Auth(app)", "Auth(app, home='/invoices', cookie_name='session-1')")
    write(tmp_path, {"main.py": source})
    env = setup.environment | {"VESTIBULE_COOKIE_NAME": "from-outside"}
    done = vestibule(tmp_path, "doctor", "main:app", "--json", **env)
    settings = {each["name"]: (each["value"], each["source"]) for each in json.loads(done.out)["settings"]}
    assert settings["home"] == ("/invoices", "the app's code")
    assert settings["cookie_name"] == ("from-outside", "environment: VESTIBULE_COOKIE_NAME")


def test_the_report_is_plain_in_a_pipe_and_says_the_same(tmp_path: Path, setup: Setup) -> None:
    done = vestibule(tmp_path, "doctor", **setup.environment)
    assert done.code == 0
    assert "\x1b" not in done.out + done.err
    assert re.search(r"(?m)^  ok +key_set +1 RS256 key\(s\)", done.out)
    assert done.out.rstrip().endswith("0 warning, 0 error, 6 unknown")


def test_every_check_and_item_is_documented() -> None:
    page = (ROOT / "docs" / "how-to" / "doctor.md").read_text("utf-8")
    names = [check.name for check in CHECKS] + [item.check.name for item in ITEMS]
    assert [name for name in names if f"`{name}`" not in page] == []
    assert [item.check.name for item in ITEMS] == [f"PC-{number}" for number in range(1, 20)]
