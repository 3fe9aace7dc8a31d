"""Next.js with the official package, and Django behind it: one cookie, both sides refresh it."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visits
from tests.e2e.people import heading
from tests.frontends import people
from tests.frontends.aging import claims, expire, payload, session_cookie
from tests.frontends.example import COOKIE_PASSWORD, Example, World, running_example
from tests.frontends.pages import Pages
from tests.frontends.people import ADA, ENGINES, GRACE
from tests.frontends.stories import PROOFS, Story, refreshes, signed_in
from vestibule.crypto.seal import seal
from vestibule.server.identity.redirect_uris import create_redirect_uri

pytestmark = [pytest.mark.e2e, pytest.mark.frontends, pytest.mark.verify]

NEXT = "node_modules/next/dist/bin/next"
BROWSERS_KEEP = 4096
NAVIGATION = {"accept": "text/html", "sec-fetch-mode": "navigate"}


class NextPages(Pages):
    node = "/me"
    dangerous = "/reports"

    def is_impersonated(self, page: Page, *, operator: str, email: str) -> None:
        super().is_impersonated(page, operator=operator, email=email)
        page.wait_for_load_state("networkidle")  # the banner asks for the name of the organization


EXAMPLE = Example(
    name="nextjs",
    client="@workos-inc/authkit-nextjs",
    back_end="Django",
    build=(NEXT, "build"),
    front=(NEXT, "start", "--hostname", "localhost", "--port", "{app_port}"),
    back=("python", "backend/manage.py", "runserver", "--noreload", "{api_port}"),
    build_environment={"NEXT_PUBLIC_WORKOS_REDIRECT_URI": "http://localhost:{app_port}/auth/callback"},
    pages=NextPages(),
)


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.__name__)
def test_it_proves_that(proof: Story, world: World, visits: Visits) -> None:
    proof(world, visits)


def test_strangers_are_met_in_front_of_the_app_or_by_the_page(world: World) -> None:
    with httpx2.Client(base_url=world.app, headers=NAVIGATION) as browser:
        hints = {}
        for path in ("/reports", "/welcome"):
            asked = urlsplit(browser.get(path).headers["location"])
            assert asked.path == "/user_management/authorize"
            hints[path] = parse_qs(asked.query)["screen_hint"]
        assert hints == {"/reports": ["sign-in"], "/welcome": ["sign-up"]}
        assert (
            browser.get("/account?tab=keys")
            .headers["location"]
            .endswith("/auth/sign-in?return_to=%2Faccount%3Ftab%3Dkeys")
        )
        assert browser.get("/").status_code == 200


def test_a_download_guards_itself_and_is_there_after_signing_in(world: World, visits: Visits) -> None:
    """Where the package may set its cookie, `ensureSignedIn` does what it says."""
    with visits.page() as page:
        page.goto(world.app + "/reports.csv")
        heading(page, "Sign in")
        people.identify(page, GRACE)
        with page.expect_download() as found:
            people.prove(page)
        assert found.value.suggested_filename == "reports.csv"


def test_a_long_way_back_survives(world: World, visits: Visits) -> None:
    """It is in the sealed state, which the server gives back byte for byte."""
    wanted = world.app + "/reports?note=" + "~*abc-_.".ljust(900, "x")
    with visits.page() as page:
        page.goto(wanted)
        people.sign_in(page, GRACE)
        heading(page, "Reports")
        assert unquote(page.url) == wanted  # Next.js spells some of it in another way


def test_P23_looking_at_links_begins_no_sign_in(world: World, visits: Visits) -> None:
    with visits.page() as page:
        page.goto(world.app + "/")
        page.get_by_role("link", name="Sign in").hover()
        page.wait_for_load_state("networkidle")
        assert page.context.cookies() == []


def test_P24_sign_ins_in_two_tabs_both_arrive_and_leave_nothing_that_confuses_python(
    world: World, visits: Visits
) -> None:
    """The package empties its verifiers instead of deleting them."""
    with visits.page() as page:
        page.goto(world.app + "/account")
        other = page.context.new_page()
        other.goto(world.app + "/reports")
        people.sign_in(other, GRACE)
        heading(other, "Reports")
        people.sign_in(page, GRACE)
        world.pages.is_account(page, GRACE)
        cookies = [dict(each) for each in page.context.cookies()]
        left = [each["value"] for each in cookies if str(each["name"]).startswith("wos-auth-verifier")]
        assert not any(left)
        assert world.pages.asked(page, world.pages.me) == 200


def test_E7_an_outage_at_expiry_signs_nobody_out(
    world: World, visits: Visits, passed: Callable[[str], None]
) -> None:
    """The package keeps the cookie by itself, and takes its owner for a stranger until the server is back."""
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


def test_E6_a_session_that_ended_is_forgotten_at_once(world: World, visits: Visits) -> None:
    with signed_in(world, visits) as page:
        session = claims(payload(page)["accessToken"])["sid"]
        with world.running.client() as api:
            api.post("/user_management/sessions/revoke", json={"session_id": session}).raise_for_status()
        expire(page, world)
        assert world.pages.asked(page, "/me") == 401
        assert session_cookie(page) is None


def test_E10_the_cookie_stays_small_when_the_package_seals_a_whole_answer(
    world: World, visits: Visits
) -> None:
    """It does when a page's script refreshes: everything that the server said goes into the cookie."""
    with signed_in(world, visits) as page:
        before = payload(page)["refreshToken"]
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.get_by_role("button", name="Refresh").click()
        page.wait_for_load_state("networkidle")
        cookie = session_cookie(page)
        assert cookie is not None
        assert payload(page)["refreshToken"] != before
        assert len(cookie["name"] + cookie["value"]) < BROWSERS_KEEP
        assert world.pages.asked(page, world.pages.me) == 200


