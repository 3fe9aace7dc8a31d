"""`vestibule doctor`: all is well at first; then each thing is broken in turn, and found with its mend."""

import datetime as dt
import json
import re
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.cli.doctoring import PASSWORD, Setup, examined, git, status_of
from tests.cli.projects import write
from tests.cli.running import inside, vestibule
from tests.cli.terminal import at_a_terminal
from tests.project.tree import ROOT
from vestibule.cli.doctor.checks import APP, CHECKS, SERVER, SETTINGS
from vestibule.cli.doctor.production.items import ITEMS


def test_all_is_well(tmp_path: Path, setup: Setup) -> None:
    found = examined(tmp_path, code=0, **setup.environment)
    status = {name: line["status"] for name, line in found["lines"].items()}
    needs_more = {"public_url", "app", "framework", "callback", "guards", "proxy"}
    assert {name for name, each in status.items() if each != "ok"} == needs_more
    assert {status[name] for name in needs_more} == {"unknown"}
    assert set(status) == {check.name for check in (*SETTINGS, *SERVER, *APP)}


def test_only_the_identity_server_is_asked_and_no_sign_in_begins(tmp_path: Path, setup: Setup) -> None:
    examined(tmp_path, **setup.environment)
    paths = {path.partition("?")[0] for path in setup.between.asked}
    assert paths == {
        "/.well-known/openid-configuration",
        f"/sso/jwks/{setup.server.client_id}",
        "/user_management/authorize",
        "/organizations",
    }
    authorize = next(path for path in setup.between.asked if "authorize" in path)
    answer = httpx2.get(setup.between.url + authorize)
    assert answer.headers["location"].startswith("http://localhost:8000/auth/callback?error=")
    assert "set-cookie" not in answer.headers


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


def test_the_variables_of_both_families_that_dev_sets_agree(tmp_path: Path, setup: Setup) -> None:
    address = urlsplit(setup.environment["VESTIBULE_URL"])
    both = setup.environment | {
        "WORKOS_API_HOSTNAME": str(address.hostname),
        "WORKOS_API_PORT": str(address.port),
        "WORKOS_API_HTTPS": "false",
    }
    assert status_of(tmp_path, "settings", **both)[0] == "ok"
    said = status_of(tmp_path, "settings", **both | {"WORKOS_API_PORT": "1"})
    assert (said[0], "WORKOS_API_HOSTNAME differ" in said[1]) == ("warning", True)


def test_a_setting_that_is_missing_does_not_hide_what_is_wrong_with_another(
    tmp_path: Path, setup: Setup
) -> None:
    env = setup.environment | {"VESTIBULE_REDIRECT_URI": "http://app.example.com/auth/callback"}
    for missing in ({"VESTIBULE_CLIENT_ID": ""}, {"VESTIBULE_COOKIE_PASSWORD": "short"}):
        assert "app.example.com is on http" in status_of(tmp_path, "cookie_flags", **env | missing)[1]
    for unusable in ("", "nowhere"):
        lines = examined(tmp_path, **env | {"VESTIBULE_REDIRECT_URI": unusable})["lines"]
        assert lines["cookie_flags"]["status"] == lines["redirect_uri"]["status"] == "unknown"
        assert lines["client_id"]["status"] == lines["api_key"]["status"] == "ok"


def test_a_rotation_of_passwords_is_no_contradiction(tmp_path: Path, setup: Setup) -> None:
    env = setup.environment | {
        "VESTIBULE_COOKIE_PASSWORDS": f"{PASSWORD} the-former-one-that-is-still-read-0123",
        "WORKOS_COOKIE_PASSWORD": "of-a-front-end-that-is-not-yet-moved-0123",
    }
    assert status_of(tmp_path, "settings", **env)[0] == "ok"
    assert "2 cookie password(s)" in status_of(tmp_path, "cookie_password", **env)[1]


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


def test_a_session_that_grows_too_large_is_foretold(tmp_path: Path, setup: Setup) -> None:
    for count, status in ((10, "ok"), (50, "warning"), (400, "error")):
        claims = {"permissions": [f"invoices-{number}:read" for number in range(count)]}
        (tmp_path / "claims.json").write_text(json.dumps(claims))
        lines = examined(tmp_path, "--claims", "claims.json", **setup.environment)["lines"]
        assert lines["cookie_size"]["status"] == status, lines["cookie_size"]


def test_an_env_file_that_cannot_be_read_is_explained(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=\xff\xfe\n")
    done = inside(tmp_path, "doctor")
    assert done.code == 2
    assert "Cannot read .env" in done.err


@pytest.mark.parametrize(
    "arguments", [["--url", "app.example.com"], ["--claims", "missing.json"]], ids=" ".join
)
def test_a_wrong_call_is_2(tmp_path: Path, arguments: list[str]) -> None:
    assert inside(tmp_path, "doctor", *arguments).code == 2


@pytest.mark.parametrize(
    ("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)], ids=["", "NO_COLOR"]
)
def test_people_get_colour_unless_they_refuse_it(
    tmp_path: Path, setup: Setup, variables: dict[str, str], coloured: bool
) -> None:
    code, shown = at_a_terminal(
        tmp_path, "doctor", **setup.environment | variables | {"TERM": "xterm-256color"}
    )
    assert code == 0
    assert bool(re.search(r"\x1b\[[\d;]*3\dm", shown)) is coloured
    assert "cookie_password" in shown


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
