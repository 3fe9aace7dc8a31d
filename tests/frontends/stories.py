"""What every front end has to prove, in a real browser. A story takes the running example and the browser."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx2
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visits
from tests.e2e.people import PASSWORD, heading
from tests.frontends import people
from tests.frontends.aging import prove_long_ago
from tests.frontends.example import World
from tests.frontends.people import ADA, ENGINES, GRACE, TIDES
from vestibule.server.identity.users import find_user_by_email

OPERATOR = "ops@example.com"
ROUNDS, AT_ONCE = 50, 20
MOST_REFRESHES = 2
BOTH_SIDES = 2

Story = Callable[[World, Visits], None]


def a_newcomer_signs_up_and_is_there_after_a_reload(world: World, visits: Visits) -> None:
    pages = world.pages
    with visits.page() as page:
        page.goto(world.app + "/")
        pages.is_home(page)
        pages.sign_up_link(page).click()
        people.sign_up(page, world, "mary@example.com")
        pages.is_home(page, "Mary")
        page.goto(world.app + pages.account)
        pages.is_account(page, "mary@example.com")
        page.reload()
        pages.is_account(page, "mary@example.com")
        assert pages.asked(page, pages.me) == 200


def node_refreshes_what_python_reads(world: World, visits: Visits) -> None:
    pages = world.pages
    with signed_in(world, visits) as page:
        before = pages.session_changed(page)
        pages.expire(page, world)
        with refreshes(world, 1):
            page.goto(world.app + pages.account)
            pages.is_account(page, GRACE)
            assert pages.session_changed(page) != before
            assert pages.asked(page, pages.me) == 200


def python_refreshes_what_node_reads(world: World, visits: Visits) -> None:
    pages = world.pages
    with signed_in(world, visits) as page:
        before = pages.session_changed(page)
        pages.expire(page, world)
        with refreshes(world, 1):
            assert pages.asked(page, pages.me) == 200
            assert pages.session_changed(page) != before
            page.goto(world.app + pages.account)
            pages.is_account(page, GRACE)


def twenty_calls_at_expiry_lose_nobody_in_fifty_rounds(world: World, visits: Visits) -> None:
    pages = world.pages
    paths = [pages.me, pages.node or pages.me] * (AT_ONCE // BOTH_SIDES)
    with signed_in(world, visits) as page:
        for _ in range(ROUNDS):
            pages.expire(page, world)
            before = world.refreshes()
            assert set(pages.asked_at_once(page, paths)) == {200}
            asked = world.refreshes() - before
            assert asked <= MOST_REFRESHES
        page.goto(world.app + pages.account)
        pages.is_account(page, GRACE)


def another_organization_is_another_role_on_both_sides(world: World, visits: Visits) -> None:
    pages = world.pages
    with signed_in(world, visits, ADA, organization=ENGINES) as page:
        assert pages.asked(page, pages.reports) == 200
        pages.switch_button(page, TIDES).click()
        expect(pages.switch_button(page, ENGINES)).to_be_visible()
        assert pages.asked(page, pages.reports) == 403
        page.reload()
        expect(pages.switch_button(page, ENGINES)).to_be_visible()
        pages.expire(page, world)
        assert pages.asked(page, pages.reports) == 403


def a_switch_at_expiry_counts(world: World, visits: Visits) -> None:
    """The refresh on the way in must not undo what the handler did (E1)."""
    pages = world.pages
    with signed_in(world, visits, ADA, organization=ENGINES) as page:
        expect(pages.switch_button(page, TIDES)).to_be_visible()
        pages.expire(page, world)
        pages.switch_button(page, TIDES).click()
        expect(pages.switch_button(page, ENGINES)).to_be_visible()
        assert pages.asked(page, pages.reports) == 403
        page.reload()
        expect(pages.switch_button(page, ENGINES)).to_be_visible()


def signing_out_is_seen_by_both_and_the_way_back_shows_nothing(world: World, visits: Visits) -> None:
    pages = world.pages
    with signed_in(world, visits) as page:
        page.goto(world.app + "/")
        pages.is_home(page, "Grace")
        page.goto(world.app + pages.account)
        pages.is_account(page, GRACE)
        pages.sign_out_button(page).click()
        pages.is_home(page)
        for path in filter(None, (pages.me, pages.node)):
            assert pages.asked(page, path) != 200
        page.go_back()
        page.wait_for_load_state()
        expect(page.get_by_text(GRACE)).to_have_count(0)
        page.goto(world.app + pages.account)
        people.is_at_sign_in(page)


def signing_out_at_expiry_counts(world: World, visits: Visits) -> None:
    """The refresh on the way in must not write the session again that the handler ends (E1)."""
    pages = world.pages
    with signed_in(world, visits) as page:
        pages.expire(page, world)
        pages.sign_out_button(page).click()
        pages.is_home(page)
        assert pages.asked(page, pages.me) != 200
        page.goto(world.app + pages.account)
        people.is_at_sign_in(page)


def two_tabs_share_one_session(world: World, visits: Visits) -> None:
    pages = world.pages
    with visits.page() as page:
        page.goto(world.app + pages.account)
        heading(page, "Sign in")
        other = page.context.new_page()
        other.goto(world.app + pages.account)
        people.sign_in(other, GRACE)
        pages.is_account(other, GRACE)
        page.goto(world.app + pages.account)
        pages.is_account(page, GRACE)
        pages.expire(page, world)
        for tab in (page, other):
            tab.reload(wait_until="commit")
        for tab in (page, other):
            pages.is_account(tab, GRACE)
        pages.sign_out_button(page).click()
        pages.is_home(page)
        other.reload()
        people.is_at_sign_in(other)


def something_dangerous_asks_for_the_password_again(world: World, visits: Visits) -> None:
    pages = world.pages
    with signed_in(world, visits) as page:
        prove_long_ago(page, world)
        page.goto(world.app + pages.dangerous)
        pages.delete_button(page).click()
        heading(page, "Sign in again")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.keyboard.press("Enter")
        pages.delete_button(page).click()
        pages.is_deleted(page)


def an_operator_is_never_unseen(world: World, visits: Visits) -> None:
    pages = world.pages
    user = find_user_by_email(world.running.identity, GRACE)
    assert user is not None
    with world.running.client() as api:
        body = {"impersonator_email": OPERATOR, "reason": "Ticket 4711"}
        link = api.post(f"/user_management/users/{user.id}/impersonate", json=body).json()["url"]
    with visits.page() as page:
        page.goto(link)
        page.get_by_role("button", name=f"Continue as {GRACE}").click()
        pages.is_impersonated(page, operator=OPERATOR, email=GRACE)
        assert pages.asked(page, pages.me) == 200
        pages.stop_button(page).click()
        pages.is_home(page)


def a_stranger_gets_a_401_and_no_data(world: World, visits: Visits) -> None:
    """Straight to the endpoints, whatever the pages hide."""
    del visits
    with httpx2.Client() as client:
        for path in filter(None, (world.pages.me, world.pages.reports, world.pages.node)):
            answer = client.get(world.app + path, headers={"accept": "application/json"})
            assert answer.status_code == 401, path
            assert "@example.com" not in answer.text


PROOFS: tuple[Story, ...] = (
    a_newcomer_signs_up_and_is_there_after_a_reload,
    node_refreshes_what_python_reads,
    python_refreshes_what_node_reads,
    twenty_calls_at_expiry_lose_nobody_in_fifty_rounds,
    another_organization_is_another_role_on_both_sides,
    a_switch_at_expiry_counts,
    signing_out_is_seen_by_both_and_the_way_back_shows_nothing,
    signing_out_at_expiry_counts,
    two_tabs_share_one_session,
    something_dangerous_asks_for_the_password_again,
    an_operator_is_never_unseen,
    a_stranger_gets_a_401_and_no_data,
)
"""A front end for which one makes no sense leaves it out, and says why in docs/differences.md."""


def sentence(name: str) -> str:
    words = name.replace("_", " ")
    for small, proper in (("python", "Python"), ("node", "Node")):
        words = words.replace(small, proper)
    return words[0].upper() + words[1:]


@contextmanager
def signed_in(
    world: World, visits: Visits, email: str = GRACE, *, organization: str | None = None
) -> Iterator[Page]:
    """On the account page, whose guard sent them to sign in."""
    with visits.page() as page:
        page.goto(world.app + world.pages.account)
        people.sign_in(page, email, organization=organization)
        world.pages.is_account(page, email)
        page.wait_for_load_state("networkidle")
        yield page


@contextmanager
def refreshes(world: World, wanted: int) -> Iterator[None]:
    """Both sides of a page may see the end of a token at the same moment."""
    before = world.refreshes()
    yield
    asked = world.refreshes() - before
    assert wanted <= asked <= MOST_REFRESHES
