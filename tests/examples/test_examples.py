"""Each example, started by its one command and walked by a browser without JavaScript."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.examples.running import EXAMPLES, AgainstWorkOS, Example, command, names
from tests.server.hosted import follow, submit

NAVIGATE = {"accept": "text/html", "sec-fetch-mode": "navigate", "sec-fetch-site": "none"}
OWN = {"accept": "text/html", "sec-fetch-site": "same-origin"}
LINES = 60

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=names())
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    with Example(request.param, tmp_path_factory.mktemp("example")) as running:
        yield running


@pytest.fixture
def browser(example: Example) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=example.app, headers=NAVIGATE, timeout=20) as browser:
        yield browser


def test_a_stranger_sees_two_links_and_gets_no_further(browser: httpx2.Client) -> None:
    page = browser.get("/")
    assert page.status_code == 200
    assert {path for path, text in links(page) if text in ("Sign in", "Sign up")} == {
        "/auth/sign-in",
        "/auth/sign-up",
    }
    assert browser.get("/static/style.css").headers["content-type"].startswith("text/css")
    away = browser.get("/account")
    assert (away.status_code, away.headers["location"]) == (303, "/auth/sign-in?return_to=%2Faccount")
    for path in ("/api/me", "/api/reports"):
        refused = httpx2.get(browser.base_url.join(path))
        assert refused.status_code == 401
        assert refused.json()["error"]["code"] == "signed_out"


def test_ada_signs_in_looks_around_and_leaves(example: Example, browser: httpx2.Client) -> None:
    page = arrive(browser, browser.get("/account"))
    assert page.status_code == 200
    back = submit(browser, page, email="ada@example.com", password=example.demo_password)
    account = arrive(browser, back)
    assert account.url.path == "/account"
    assert "ada@example.com" in account.text
    assert browser.get("/api/me").json() == {"email": "ada@example.com"}
    assert browser.get("/api/reports").json() == ["March", "April"]
    assert "Hello, Ada" in browser.get("/").text

    (path,) = re.findall(r'<form method="post" action="([^"]+)"', account.text)
    gone = arrive(browser, browser.post(path, data=csrf(account), headers=OWN))
    assert "Hello, stranger" in gone.text
    assert browser.get("/account").status_code == 303


@pytest.mark.parametrize("name", names())
def test_with_the_variables_of_WorkOS_alone_sign_in_leads_there(name: str, tmp_path: Path) -> None:
    with AgainstWorkOS(name, tmp_path) as example:
        away = httpx2.get(f"{example.app}/auth/sign-in", headers=NAVIGATE)
        assert away.headers["location"].startswith("https://api.workos.com/user_management/authorize?")
        assert "client_id=client_of_workos" in away.headers["location"]


@pytest.mark.parametrize("name", names())
def test_an_example_is_small_and_has_one_command(name: str) -> None:
    code = [path for path in (EXAMPLES / name).rglob("*.py") if "__pycache__" not in path.parts]
    assert sum(len(path.read_text("utf-8").splitlines()) for path in code) < LINES
    assert len((EXAMPLES / name / "README.md").read_text("utf-8").splitlines()) <= 11
    assert command(name).startswith("vestibule dev ")


@pytest.mark.parametrize("path", ["static/style.css"])
def test_the_examples_look_alike(path: str) -> None:
    assert len({Path(EXAMPLES, name, path).read_bytes() for name in names()}) == 1


def links(page: httpx2.Response) -> list[tuple[str, str]]:
    return re.findall(r'<a [^>]*href="([^"]+)"[^>]*>([^<]+)</a>', page.text)


def csrf(page: httpx2.Response) -> dict[str, str]:
    """Django's own token, where there is one."""
    return dict(re.findall(r'name="(csrfmiddlewaretoken)" value="([^"]+)"', page.text))


def arrive(browser: httpx2.Client, response: httpx2.Response) -> httpx2.Response:
    """Follows redirects between the app and the server, as the address bar would."""
    for _ in range(10):
        response = follow(browser, response)
        if not response.has_redirect_location:
            return response
        response = browser.get(response.headers["location"])
    raise AssertionError("redirects without end")
