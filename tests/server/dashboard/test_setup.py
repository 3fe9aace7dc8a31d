from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.clocks import Clock
from tests.server.authenticators import enroll
from tests.server.dashboard.office import SAME_ORIGIN, Office
from tests.server.login.plain_browser import PlainBrowser
from vestibule.server.identity.operators import add_operator, list_operators, new_setup_link
from vestibule.server.identity.policies import set_policy
from vestibule.server.identity.users import create_user, find_user_by_email

PASSWORD = "seven green bottles"
OWNER = {"Email_address": "owner@example.com", "Password": PASSWORD}


def link(office: Office) -> str:
    found = new_setup_link(office.identity)
    assert found is not None
    return found


def owners(office: Office) -> list[str]:
    return [each.email for each in list_operators(office.identity)]


def test_AD_4_the_link_makes_the_first_owner_once(office: Office) -> None:
    address, browser = link(office), PlainBrowser(office.browser())
    page = browser.get(address)
    assert page.heading == "Become the first owner"
    assert "token" not in page.url  # it is in a cookie by now
    done = browser.send(page, "Create", **OWNER)
    assert urlsplit(done.url).path == "/dashboard"
    assert "You are the first owner of this server." in done.text
    assert owners(office) == ["owner@example.com"]
    again = PlainBrowser(office.browser()).get(address)
    assert (again.status, "setup_link_over" in again.text) == (400, True)
    assert new_setup_link(office.identity) is None


def test_AD_4_the_link_is_good_for_a_day_and_no_other_is_good_at_all(office: Office, clock: Clock) -> None:
    address = link(office)
    clock.advance(hours=23)
    assert PlainBrowser(office.browser()).get(address).status == 200
    clock.advance(hours=1)
    assert PlainBrowser(office.browser()).get(address).status == 400
    assert PlainBrowser(office.browser()).get("/dashboard/setup").status == 400
    assert PlainBrowser(office.browser()).get(f"{address}x").status == 400


def test_a_link_of_before_somebody_else_was_named_is_over(office: Office) -> None:
    address = link(office)
    browser = PlainBrowser(office.browser())
    page = browser.get(address)
    add_operator(office.identity, "boss@example.com", "owner")
    late = browser.send(page, "Create", **OWNER)
    assert (late.status, "setup_link_over" in late.text) == (400, True)
    assert owners(office) == ["boss@example.com"]
    assert find_user_by_email(office.identity, "owner@example.com") is None


def test_of_two_at_once_one_becomes_the_owner(office: Office) -> None:
    forms = []
    for number in range(2):
        browser = office.browser()
        page = PlainBrowser(browser).get(link(office))
        forms.append((browser, {**page.forms[0].hidden, "email": f"o{number}@example.com"}))

    def send(form: tuple[httpx2.Client, dict[str, str]]) -> int:
        browser, values = form
        values = {**values, "password": PASSWORD}
        return browser.post("/dashboard/setup", data=values, headers=SAME_ORIGIN).status_code

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(send, forms)) == [303, 400]
    assert len(owners(office)) == 1


def test_rules_for_passwords_and_addresses_are_said_beside_the_inputs(office: Office) -> None:
    browser = PlainBrowser(office.browser())
    page = browser.get(link(office))
    page = browser.send(page, "Create", Email_address="owner@example.com", Password="short")
    assert page.status == 422
    assert "characters" in page.problem("Password")
    assert page.value("Email address") == "owner@example.com"
    page = browser.send(page, "Create", Email_address="nobody", Password=PASSWORD)
    assert page.problem("Email address")
    assert owners(office) == []
    assert urlsplit(browser.send(page, "Create", **OWNER).url).path == "/dashboard"


def test_an_account_that_is_there_signs_in_and_takes_it(office: Office) -> None:
    create_user(office.identity, email="ada@example.com", password=PASSWORD, email_verified=True)
    browser = PlainBrowser(office.browser())
    page = browser.get(link(office))
    taken = browser.send(page, "Create", Email_address="ada@example.com", Password="another password")
    assert taken.status == 422  # knowing an address is not enough
    page = browser.send(browser.get("/dashboard/setup"), "I have an account here")
    page = browser.sign_in(page, "ada@example.com", PASSWORD)
    while page.heading != "Become the first owner":
        page = browser.send(page, "Not now")
    done = browser.send(page, "Continue as ada@example.com")
    assert urlsplit(done.url).path == "/dashboard"
    assert owners(office) == ["ada@example.com"]


def test_who_has_a_second_factor_shows_it_first(office: Office) -> None:
    user = create_user(office.identity, email="ada@example.com", password=PASSWORD, email_verified=True)
    own, browser = enroll(office.identity, user.id), PlainBrowser(office.browser())
    page = browser.send(browser.get(link(office)), "I have an account here")
    page = browser.sign_in(page, "ada@example.com", PASSWORD)
    assert page.heading == "Confirm it is you"
    assert "Continue as" not in browser.get("/dashboard/setup").text
    page = browser.send(page, "Continue", Code=own.code(office.identity.now))
    browser.send(page, "Continue as ada@example.com")
    assert owners(office) == ["ada@example.com"]


def test_the_account_made_here_owes_a_second_factor_where_the_policy_asks_for_one(office: Office) -> None:
    set_policy(office.identity, mfa="required")
    browser = PlainBrowser(office.browser())
    page = browser.send(browser.get(link(office)), "Create", **OWNER)
    assert page.heading == "Set up your authenticator app"
    assert browser.get("/dashboard").heading == "Set up your authenticator app"


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, SAME_ORIGIN])
def test_CS_1_another_site_cannot_make_itself_the_owner(office: Office, headers: dict[str, str]) -> None:
    browser = office.browser()
    PlainBrowser(browser).get(link(office))
    values = {"email": "eve@example.com", "password": PASSWORD, "csrf": "guessed"}
    assert browser.post("/dashboard/setup", data=values, headers=headers).status_code == 403
    assert owners(office) == []
