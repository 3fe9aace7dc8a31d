import re

from tests.server.account.home import Home, path
from tests.server.people import code_in, wrong

CODE = "Code"


def test_a_profile_is_seen_and_changed(home: Home) -> None:
    browser = home.visit()
    page = browser.get("/account")
    assert (page.heading, page.value("First name"), page.value("Language")) == ("Profile", "Ada", "")
    saved = browser.send(page, "Save", First_name="Augusta", Last_name="King", Display_name="Countess")
    assert "Your profile is saved." in saved.text
    user = home.user()
    assert (user.first_name, user.last_name, user.name) == ("Augusta", "King", "Countess")
    context = home.events("user.updated")[0].context
    assert context is not None
    assert context["ip_address"] == "127.0.0.1"
    assert "Chrome" in context["user_agent"]


def test_the_language_of_somebody_is_that_of_their_pages_at_once(home: Home) -> None:
    browser = home.visit()
    browser.send(browser.get("/account"), "Save", Language="ar")
    assert home.user().locale == "ar"
    assert 'dir="rtl"' in browser.get("/account/security").response.text


def test_AD_1_names_are_text_and_nothing_else(home: Home) -> None:
    browser, hostile = home.visit(), "<img src=x onerror=alert(1)>{{7*7}}"
    saved = browser.send(browser.get("/account"), "Save", First_name=hostile)
    assert "<img" not in saved.response.text
    assert saved.value("First name") == hostile
    refused = browser.send(saved, "Save", First_name="Ada\r\nBcc: eve@example.com")
    assert (refused.status, home.user().first_name) == (422, hostile)
    assert refused.problem("First name") == "This contains characters that no name has."


def test_a_new_address_is_theirs_once_its_code_is_back(home: Home) -> None:
    browser = home.visit()
    page = browser.send(browser.get("/account/email"), "Send", New_email_address="countess@example.com")
    assert path(page) == "/account/email/confirm"
    assert [mail.kind for mail in home.mails()] == ["email_change_requested"]
    code = code_in(home.mails("countess@example.com")[0])
    assert browser.send(page, "Confirm", Code=wrong(code)).status == 422
    assert "Waiting for the code" in browser.get("/account").text
    done = browser.send(page, "Confirm", Code=f"{code[:3]} {code[3:]}")
    assert "Your email address is changed." in done.text
    assert home.user("countess@example.com").email_verified
    assert {mail.kind for mail in home.mails()} == {"email_change_requested", "email_changed"}


def test_EN_2_whether_an_address_has_an_account_is_told_to_nobody(home: Home) -> None:
    answers = []
    for new in ("grace@example.com", "nobody@example.com"):
        browser = home.visit()
        page = browser.send(browser.get("/account/email"), "Send", New_email_address=new)
        told = re.sub(r'(value|nonce)="[^"]*"|' + re.escape(new), "", page.response.text)
        answers.append((page.status, path(page), told))
        assert [mail.kind for mail in home.mails(new)] == ["email_change_code"]
    assert answers[0] == answers[1]
    code = code_in(home.mails("nobody@example.com")[0])
    browser.send(page, "Confirm", Code=code)
    assert home.user("nobody@example.com").first_name == "Ada"


def test_who_reads_the_mail_of_both_accounts_learns_that_there_are_two(home: Home) -> None:
    browser = home.visit()
    page = browser.send(browser.get("/account/email"), "Send", New_email_address="grace@example.com")
    refused = browser.send(page, "Confirm", Code=code_in(home.mails("grace@example.com")[0]))
    assert "There is another account with this address." in refused.problem(CODE)
    assert home.user("ada@example.com").id != home.user("grace@example.com").id


def test_the_way_back_to_the_app_is_the_registered_one(home: Home) -> None:
    from vestibule.server.identity.environment import update_environment

    browser = home.visit()
    assert "Back to Vestibule" not in browser.get("/account", return_to="https://evil.example").text
    update_environment(home.identity, name="Atrium", app_homepage_url="https://app.example.com/")
    page = browser.get("/account", return_to="https://evil.example")
    assert page.links["Back to Atrium"] == "https://app.example.com/"
    assert "//evil" not in page.response.text
