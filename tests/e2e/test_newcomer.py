"""The newcomer's story, from `make dev` to signing out."""

import datetime as dt

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import Visits
from tests.e2e.people import heading
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SESSION_COOKIE = "wos-session"


def test_sign_up_come_back_stay_signed_in_sign_out(stack: Stack, visits: Visits) -> None:
    with visits.page() as page:
        people.sign_up(page, stack, "mary@example.com")
        expect(page.get_by_text("Only people who are signed in see this page.")).to_be_visible()

        first = token_end(page)
        people.create_organization(page, "Mechanism of the Heavens")
        outlive_the_access_token(page)
        page.reload()
        heading(page, "Welcome, Mary.")
        assert token_end(page) > first

        stack.restart()
        page.reload()
        heading(page, "Welcome, Mary.")

        switch_to(page, "Mechanism of the Heavens")
        call(page, "DELETE /api/reports/1", "200")
        call(page, "GET /api/me without the cookie", "401")

        people.sign_out(page)
        assert SESSION_COOKIE not in {cookie["name"] for cookie in page.context.cookies(stack.app)}
        page.goto(stack.app + "/account")
        heading(page, "Sign in")


def test_the_whole_way_without_javascript(stack: Stack, visits: Visits) -> None:
    with visits.page(java_script_enabled=False) as page:
        people.sign_up(page, stack, "caroline@example.com")
        people.create_organization(page, "Comets")
        switch_to(page, "Comets")
        page.get_by_role("link", name="GET /api/reports").click()
        expect(page.locator("body")).to_contain_text("Jacquard cards")
        page.goto(stack.app + "/account")
        people.sign_out(page)
        people.sign_in(page, stack, "caroline@example.com")
        heading(page, "Welcome, Mary.")


def test_the_demo_person_signs_in_with_the_password_that_was_printed(stack: Stack, visits: Visits) -> None:
    with visits.page() as page:
        people.sign_in(page, stack, "ada@example.com", stack.demo_password)
        heading(page, "Welcome, Ada.")
        expect(page.locator("li", has_text="You are here")).to_contain_text("Analytical Engines")
        call(page, "GET /api/reports", "200")


def test_a_member_of_two_organizations_chooses_one_and_switches(stack: Stack, visits: Visits) -> None:
    with visits.page() as page:
        people.sign_up(page, stack, "annie@example.com")
        people.create_organization(page, "Harvard Observatory")
        people.create_organization(page, "Wellesley College")
        people.sign_out(page)
        people.sign_in(page, stack, "annie@example.com")
        heading(page, "Choose an organization")
        page.get_by_role("button", name="Wellesley College").click()
        heading(page, "Welcome, Mary.")
        expect(page.locator("li", has_text="You are here")).to_contain_text("Wellesley College")
        switch_to(page, "Harvard Observatory")


def test_a_forgotten_password_is_replaced_by_mail(stack: Stack, visits: Visits) -> None:
    with visits.page() as page:
        people.sign_up(page, stack, "sophie@example.com")
        people.sign_out(page)
        people.open_sign_in(page, stack)
        people.identify(page, "sophie@example.com")
        page.get_by_role("link", name="Forgot password?").click()
        page.get_by_role("button", name="Send the link").click()
        heading(page, "Check your mail")
        people.open_mail(page, stack, "sophie@example.com", "password")
        page.locator(".mail-text a[href*='/reset-password']").click()
        page.get_by_label("New password").fill("nine quiet lighthouses")
        page.get_by_role("button", name="Save the new password").click()
        heading(page, "Your password is changed")
        page.get_by_role("link", name="Continue to sign in").click()
        heading(page, "Sign in")
        people.identify(page, "sophie@example.com")
        people.prove(page, "nine quiet lighthouses")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Mary")


def test_no_secret_reached_the_log(stack: Stack, visits: Visits) -> None:
    with visits.page() as page:
        people.sign_up(page, stack, "emilie@example.com")
        cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
        assert SESSION_COOKIE in cookies
        for secret in (people.PASSWORD, *cookies.values()):
            assert secret not in stack.log
        people.sign_out(page)


def token_end(page: Page) -> dt.datetime:
    written = page.locator("time[data-countdown]").get_attribute("datetime")
    assert written is not None
    return dt.datetime.fromisoformat(written)


def outlive_the_access_token(page: Page) -> None:
    """The page itself counts down to the end of it."""
    expect(page.locator("time[data-countdown]")).to_contain_text("expired", timeout=60_000)


def switch_to(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"Switch to {name}").click()
    expect(page.locator("li", has_text=name).get_by_text("You are here")).to_be_visible()


def call(page: Page, name: str, answer: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_label("Answer of the API")).to_contain_text(answer)
