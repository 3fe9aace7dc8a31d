"""`@workos-inc/authkit-react`, unmodified, in a page without a server, and a Flask API for bearer tokens."""

import re
from collections.abc import Callable
from urllib.parse import quote

import httpx2
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.conftest import Visits
from tests.frontends import people, stories
from tests.frontends.example import Example, World
from tests.frontends.pages import Pages
from tests.frontends.people import GRACE
from tests.frontends.stories import PROOFS, Story, signed_in

pytestmark = [pytest.mark.e2e, pytest.mark.frontends, pytest.mark.verify]

CLIENT = """
const client = (() => {
    const root = document.getElementById("root");
    const key = Object.keys(root).find((name) => name.startsWith("__reactContainer$"));
    for (const waiting = [root[key]]; waiting.length; ) {
        const fiber = waiting.pop();
        const value = fiber.memoizedProps?.value;
        if (value?.getAccessToken) return value;
        waiting.push(...[fiber.child, fiber.sibling].filter(Boolean));
    }
})();
"""
"""What `useAuth` gives to the page's own components, found where React keeps it."""
TOKENS = "**/user_management/authenticate"
AHEAD = """(milliseconds) => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + milliseconds;
}"""


class OnlyPages(Pages):
    """The tokens are in the memory of the page; a script of it asks the API of another origin with one."""

    dangerous = "/reports"

    def __init__(self) -> None:
        self.api = ""

    def sign_up_link(self, page: Page) -> Locator:
        return page.get_by_role("button", name="Sign up")

    def asked_at_once(self, page: Page, paths: list[str]) -> list[int]:
        script = f"""async ([api, paths]) => {{
            {CLIENT}
            return Promise.all(paths.map(async (path) => {{
                const token = await client.getAccessToken().catch(() => null);
                const headers = token ? {{authorization: `Bearer ${{token}}`}} : {{}};
                const answer = await fetch(api + path, {{headers}});
                await answer.text();
                return answer.status;
            }}));
        }}"""
        return list(page.evaluate(script, [self.api, paths]))

    def expire(self, page: Page, world: World) -> None:
        """Its clock goes on by more than a token lives."""
        page.evaluate(AHEAD, (world.example.seconds + 1) * 1000)

    def session_changed(self, page: Page) -> object:
        return page.evaluate(f"async () => {{ {CLIENT} return client.getAccessToken(); }}")


EXAMPLE = Example(
    name="react-spa",
    client="@workos-inc/authkit-react",
    back_end="Flask",
    build=("node_modules/vite/bin/vite.js", "build"),
    build_environment={
        "APP_PORT": "{app_port}",
        "API_URL": "{api}",
        "VESTIBULE_URL": "{server}",
        "VESTIBULE_CLIENT_ID": "{client_id}",
    },
    front=("node_modules/vite/bin/vite.js", "preview"),
    back=("flask", "--app", "reporting", "run", "--port", "{api_port}"),
    pages=OnlyPages(),
)


@pytest.fixture(scope="module", autouse=True)
def _api(world: World) -> None:
    EXAMPLE.pages.api = world.api  # type: ignore[attr-defined]


ELSEWHERE = {
    stories.node_refreshes_what_python_reads,  # there is no Node: the page refreshes, see below
    stories.python_refreshes_what_node_reads,  # and no cookie of the app
    stories.a_stranger_gets_a_401_and_no_data,  # the API has another origin, see below
}


@pytest.mark.parametrize(
    "proof", [each for each in PROOFS if each not in ELSEWHERE], ids=lambda proof: proof.__name__
)
def test_it_proves_that(proof: Story, world: World, visits: Visits, passed: Callable[[str], None]) -> None:
    proof(world, visits)
    passed(proof.__name__)


def test_a_token_that_ends_is_replaced_once_and_by_itself(
    world: World, visits: Visits, passed: Callable[[str], None]
) -> None:
    with signed_in(world, visits) as page:
        before = world.pages.session_changed(page)
        with stories.refreshes(world, 1):
            world.pages.expire(page, world)
            page.wait_for_function(
                f"async (before) => {{ {CLIENT} return (await client.getAccessToken()) !== before; }}",
                arg=before,
            )
            assert world.pages.asked(page, world.pages.me) == 200
    passed("the_page_replaces_a_token_that_ends")


def test_a_stranger_gets_a_401_and_no_data(world: World, passed: Callable[[str], None]) -> None:
    with httpx2.Client() as client:
        for path in (world.pages.me, world.pages.reports, "/api/organizations"):
            answer = client.get(world.api + path, headers={"authorization": "Bearer of-nobody"})
            assert answer.status_code == 401
            assert answer.json().keys() == {"error"}
            assert client.get(world.api + path).status_code == 401
    passed("a_stranger_gets_a_401_and_no_data")


def test_no_script_reads_the_refresh_token_and_no_other_page_the_api(world: World, visits: Visits) -> None:
    with signed_in(world, visits) as page:
        cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
        kept = cookies["vestibule-refresh"]
        assert kept["httpOnly"]
        assert kept["sameSite"] == "Strict"
        stores = "document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)"
        readable = str(page.evaluate(stores))
        assert kept["value"] not in readable
        assert "eyJ" not in readable
    asked = {"origin": "https://evil.example", "access-control-request-method": "GET"}
    allowed = httpx2.options(world.api + world.pages.me, headers=asked).headers["access-control-allow-origin"]
    assert allowed == world.app


def test_an_outage_at_expiry_signs_nobody_out(
    world: World, visits: Visits, passed: Callable[[str], None]
) -> None:
    away = {"access-control-allow-origin": world.app, "access-control-allow-credentials": "true"}
    with signed_in(world, visits) as page:
        page.route(TOKENS, lambda route: route.fulfill(status=503, headers=away))
        with page.expect_response(TOKENS):
            world.pages.expire(page, world)
        world.pages.is_account(page, GRACE)
        page.unroute(TOKENS)
        assert world.pages.asked(page, world.pages.me) == 200
    passed("an_outage_at_expiry_signs_nobody_out")


def test_a_session_that_ended_elsewhere_leaves_the_page(
    world: World, visits: Visits, passed: Callable[[str], None]
) -> None:
    """The package itself goes on showing its user: `onRefreshFailure` is where the example goes home."""
    with signed_in(world, visits) as page:
        token = world.pages.session_changed(page)
        other = page.context.new_page()
        other.goto(world.app + world.pages.account)
        world.pages.sign_out_button(other).click()
        world.pages.is_home(other)
        expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
        headers = {"authorization": f"Bearer {token}"}
        page.wait_for_timeout(6_000)  # the API asks for the list of revoked sessions every five seconds
        assert httpx2.get(world.api + world.pages.me, headers=headers).status_code == 401
        page.get_by_role("link", name="Reports").click()
        world.pages.is_home(page)
    passed("a_session_that_ended_elsewhere_leaves_the_page")


@pytest.mark.parametrize("state", ['{"returnTo":"https://evil.example/x"}', "no JSON at all"])
def test_a_state_that_somebody_else_wrote_leads_nowhere(world: World, visits: Visits, state: str) -> None:
    """It is plain JSON in the address: the page believes only a path of its own."""

    def put_in(route: Route) -> None:
        route.continue_(url=re.sub(r"state=[^&]*", f"state={quote(state)}", route.request.url))

    with visits.page() as page:
        page.route("**/user_management/authorize?**", put_in)
        page.goto(world.app + world.pages.account)
        people.sign_in(page, GRACE)
        world.pages.is_home(page, "Grace")
        expect(page).to_have_url(world.app + "/")
