"""`vestibule doctor module:app` and `--url`: the app, and what stands in front of it."""

import json
from pathlib import Path

import pytest

from tests.cli.doctoring import (
    APP,
    OPEN,
    PASSWORD,
    Setup,
    about_the_app,
    about_the_url,
    examined,
    running_app,
)
from tests.cli.projects import free_port, started, write
from tests.cli.running import vestibule


def test_an_app_is_looked_into(tmp_path: Path, setup: Setup) -> None:
    lines = about_the_app(tmp_path, APP, **setup.environment)
    assert {lines[name]["status"] for name in ("app", "framework", "callback", "guards")} == {"ok"}
    talkative = about_the_app(tmp_path, APP + "\nprint('hello')\n", **setup.environment)
    assert talkative["app"]["status"] == "ok"
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


EMBEDDED = """\
from fastapi import FastAPI
from vestibule.fastapi import Auth

app = FastAPI()
Auth.embedded(app, redirect_uri="http://localhost:{port}/auth/callback")
"""


def test_a_server_inside_the_app_is_asked_while_the_app_runs(tmp_path: Path) -> None:
    port = free_port()
    asleep = about_the_app(tmp_path, EMBEDDED.format(port=port))
    assert {line["status"] for line in asleep.values()} == {"ok", "unknown"}
    assert asleep["server"]["mend"] == "Start the app."
    with started(tmp_path, f"uvicorn main:app --port {port}", url=f"http://localhost:{port}"):
        awake = about_the_app(tmp_path, EMBEDDED.format(port=port))
    of_the_server = ("server", "clock", "key_set", "issuer", "client_id", "redirect_uri", "api_key")
    assert {awake[name]["status"] for name in of_the_server} == {"ok"}


DIRECT = """\
from fastapi import FastAPI
from vestibule.fastapi import Auth
from vestibule.oauth import github, oidc

app = FastAPI()
acme = oidc("https://127.0.0.1:9", id="acme", client_id="a")
Auth.direct(app, github(client_id="a", client_secret="b"), acme)
"""


def test_an_app_of_direct_mode_has_providers_and_no_server(tmp_path: Path) -> None:
    given = {"VESTIBULE_BASE_URL": "http://localhost:8000", "VESTIBULE_COOKIE_PASSWORD": PASSWORD}
    lines = about_the_app(tmp_path, DIRECT, **given)
    assert {"server", "client_id", "redirect_uri"}.isdisjoint(lines)
    assert {
        lines[name]["status"] for name in ("settings", "callbacks", "app", "callback", "cookie_flags")
    } == {"ok"}
    assert "github: http://localhost:8000/auth/callback/github" in lines["callbacks"]["found"]
    assert lines["providers"]["status"] == "warning"
    assert "acme" in lines["providers"]["found"]
    without = about_the_app(tmp_path, DIRECT, VESTIBULE_COOKIE_PASSWORD=PASSWORD)
    assert "VESTIBULE_BASE_URL" in without["settings"]["found"]
    assert without["providers"]["status"] == without["callbacks"]["status"] == "unknown"


def test_settings_of_the_code_are_told_from_those_of_the_environment(tmp_path: Path, setup: Setup) -> None:
    source = APP.replace("Auth(app)", "Auth(app, home='/invoices', cookie_name='session-1')")
    write(tmp_path, {"main.py": source})
    env = setup.environment | {"VESTIBULE_COOKIE_NAME": "from-outside"}
    done = vestibule(tmp_path, "doctor", "main:app", "--json", **env)
    settings = {each["name"]: (each["value"], each["source"]) for each in json.loads(done.out)["settings"]}
    assert settings["home"] == ("/invoices", "the app's code")
    assert settings["cookie_name"] == ("from-outside", "environment: VESTIBULE_COOKIE_NAME")


def test_what_comes_through_the_proxy_is_seen(tmp_path: Path, setup: Setup) -> None:
    with running_app(setup) as front:
        lines = about_the_url(tmp_path, setup, front)
        assert {lines[name]["status"] for name in ("public_url", "proxy", "cookie_flags")} == {"ok"}
        assert {path.partition("?")[0] for path in front.asked} == {"/auth/sign-in", "/auth/session"}


@pytest.mark.parametrize(
    ("drops", "adds", "answers", "found"),
    [
        ({"set-cookie"}, {}, {}, "Set-Cookie does not come through"),
        ({"cookie"}, {}, {}, "Cookie does not reach the app"),
        (set(), {"age": "40"}, {}, "A cache on the way"),
        (set(), {}, {"/auth/sign-in": 404}, "answers 404"),
    ],
    ids=["no cookie out", "no cookie in", "cached", "not there"],
)
def test_what_a_proxy_spoils_is_found(
    tmp_path: Path,
    setup: Setup,
    drops: set[str],
    adds: dict[str, str],
    answers: dict[str, int],
    found: str,
) -> None:
    with running_app(setup) as front:
        front.drops, front.adds, front.answers = drops, adds, answers
        line = about_the_url(tmp_path, setup, front)["proxy"]
        assert line["status"] == "error"
        assert found in line["found"]
        assert line["mend"]


def test_an_app_that_believes_to_be_elsewhere_is_found(tmp_path: Path, setup: Setup) -> None:
    with running_app(setup, redirect_uri="http://127.0.0.1:8000/auth/callback") as front:
        line = about_the_url(tmp_path, setup, front)["proxy"]
        assert (line["status"], "127.0.0.1:8000" in line["found"]) == ("error", True)
    elsewhere = examined(tmp_path, "--url", "http://localhost:1", **setup.environment)["lines"]
    assert elsewhere["proxy"]["status"] == "error"
    assert "its cookies stay behind" in elsewhere["public_url"]["found"]
