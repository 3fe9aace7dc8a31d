import re

from tests.server.account.home import Home, path
from tests.server.authenticators import Authenticator, enroll
from tests.server.login.conftest import PASSWORD
from tests.server.login.plain_browser import PlainBrowser
from tests.server.soft_keys import SoftKey
from vestibule.server.identity.open_sessions import list_open
from vestibule.server.identity.passkeys import list_passkeys
from vestibule.server.identity.passwords import verify_password
from vestibule.server.store.passkeys import Passkey
from vestibule.server.store.rows import Page as Limits

NEW = "nine quiet lighthouses"
KEYS = "/account/security/passkeys"


def save_password(browser: PlainBrowser, current: str = PASSWORD, new: str = NEW) -> str:
    page = browser.get("/account/security/password")
    return browser.send(page, "Save", Current_password=current, New_password=new).text


def test_LO_3_a_new_password_signs_every_other_device_out(home: Home) -> None:
    browser, other = home.visit(), home.visit()
    assert "This is not your current password." in save_password(browser, "not this one")
    assert "attackers try" in save_password(browser, new="password1")
    before = browser.cookie("vestibule")
    assert "Your password is saved." in save_password(browser)
    assert browser.cookie("vestibule") not in (None, before)
    assert verify_password(home.identity, "ada@example.com", NEW).id == home.user().id
    assert len(list_open(home.identity, home.user().id)) == 1
    assert other.get("/account").heading == "Sign in"
    assert "Its password was changed." in home.mails()[0].text
    assert home.events("password.updated")[0].context is not None


def test_other_devices_stay_when_somebody_wants_them_to(home: Home) -> None:
    browser, _ = home.visit(), home.visit()
    page = browser.get("/account/security/password")
    typed = {"csrf": page.forms[0].hidden["csrf"], "current_password": PASSWORD, "password": NEW}
    browser.post("/account/security/password", typed)
    assert len(list_open(home.identity, home.user().id)) == 2


def test_who_came_by_passkey_needs_no_password_to_change_it(home: Home) -> None:
    browser = home.visit(method="Passkey")
    page = browser.get("/account/security/password")
    assert "Current password" not in page.text
    assert "Your password is saved." in browser.send(page, "Save", New_password=NEW).text


def test_RL_1_guesses_of_the_current_password_are_counted(home: Home) -> None:
    browser = home.visit()
    answers = [save_password(browser, f"guess number {number}") for number in range(11)]
    assert "Too many tries" in answers[-1]


def make_key(home: Home, browser: PlainBrowser) -> tuple[SoftKey, Passkey]:
    page, key = browser.get(KEYS), SoftKey(home.server.url)
    csrf = page.forms[0].hidden["csrf"]
    options = browser.post(f"{KEYS}/options", {"csrf": csrf}).response.json()
    made = browser.post(KEYS, {"csrf": csrf, "credential": key.create(options)})
    assert "Your passkey is ready." in made.text, made.text
    return key, list_passkeys(home.identity, home.user().id, Limits()).data[0]


def test_a_passkey_is_made_renamed_and_removed(home: Home) -> None:
    browser = home.visit()
    _, passkey = make_key(home, browser)
    assert passkey.name == "Chrome on Windows"
    page = browser.get(f"{KEYS}/{passkey.id}")
    assert browser.send(page, "Save the name", Name=" ").problem("Name") == "Enter a name."
    assert "Work laptop" in browser.send(page, "Save the name", Name="Work laptop").text
    assert "Work laptop" not in browser.send(page, "Remove").text
    assert [
        event.event for event in home.events("passkey.created", "passkey.updated", "passkey.deleted")
    ] == [
        "passkey.created",
        "passkey.updated",
        "passkey.deleted",
    ]
    assert [mail.kind for mail in home.mails()] == ["security_notice"] * 2


