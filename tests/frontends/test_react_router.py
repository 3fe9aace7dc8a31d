"""`@workos-inc/authkit-react-router`, unmodified: a cookie of its own kind, FastAPI behind its loaders."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, unquote

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visits
from tests.e2e.people import PASSWORD
from tests.frontends import aging, people, stories
from tests.frontends.door import Door
from tests.frontends.example import COOKIE_PASSWORD, Example, World, running_example
from tests.frontends.pages import Pages
from tests.frontends.people import GRACE
from tests.frontends.stories import PROOFS, Story, signed_in
from tests.server import hosted
from vestibule.crypto.seal import seal, unseal

pytestmark = [pytest.mark.e2e, pytest.mark.frontends, pytest.mark.verify]

BROWSERS_KEEP = 4096


class RouterPages(Pages):
    """The seal is inside a cookie of React Router's own, which is signed."""

    dangerous = "/reports"

    def expire(self, page: Page, world: World) -> None:
        inside = opened(page)
        inside["accessToken"] = aging.ended(inside["accessToken"], world)
        cookie = aging.session_cookie(page)
        assert cookie is not None
        page.context.add_cookies([cookie | {"value": signed(seal(inside, COOKIE_PASSWORD))}])  # type: ignore[list-item]

    def session_changed(self, page: Page) -> object:
        return opened(page)["accessToken"]


def opened(page: Page) -> dict[str, Any]:
    cookie = aging.session_cookie(page)
    assert cookie is not None, "nobody is signed in"
    value, _, _ = unquote(cookie["value"]).partition(".")
    inside = unseal(json.loads(base64.b64decode(value))["jwt"], COOKIE_PASSWORD)
    assert isinstance(inside, dict)
    return inside


def signed(sealed: str) -> str:
    """As `createCookieSessionStorage` of react-router writes it."""
    value = base64.b64encode(json.dumps({"jwt": sealed}).encode()).decode()
    signature = hmac.new(COOKIE_PASSWORD.encode(), value.encode(), hashlib.sha256).digest()
    return quote(f"{value}.{base64.b64encode(signature).decode().rstrip('=')}", safe="")


EXAMPLE = Example(
    name="react-router",
    client="@workos-inc/authkit-react-router",
    back_end="FastAPI",
    build=("node_modules/@react-router/dev/bin.js", "build"),
    front=("node_modules/@react-router/serve/bin.js", "build/server/index.js"),
    back=("uvicorn", "reports:app", "--port", "{api_port}"),
    pages=RouterPages(),
)


@pytest.fixture(scope="module")
def door() -> Door:
    return Door()


@pytest.fixture(scope="module")
def world(door: Door, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_example(EXAMPLE, tmp_path_factory.mktemp(EXAMPLE.name), watched=door.around) as world:
        yield world


# Python sees the token that Node hands on and no cookie, so there is none for it to refresh.
APPLYING = [proof for proof in PROOFS if proof is not stories.python_refreshes_what_node_reads]


@pytest.mark.parametrize("proof", APPLYING, ids=lambda proof: proof.__name__)
def test_it_proves_that(proof: Story, world: World, visits: Visits, passed: Callable[[str], None]) -> None:
    proof(world, visits)
    passed(proof.__name__)


def test_an_outage_at_expiry_signs_nobody_out(
    world: World, visits: Visits, door: Door, passed: Callable[[str], None]
) -> None:
    """By itself the package deletes the cookie after any refresh that failed."""
    with signed_in(world, visits) as page:
        world.pages.expire(page, world)
        with door.closed():
            answer = page.goto(world.app + world.pages.account)
            assert answer is not None
            assert answer.status == 503
            expect(page.get_by_role("heading", level=1)).to_have_text("One moment, please.")
            assert world.pages.asked(page, world.pages.me) == 503
        page.get_by_role("link", name="Try again").click()
        world.pages.is_account(page, GRACE)
    passed("an_outage_at_expiry_signs_nobody_out")


def test_it_asks_for_the_key_set_on_every_request_and_gets_it(
    world: World, visits: Visits, door: Door
) -> None:
    path = f"/sso/jwks/{world.running.client_id}"
    with signed_in(world, visits) as page:
        before = door.asked[path]
        asked = world.pages.asked_at_once(page, [world.pages.me] * stories.AT_ONCE)
        assert set(asked) == {200}
        assert door.asked[path] - before >= stories.AT_ONCE


def test_leaving_twice_is_no_error(world: World, visits: Visits, passed: Callable[[str], None]) -> None:
    """`signOut` of the package fails without a session; the example asks before."""
    with signed_in(world, visits) as page:
        other = page.context.new_page()
        other.goto(world.app + world.pages.account)
        for tab in (page, other):
            world.pages.sign_out_button(tab).click()
            world.pages.is_home(tab)
    passed("leaving_twice_is_no_error")


def test_a_cookie_of_this_package_needs_a_third_more_room(world: World, visits: Visits) -> None:
    """So the largest token that fits is smaller than with the others: a seal of 3,000 characters."""
    with signed_in(world, visits) as page:
        cookie = aging.session_cookie(page)
        assert cookie is not None
        sealed = json.loads(base64.b64decode(unquote(cookie["value"]).partition(".")[0]))["jwt"]
        assert len(cookie["value"]) > len(sealed) * 4 / 3
        assert (
            len(aging.COOKIE + signed("x" * 2_950)) < BROWSERS_KEEP < len(aging.COOKIE + signed("x" * 3_050))
        )


def test_a_sign_in_is_not_bound_to_the_browser_that_began_it(world: World, visits: Visits) -> None:
    """Nothing a server could mend: no verifier, and no state but a path. The others refuse this code."""
    with world.running.browser() as mallory, visits.page() as victim:
        callback = f"{world.app}/auth/callback"
        code = hosted.sign_in(
            world.running, mallory, email=GRACE, password=PASSWORD, provider="authkit", redirect_uri=callback
        )["code"]
        victim.goto(f"{callback}?code={code}")
        world.pages.is_home(victim, "Grace")


@pytest.mark.parametrize("state", ["no-json", "bnVsbA==", "Fe26.2*1*of*another*kind~2"])
def test_a_state_of_another_kind_begins_again(world: World, visits: Visits, state: str) -> None:
    """The package by itself answers with an error page."""
    with visits.page() as page:
        page.goto(f"{world.app}/auth/callback?code=of-somebody&state={quote(state)}")
        people.is_at_sign_in(page)


def test_python_reads_no_cookie_of_this_package(world: World, visits: Visits) -> None:
    with signed_in(world, visits) as page, httpx2.Client() as client:
        cookie = aging.session_cookie(page)
        assert cookie is not None
        headers = {"cookie": f"{aging.COOKIE}={cookie['value']}", "accept": "application/json"}
        assert client.get(world.api + "/api/me", headers=headers).status_code == 401
