"""TanStack Start with the official package, and FastAPI behind it: one cookie, both sides refresh it."""

from collections.abc import Callable
from dataclasses import replace

import httpx2
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visits
from tests.e2e.people import heading
from tests.frontends import people
from tests.frontends.aging import claims, expire, payload, session_cookie
from tests.frontends.example import Example, World, running_example
from tests.frontends.pages import Pages
from tests.frontends.people import GRACE
from tests.frontends.stories import PROOFS, Story, refreshes, signed_in
from vestibule.server.identity.redirect_uris import create_redirect_uri

pytestmark = [pytest.mark.e2e, pytest.mark.frontends, pytest.mark.verify]


class TanStack(Pages):
    node = "/me"
    dangerous = "/reports"


EXAMPLE = Example(
    name="tanstack-start",
    client="@workos/authkit-tanstack-react-start",
    back_end="FastAPI",
    build=("node_modules/vite/bin/vite.js", "build"),
    front=("server.mjs",),
    back=("uvicorn", "backend:app", "--port", "{api_port}"),
    pages=TanStack(),
)


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.__name__)
def test_it_proves_that(proof: Story, world: World, visits: Visits) -> None:
    proof(world, visits)


def test_E7_an_outage_at_expiry_signs_nobody_out(
    world: World, visits: Visits, passed: Callable[[str], None]
) -> None:
    pages = world.pages
    with signed_in(world, visits) as page:
        expire(page, world)
        world.outage.is_on = True
        try:
            assert pages.asked_at_once(page, ["/me", pages.me]) == [503, 503]
            page.goto(world.app + pages.account)
            heading(page, "One moment, please.")
        finally:
            world.outage.is_on = False
        page.reload()
        pages.is_account(page, GRACE)
    passed("an_outage_at_expiry_signs_nobody_out")


def test_E6_python_forgets_a_session_that_ended_and_the_package_keeps_asking(
    world: World, visits: Visits
) -> None:
    with signed_in(world, visits) as page:
        session = claims(payload(page)["accessToken"])["sid"]
        with world.running.client() as api:
            api.post("/user_management/sessions/revoke", json={"session_id": session}).raise_for_status()
        expire(page, world)
        assert world.pages.asked(page, "/me") == 401
        assert session_cookie(page) is not None
        assert world.pages.asked(page, world.pages.me) == 401
        assert session_cookie(page) is None


def test_a_page_left_open_notices_a_sign_out_with_its_next_link(world: World, visits: Visits) -> None:
    """The package's `onSessionExpired` is not called for that."""
    with signed_in(world, visits) as page:
        other = page.context.new_page()
        other.goto(world.app + "/account")
        world.pages.sign_out_button(other).click()
        world.pages.is_home(other)
        page.evaluate("dispatchEvent(new Event('focus'))")
        page.wait_for_load_state("networkidle")
        world.pages.is_account(page, GRACE)
        page.get_by_role("link", name="Reports").click()
        people.is_at_sign_in(page)


def test_P23_looking_at_links_begins_no_sign_in(world: World, visits: Visits) -> None:
    with visits.page() as page:
        for _ in range(2):
            page.goto(world.app + "/")
            page.get_by_role("link", name="Sign in").hover()
            page.wait_for_load_state("networkidle")
        assert page.context.cookies() == []


def test_P24_sign_ins_in_two_tabs_both_arrive(world: World, visits: Visits) -> None:
    with visits.page() as page:
        page.goto(world.app + "/account")
        other = page.context.new_page()
        other.goto(world.app + "/reports")
        people.sign_in(other, GRACE)
        heading(other, "Reports")
        people.sign_in(page, GRACE)
        world.pages.is_account(page, GRACE)


def test_P32_the_package_keeps_one_of_several_equal_parameters_on_the_way_back(
    world: World, visits: Visits
) -> None:
    with visits.page() as page:
        page.goto(world.app + "/auth/sign-in?return_to=/account%3Ftag%3Da%26tag%3Db")
        people.sign_in(page, GRACE)
        world.pages.is_account(page, GRACE)
        assert page.url in (world.app + "/account?tag=b", world.app + "/account?tag=%22b%22")


def test_a_server_function_called_by_a_stranger_hands_out_nothing(world: World, visits: Visits) -> None:
    """It is an endpoint like any other, whatever guards the page that calls it."""
    asked = []
    with signed_in(world, visits) as page:
        page.on("request", lambda each: asked.append(each) if "/_serverFn/" in each.url else None)
        page.get_by_role("link", name="Reports").click()
        expect(page.get_by_text("Bernoulli numbers").first).to_be_visible()
        calls = [(each.method, each.url, each.headers) for each in asked]
    statuses = []
    for method, url, headers in calls:
        own = {name: value for name, value in headers.items() if name != "cookie"}
        answer = httpx2.request(method, url, headers=own)
        statuses.append(answer.status_code)
        assert "Bernoulli" not in answer.text
        assert GRACE not in answer.text
        foreign = own | {"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"}
        assert httpx2.request(method, url, headers=foreign).status_code == 403
    assert 401 in statuses


def test_two_sub_domains_share_the_cookie_and_its_end(
    tmp_path_factory: pytest.TempPathFactory, visits: Visits, passed: Callable[[str], None]
) -> None:
    """Chromium finds every name below `localhost` on this machine."""
    domain = "shared.localhost"
    example = replace(EXAMPLE, host=f"app.{domain}", environment={"WORKOS_COOKIE_DOMAIN": domain})
    with running_example(example, tmp_path_factory.mktemp("domains")) as world:
        create_redirect_uri(world.running.identity, world.app + "/auth/callback")
        api = world.api.replace("localhost", f"api.{domain}") + "/api/me"
        with signed_in(world, visits) as page:
            cookie = session_cookie(page)
            assert cookie is not None
            assert cookie["domain"] == f".{domain}"
            page.goto(api)
            expect(page.locator("body")).to_contain_text(GRACE)
            expire(page, world)
            with refreshes(world, 1):
                page.reload()
                expect(page.locator("body")).to_contain_text(GRACE)
            page.goto(world.app + "/account")
            world.pages.is_account(page, GRACE)
            world.pages.sign_out_button(page).click()
            world.pages.is_home(page)
            assert session_cookie(page) is None
            page.goto(api)
            expect(page.locator("body")).not_to_contain_text(GRACE)
    passed("two_sub_domains_share_the_cookie_and_its_end")
