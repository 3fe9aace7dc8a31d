"""Our own React components on Litestar, which serves the built page."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Visits
from tests.frontends import people
from tests.frontends.example import Example, World
from tests.frontends.pages import Pages
from tests.frontends.stories import PROOFS, Story, sentence, signed_in

pytestmark = [pytest.mark.frontends, pytest.mark.e2e, pytest.mark.verify]

SHORTEST = 40  # seconds


class Ours(Pages):
    def is_impersonated(self, page: Page, *, operator: str, email: str) -> None:
        banner = page.get_by_role("region", name="Impersonation")
        expect(banner).to_contain_text(
            f"You are impersonating {email} within the {people.ENGINES} organization"
        )
        assert (
            banner.evaluate("(banner) => getComputedStyle(banner).position") == "fixed"
        )  # the policy let it


EXAMPLE = Example(
    name="react-vestibule",
    client="@vestibule/client",
    back_end="Litestar",
    build=("node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"),
    back=("uvicorn", "api:app", "--port", "{app_port}"),
    pages=Ours(),
    seconds=SHORTEST,
)
KEPT = "JSON.stringify({...localStorage}) + JSON.stringify({...sessionStorage}) + document.cookie"


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: sentence(proof.__name__))
def test_the_proofs(proof: Story, world: World, visits: Visits) -> None:
    proof(world, visits)


def test_both_guards_say_no_and_the_page_is_the_polite_one(world: World, visits: Visits) -> None:
    with signed_in(world, visits) as page:
        expect(said(page, "The page")).to_have_text("shows March and April")
        expect(said(page, "Python")).to_have_text("200 and the data")
        page.get_by_role("button", name="Ask as a stranger").click()
        expect(said(page, "Without a cookie")).to_have_text("401 signed_out")


def test_a_stranger_on_a_page_for_members_comes_back_to_it(world: World, visits: Visits) -> None:
    """Moving inside the page, so that no server was asked: the component's own guard."""
    with visits.page() as page:
        page.goto(world.app + "/")
        page.get_by_role("link", name="The account page").click()
        page.wait_for_url("**/sign-in?*")
        assert page.url.startswith(world.server)


def test_J43_a_page_left_open_renews_its_token_in_time(world: World, visits: Visits) -> None:
    with signed_in(world, visits) as page:
        until = said(page, "Access token").locator("time")
        first = until.inner_text()
        expect(until).not_to_have_text(first, timeout=SHORTEST * 1000)
        assert world.pages.asked(page, world.pages.me) == 200
        assert page.evaluate(KEPT) == "{}{}"


def test_every_tab_learns_of_a_sign_out_and_of_another_organization(world: World, visits: Visits) -> None:
    with signed_in(world, visits, people.ADA, organization=people.ENGINES) as page:
        other = page.context.new_page()
        other.goto(world.app + "/account")
        page.get_by_role("button", name=f"Switch to {people.TIDES}").click()
        expect(said(other, "Organization")).to_have_text(people.TIDES)
        expect(said(other, "The page")).to_have_text("hides the reports: no reports:read")
        expect(said(other, "Python")).to_have_text("403 forbidden")
        third = page.context.new_page()
        third.goto(world.app + "/")
        world.pages.is_home(third, "Ada")
        third.evaluate("window.same = true")
        page.get_by_role("button", name="Sign out").click()
        world.pages.is_home(page)
        other.wait_for_url("**/sign-in?*")
        third.wait_for_function("window.same === undefined")  # what a server rendered is gone as well
        world.pages.is_home(third)


@pytest.mark.parametrize("size", ["phone", "tablet", "desk"])
def test_its_pages_fit(world: World, visits: Visits, size: str) -> None:
    with (
        signed_in(world, visits) as before,
        visits.page(size=size, storage_state=before.context.storage_state()) as page,
    ):
        page.goto(world.app + "/account")
        world.pages.is_account(page, people.GRACE)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def said(page: Page, term: str) -> Locator:
    return page.locator("dt", has_text=term).locator("xpath=following-sibling::dd[1]")
