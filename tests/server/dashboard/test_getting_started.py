"""What a page tells people to write has to work: the snippets run, and are those of the documents."""

import ast
import importlib
import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.server.dashboard.office import Office
from vestibule.server.dashboard.getting_started import FRAMEWORKS, PATH, snippet
from vestibule.server.identity.api_keys import find_api_key, list_api_keys
from vestibule.server.identity.environment import get_client_id
from vestibule.server.identity.redirect_uris import ensure_redirect_uri
from vestibule.session.dotenv import parse_dotenv

ROOT = Path(__file__).parents[3]
PYTHON = ("fastapi", "starlette", "flask", "django", "litestar", "oidc")


def lines_of(page: str) -> dict[str, str]:
    return parse_dotenv(page.split('aria-label="The lines of ')[1].split("<code>")[1].split("</code>")[0])


def test_the_lines_carry_this_servers_own_values(office: Office) -> None:
    ensure_redirect_uri(office.identity, "https://app.example.com/callback")
    auditor = office.operator("auditor")
    for each in FRAMEWORKS:
        page = auditor.read(PATH, framework=each.key)
        values = lines_of(page)
        assert get_client_id(office.identity) in values.values()
        assert "https://app.example.com/callback" in values.values()
        assert snippet(each.key) in page
    assert values["OIDC_ISSUER"] == office.identity.settings.public_url
    assert lines_of(auditor.read(PATH, framework="nextjs"))["WORKOS_API_HOSTNAME"] == "localhost"


def test_an_api_key_is_made_here_and_shown_once(office: Office) -> None:
    admin = office.operator("admin")
    assert "Make an API key for these lines" not in office.operator("support").read(PATH)
    answer = admin.post(PATH + "/api-key", framework="flask")
    assert answer.status_code == 200
    key = lines_of(answer.text)["VESTIBULE_API_KEY"]
    assert find_api_key(office.identity, key) is not None
    assert key not in admin.read(PATH, framework="flask")
    assert len(list_api_keys(office.identity)) == 3
    (event, *_) = office.events("environment_api_key.created")
    assert event.context is not None
    assert event.context["actor"]["id"] == admin.user.id


def test_the_list_is_ticked_off_as_things_are_done(office: Office) -> None:
    auditor = office.operator("auditor")
    before = auditor.read(PATH).count("tick-done")
    ensure_redirect_uri(office.identity, "https://app.example.com/callback")
    assert auditor.read(PATH).count("tick-done") == before + 1


@pytest.mark.parametrize("name", PYTHON)
def test_what_is_written_in_python_is_python(name: str) -> None:
    ast.parse(snippet(name))


def test_the_first_snippet_is_that_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    code = readme.split("```python\n", 1)[1].split("```", 1)[0]
    missing = [line for line in snippet("fastapi").splitlines() if line not in code]
    assert missing == []


@pytest.mark.parametrize("name", ["fastapi", "starlette", "litestar", "flask"])
def test_the_smallest_app_runs_and_lets_no_stranger_in(
    office: Office, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure_redirect_uri(office.identity, "http://localhost/auth/callback")
    for variable, value in lines_of(office.operator("auditor").read(PATH, framework=name)).items():
        monkeypatch.setenv(variable, value)
    module = f"smallest_{name}_app"
    (tmp_path / f"{module}.py").write_text(snippet(name))
    monkeypatch.syspath_prepend(tmp_path)
    app = importlib.import_module(module).app
    del sys.modules[module]
    if name == "flask":
        assert app.test_client().get("/me").status_code == 401
        return
    with TestClient(app) as client:
        assert client.get("/me").status_code == 401