def test_PK_1_options_of_another_browser_make_no_passkey(home: Home) -> None:
    mine, theirs = home.visit(), home.visit()
    options = theirs.post(
        f"{KEYS}/options", {"csrf": theirs.get(KEYS).forms[0].hidden["csrf"]}
    ).response.json()
    given = {
        "csrf": mine.get(KEYS).forms[0].hidden["csrf"],
        "credential": SoftKey(home.server.url).create(options),
    }
    assert mine.post(KEYS, given).status == 422
    assert list_passkeys(home.identity, home.user().id, Limits()).data == ()


def test_OG_3_somebody_elses_passkey_is_as_none(home: Home) -> None:
    _, passkey = make_key(home, home.visit())
    eve = home.visit("grace@example.com")
    csrf = eve.get("/account").forms[0].hidden["csrf"]
    page, unknown = eve.get(f"{KEYS}/{passkey.id}"), eve.get(f"{KEYS}/passkey_unknown")
    assert (page.status, unknown.status) == (404, 404)
    for action in ("remove", "rename"):
        given = {"csrf": csrf, "action": action, "name": "Mine"}
        assert eve.post(f"{KEYS}/{passkey.id}", given).status == 404
    assert list_passkeys(home.identity, home.user().id, Limits()).data[0].name == passkey.name


def test_an_authenticator_app_is_set_up_and_removed(home: Home) -> None:
    browser = home.visit()
    page = browser.get("/account/security/authenticator")
    secret = re.search(r'<code class="key"[^>]*>([A-Z2-7 ]+)</code>', page.response.text)
    assert secret is not None
    app = Authenticator(secret[1].replace(" ", ""))
    again = browser.send(page, "Confirm", Code=app.wrong(home.identity.now))
    assert (again.status, secret[0] in again.response.text) == (422, True)
    before = browser.cookie("vestibule")
    codes = browser.send(again, "Confirm", Code=app.code(home.identity.now))
    assert codes.heading == "Keep your recovery codes"
    assert len(re.findall(r"<li><code>", codes.response.text)) == 10
    assert codes.links["Download as a text file"].startswith("data:text/plain;charset=utf-8,Recovery%20codes")
    assert browser.cookie("vestibule") != before
    (found,) = list_open(home.identity, home.user().id)
    assert found.browser is not None
    assert found.browser.second_factor == "totp"
    security = browser.get("/account/security")
    assert "10 codes are left" in security.text
    removed = browser.send(browser.click(security, "Remove"), "Remove the app")
    assert "Not set up" in removed.text


def test_new_recovery_codes_void_those_before(home: Home) -> None:
    enroll(home.identity, home.user().id)
    browser = home.visit()
    page = browser.get("/account/security/recovery-codes")
    first = browser.send(page, "Make new codes").response.text
    second = browser.send(page, "Make new codes").response.text
    assert first != second
    assert any("New recovery codes were made for it." in mail.text for mail in home.mails())
    assert len(home.events("recovery_codes.created")) == 2


def test_TO_3_a_factor_of_somebody_else_cannot_be_taken_away(home: Home) -> None:
    app, eve = enroll(home.identity, home.user().id), home.visit("grace@example.com")
    given = {"csrf": eve.get("/account").forms[0].hidden["csrf"], "factor_id": app.factor_id}
    assert eve.post("/account/security/authenticator/remove", given).status == 404
    assert "Set up on" in home.visit().get("/account/security").text


def test_codes_without_an_app_and_offers_of_somebody_else_lead_nowhere(home: Home) -> None:
    browser = home.visit()
    assert path(browser.get("/account/security/recovery-codes")) == "/account/security"
    csrf = browser.get("/account").forms[0].hidden["csrf"]
    given = {"csrf": csrf, "offer": "Fe26.2*forged", "code": "123456"}
    assert browser.post("/account/security/authenticator", given).status == 422


def test_connected_accounts_are_listed(home: Home) -> None:
    browser, user_id = home.visit(), home.user().id
    assert "None is connected." in browser.get("/account/security").text
    with home.identity.store.transaction() as tx:
        tx.identities.create(provider="GitHubOAuth", idp_id="1", user_id=user_id, now=home.identity.now)
    text = browser.get("/account/security").text
    assert "GitHub" in text
    assert "None is connected." not in text