def test_E16_a_cookie_with_somebody_elses_user_is_nobodys(world: World, visits: Visits) -> None:
    with signed_in(world, visits) as page:
        cookie, inside = session_cookie(page), payload(page)
        assert cookie is not None
        inside["user"]["id"] = "user_01ARZ3NDEKTSV4RRFFQ69G5FAV"
        page.context.add_cookies([cookie | {"value": seal(inside, COOKIE_PASSWORD)}])  # type: ignore[list-item]
        assert world.pages.asked_at_once(page, ["/me", world.pages.me]) == [401, 401]


def test_the_eager_token_is_gone_after_the_first_render(world: World, visits: Visits) -> None:
    """A script may read it, so the page that wants it takes it away at once."""
    with signed_in(world, visits) as page:
        asked: list[str] = []
        page.on("request", lambda each: asked.append(each.method))
        page.reload()
        expect(page.get_by_text("until ")).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert "POST" not in asked
        assert "workos-access-token" not in _names(page)


def test_python_takes_forms_of_the_page_and_of_no_other_site(world: World, visits: Visits) -> None:
    """Behind the proxy it has another name and port than the page."""
    with signed_in(world, visits, ADA, organization=ENGINES) as page:
        page.get_by_label("New organization").fill("Compilers")
        page.get_by_role("button", name="Create").click()
        expect(world.pages.switch_button(page, "Compilers")).to_be_visible()
        cookie = session_cookie(page)
        assert cookie is not None
        headers = {"cookie": f"wos-session={cookie['value']}", "content-type": "application/json"}
        foreign = headers | {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}
        for origin in (world.app, world.api):
            answer = httpx2.post(f"{origin}/api/organizations", headers=foreign, json={"name": "Elsewhere"})
            assert answer.status_code == 403
            assert answer.json()["error"]["code"] == "cross_site"


def test_a_server_action_called_by_a_stranger_does_nothing(world: World, visits: Visits) -> None:
    """It is an endpoint like any other, whatever guards the page that calls it."""
    with signed_in(world, visits) as page:
        page.goto(world.app + "/reports")
        with page.expect_request(lambda each: "next-action" in each.headers) as found:
            world.pages.delete_button(page).click()
        world.pages.is_deleted(page)
        call = found.value
        headers = {name: value for name, value in call.headers.items() if name != "cookie"}
        answer = httpx2.post(call.url, headers=headers, content=call.post_data or "")
        assert answer.status_code == 303
        assert "/user_management/authorize" in answer.headers["location"]
        foreign = call.all_headers() | {"origin": "https://elsewhere.example"}
        sent = {name: value for name, value in foreign.items() if not name.startswith(":")}
        assert httpx2.post(call.url, headers=sent, content=call.post_data or "").status_code == 500


def test_two_sub_domains_share_the_cookie_and_its_end(
    tmp_path_factory: pytest.TempPathFactory, visits: Visits, passed: Callable[[str], None]
) -> None:
    """Each side ends it once. Chromium finds every name below `localhost` on this machine."""
    domain = "shared.localhost"
    example = replace(EXAMPLE, host=f"app.{domain}", environment={"WORKOS_COOKIE_DOMAIN": domain})
    with running_example(example, tmp_path_factory.mktemp("domains")) as world:
        create_redirect_uri(world.running.identity, world.app + "/auth/callback")
        api = world.api.replace("localhost", f"api.{domain}") + "/api/me"
        with signed_in(world, visits) as page:
            python = page.context.new_page()
            python.goto(api)
            expect(python.locator("body")).to_contain_text(GRACE)
            expire(page, world)
            with refreshes(world, 1):
                assert world.pages.asked(python, "/api/me") == 200
            cookie = session_cookie(page)
            assert cookie is not None
            assert cookie["domain"] == f".{domain}"
            page.reload()
            world.pages.is_account(page, GRACE)
            world.pages.sign_out_button(page).click()
            world.pages.is_home(page)
            assert session_cookie(page) is None
            assert world.pages.asked(python, "/api/me") == 401
            _ends_by_python(world, page, python)
    passed("two_sub_domains_share_the_cookie_and_its_end")


def _ends_by_python(world: World, page: Page, python: Page) -> None:
    page.goto(world.app + "/account")
    people.sign_in(page, GRACE)
    world.pages.is_account(page, GRACE)
    page.wait_for_load_state("networkidle")
    session = claims(payload(page)["accessToken"])["sid"]
    expire(page, world)
    with world.running.client() as api:
        api.post("/user_management/sessions/revoke", json={"session_id": session}).raise_for_status()
    assert world.pages.asked(python, "/api/me") == 401
    assert session_cookie(page) is None


def _names(page: Page) -> set[str]:
    return {str(dict(each)["name"]) for each in page.context.cookies()}
