"""What the script of the forms adds: codes that go on by themselves, forms sent once, a list that ticks."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import Visits
from tests.e2e.people import heading
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ADA = "ada@example.com"
PASTE = """(input, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text", text);
    input.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
}"""


def ask_for_code(page: Page, stack: Stack) -> str:
    people.open_sign_in(page, stack)
    people.identify(page, ADA)
    page.get_by_role("button", name="Email me a code").click()
    heading(page, "Check your mail")
    code = people.read_code(page, stack, ADA)
    page.bring_to_front()
    return code


def test_a_line_of_the_mail_can_be_pasted_for_the_code(stack: Stack, visits: Visits) -> None:
    with visits.page() as page:
        code = ask_for_code(page, stack)
        field = page.get_by_role("textbox", name="Code")
        assert field.get_attribute("autocomplete") == "one-time-code"
        assert field.get_attribute("inputmode") == "numeric"
        expect(field).to_have_accessible_description("It goes on by itself once the code is complete.")
        again = page.get_by_role("button", name="Send a new code in")
        expect(again).to_be_disabled()
        field.evaluate(PASTE, f"Your code is: {code[:3]} {code[3:]}, good until 12.30")
        heading(page, "Welcome, Ada.")


def test_five_digits_wait_for_the_sixth(stack: Stack, visits: Visits) -> None:
    with visits.page() as page:
        code = ask_for_code(page, stack)
        field = page.get_by_role("textbox", name="Code")
        field.press_sequentially(code[:3] + " " + code[3:5])
        heading(page, "Check your mail")
        field.press_sequentially(code[5])
        heading(page, "Welcome, Ada.")


def test_the_list_of_what_a_password_must_be_ticks_while_it_is_typed(stack: Stack, visits: Visits) -> None:
    with visits.page() as page:
        people.open_sign_up(page, stack)
        page.get_by_label("Email address").fill("mary.somerville@example.com")
        password = page.get_by_label("Password", exact=True)
        length, own = page.locator("[data-rule=length]"), page.locator("[data-rule=own]")
        expect(length).to_have_attribute("data-met", "")
        password.fill("somerville1")
        expect(length).to_have_attribute("data-met", "true")
        expect(own).to_have_attribute("data-met", "false")
        password.fill("seven green bottles")
        expect(own).to_have_attribute("data-met", "true")


def test_an_impatient_person_sends_a_form_once(stack: Stack, visits: Visits) -> None:
    with visits.page() as page:
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
        people.open_sign_in(page, stack)
        page.get_by_label("Email address").fill(ADA)
        page.get_by_role("button", name="Continue").evaluate("button => { button.click(); button.click(); }")
        heading(page, "Enter your password")
        assert len([url for url in sent if "/sign-in?" in url]) == 1
