"""TanStack Start as the guide of Aura Auth writes it, on our client and on Python in direct mode."""

import re
from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import Page, Request, expect

from tests.e2e.conftest import Visits
from tests.e2e.people import heading
from tests.e2e.test_every_page import axe_problems, layout_problems
from tests.examples.made import made
from tests.frontends import compatibility
from tests.frontends.example import Example

pytestmark = [pytest.mark.e2e, pytest.mark.frontends, pytest.mark.verify]

EXAMPLE = Example(name="direct-tanstack-start", client="@vestibule/client", back_end="FastAPI")
COOKIE = "vestibule-session"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Built as for production; each request renews the session, so that it shows who hands cookies on."""
    policy = {"VESTIBULE_POLICY": "rolling", "NODE_ENV": "production", "CI": "1"}
    with made(EXAMPLE.name, tmp_path_factory.mktemp("direct"), policy, door="start") as app:
        yield app


@pytest.fixture(autouse=True)
def _noted(request: pytest.FixtureRequest) -> Iterator[None]:
    """For docs/compatibility.md."""
    yield
    if not request.session.testsfailed:
        compatibility.note(EXAMPLE, request.node.originalname.removeprefix("test_"))


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=re.compile(name)).click()


def session_cookie(page: Page) -> str | None:
    return next((each["value"] for each in page.context.cookies() if each["name"] == COOKIE), None)


def sign_in(page: Page, app: str, provider: str = "GitHub") -> None:
    """On the guide's /login, by a server function."""
    page.goto(app + "/dashboard")
    page.wait_for_url(app + "/login")
    page.wait_for_load_state("networkidle")
    press(page, f"Sign in with {provider}")
    heading(page, f"Sign in with {provider}")
    press(page, "ada@example.com")
    page.wait_for_url(app + "/dashboard")


def test_the_server_functions_of_the_guide_sign_in_and_out(app: str, visits: Visits) -> None:
    with visits.page() as page:
        sign_in(page, app)
        heading(page, "Welcome, Ada!")
        expect(page.locator("dl")).to_contain_text("Punch cards for the loom, for Ada")
        before = session_cookie(page)
        page.wait_for_timeout(1100)  # lifetimes are in whole seconds
        page.reload()
        heading(page, "Welcome, Ada!")
        assert session_cookie(page) not in (None, before)  # Python's new one came through TanStack Start
        page.get_by_role("link", name="Sign out").click()
        heading(page, "Sign out")
        press(page, "Sign out")
        heading(page, "Hello, stranger.")
        assert session_cookie(page) is None
        page.goto(app + "/dashboard")
        page.wait_for_url(app + "/login")


def test_the_client_of_the_guide_signs_in_and_out_in_every_tab(app: str, visits: Visits) -> None:
    with visits.page() as page:
        page.goto(app + "/")
        heading(page, "Hello, stranger.")
        press(page, "Sign in with Google")
        heading(page, "Sign in with Google")
        press(page, "grace@example.com")
        heading(page, "Welcome, Grace!")
        page.get_by_role("link", name="Home").click()
        heading(page, "Welcome back, Grace")
        expect(page.get_by_text("Email: grace@example.com")).to_be_visible()
        assert page.evaluate("[localStorage.length, document.cookie]") == [0, ""]
        other = page.context.new_page()
        other.goto(app + "/")
        heading(other, "Welcome back, Grace")
        press(page, "Sign out")
        heading(page, "Hello, stranger.")
        heading(other, "Hello, stranger.")
        other.close()  # a page that gets the focus while its browser closes asks once more


def test_nobody_signs_in_who_says_no_at_the_provider(app: str, visits: Visits) -> None:
    with visits.page() as page:
        page.goto(app + "/")
        press(page, "Sign in with GitHub")
        press(page, "Cancel")
        heading(page, "Sign-in did not finish")
        page.goto(app + "/")
        heading(page, "Hello, stranger.")


def test_python_guards_the_data_by_whatever_way_they_are_asked_for(app: str, visits: Visits) -> None:
    asked: list[Request] = []

    def is_second(each: Request) -> bool:
        asked.extend([each] if "/_serverFn/" in each.url else [])
        return len(asked) == 2

    with visits.page() as page:
        sign_in(page, app)
        page.get_by_role("link", name="Home").click()
        heading(page, "Welcome back, Ada")
        with page.expect_request(is_second):  # the page is shown before, of what it knew
            page.get_by_role("link", name="Dashboard").click()
        calls = [(each.method, each.url, each.headers) for each in asked]
    statuses = []
    for method, url, headers in calls:
        answer = httpx2.request(method, url, headers={k: v for k, v in headers.items() if k != "cookie"})
        statuses.append(answer.status_code)
        assert "Punch cards" not in answer.text
        assert "ada@example.com" not in answer.text
    assert sorted(statuses) == [200, 401]
    assert httpx2.get(f"{app}/api/notes").status_code == 401


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_pages_are_for_everybody(app: str, visits: Visits, scheme: str) -> None:
    with visits.page(scheme=scheme) as page:
        for path, title in (("/", "Hello, stranger."), ("/login", "Sign in"), ("/sign-out", "Sign out")):
            page.goto(app + path)
            looks_good(page, title)
        sign_in(page, app)
        looks_good(page, "Welcome, Ada!")


def looks_good(page: Page, title: str) -> None:
    heading(page, title)
    problems = axe_problems(page)
    for size in ("phone", "wide"):
        problems += layout_problems(page, size=size)
    assert problems == []
