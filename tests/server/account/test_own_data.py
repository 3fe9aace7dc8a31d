import json

from tests.server.account.home import Home
from vestibule.server.identity.memberships import create_membership
from vestibule.server.identity.users import find_user_by_email

GRACE = "grace@example.com"


def test_everything_can_be_taken_along(home: Home) -> None:
    browser = home.visit()
    page = browser.get("/account/data")
    file = browser.post("/account/data/export", page.forms[0].hidden).response
    assert file.headers["content-disposition"] == 'attachment; filename="account-2027-01-15.json"'
    assert file.headers["cache-control"] == "no-store"
    found = json.loads(file.text)
    assert found["user"]["email"] == "ada@example.com"
    assert "account.exported" in {event["event"] for event in found["events"]}
    assert "argon2" not in file.text


def test_an_account_is_deleted_by_its_typed_address(home: Home) -> None:
    browser, other = home.visit(), home.visit()
    page = browser.click(browser.get("/account/data"), "Delete your account")
    wrong = browser.send(page, "Delete", Type_your_email_address_to_confirm=GRACE)
    assert wrong.problem("Type your email address to confirm") == "This is not the address of your account."
    last = browser.send(page, "Delete", Type_your_email_address_to_confirm="ada@example.com")
    assert last.heading == "Your account is deleted"
    assert find_user_by_email(home.identity, "ada@example.com") is None
    assert browser.cookie("vestibule") is None
    assert other.get("/account").heading == "Sign in"
    assert home.mails()[0].kind == "account_deleted"
    context = home.events("user.deleted")[0].context
    assert context is not None
    assert context["ip_address"] == "127.0.0.1"


def test_who_alone_leads_others_hands_over_first(home: Home) -> None:
    create_membership(home.identity, user_id=home.user().id, organization_id="org_engines")
    browser = home.visit(GRACE)
    page = browser.get("/account/delete")
    assert "You alone lead these organizations." in page.text
    assert "Analytical Engines" in page.text
    csrf = browser.get("/account").forms[0].hidden["csrf"]
    assert browser.post("/account/delete", {"csrf": csrf, "email": GRACE}).status == 422
    assert home.user(GRACE).email == GRACE
