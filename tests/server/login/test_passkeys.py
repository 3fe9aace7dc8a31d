"""Passkeys on the hosted pages: forms and options as the script sends them, answered by a key in software."""

import json

import pytest

from tests.server.authenticators import enroll
from tests.server.login.conftest import PASSWORD, App
from tests.server.login.plain_browser import Page, PlainBrowser
from tests.server.soft_keys import UP, SoftKey
from vestibule.server.identity import passkeys
from vestibule.server.identity.logins import begin_login
from vestibule.server.identity.paging import Page as Limits
from vestibule.server.identity.people import User
from vestibule.server.identity.policies import set_policy
from vestibule.server.identity.sessions import list_sessions
from vestibule.server.identity.users import list_users

ADA = "ada@example.com"
OFFER, CONFIRM = "Sign in faster next time", "Confirm it is you"


def user(app: App, email: str = ADA) -> User:
    return list_users(app.server.identity, Limits(), email=email).data[0]


def key_of(app: App, email: str = ADA) -> SoftKey:
    identity, owner = app.server.identity, user(app, email)
    made, login = SoftKey(app.server.url), begin_login(identity, None, "some-other-browser")
    options = passkeys.begin_registration(identity, owner, login)
    passkeys.finish_registration(identity, owner.id, login, made.create(options))
    return made


def ask(browser: PlainBrowser, page: Page, path: str) -> Page:
    """The options, as the script asks for them."""
    return browser.post(f"{path}/options?{page.url.partition('?')[2]}", {"csrf": csrf(page)})


def csrf(page: Page) -> str:
    return page.forms[0].hidden["csrf"]


def send(browser: PlainBrowser, page: Page, path: str, credential: str) -> Page:
    url = f"{path}?{page.url.partition('?')[2]}"
    return browser.post(url, {"csrf": csrf(page), "credential": credential})


def sign_in(browser: PlainBrowser, page: Page, key: SoftKey, **wrong: object) -> Page:
    options = ask(browser, page, "/passkeys/sign-in").response.json()
    return send(browser, page, "/passkeys/sign-in", key.get(options, **wrong))


def password(browser: PlainBrowser, page: Page, email: str = ADA) -> Page:
    return browser.sign_in(page, email, PASSWORD)


def test_a_passkey_signs_in_without_a_password(app: App) -> None:
    key, browser = key_of(app), app.browser()
    sign_in(browser, app.begin(browser), key)
    answer = app.finish(browser)
    assert (answer["user"]["email"], answer["authentication_method"]) == (ADA, "Passkey")
    session = list_sessions(app.server.identity, answer["user"]["id"], Limits()).data[0]
    assert session.second_factor == "passkey"


def test_one_that_is_refused_leads_back_to_the_page(app: App) -> None:
    key, browser = key_of(app), app.browser()
    page = app.begin(browser)
    refused = sign_in(browser, page, key, signature=b"nonsense")
    assert refused.heading == "Sign in"
    assert "That passkey did not work" in refused.text
    sign_in(browser, refused, key)
    assert app.finish(browser)["user"]["email"] == ADA


def test_PK_1_options_of_another_browser_are_worth_nothing(app: App) -> None:
    key, mine, theirs = key_of(app), app.browser(), app.browser()
    page, other = app.begin(mine), app.begin(theirs)
    options = ask(theirs, other, "/passkeys/sign-in").response.json()
    refused = send(mine, page, "/passkeys/sign-in", key.get(options))
    assert "That passkey did not work" in refused.text
    assert mine.cookie("vestibule") is None


def test_the_options_of_a_sign_in_are_the_same_for_everybody(app: App) -> None:
    key_of(app)
    seen = []
    for email in (ADA, "grace@example.com", "nobody@example.com"):
        browser = app.browser()
        page = app.begin(browser, login_hint=email)
        options = ask(browser, page, "/passkeys/sign-in").response.json()
        seen.append({name: value for name, value in options.items() if name != "challenge"})
    assert seen[0] == seen[1] == seen[2]
    assert seen[0]["allowCredentials"] == []


def test_options_are_for_a_sign_in_under_way_of_this_site(app: App) -> None:
    browser = app.browser()
    page = app.begin(browser)
    for path in ("/passkeys/second-factor", "/passkeys/enroll"):
        assert ask(browser, page, path).status == 400
    url = f"/passkeys/sign-in/options?{page.url.partition('?')[2]}"
    assert browser.post(url, {"csrf": "forged"}).status == 403
    assert browser.post("/passkeys/sign-in/options?login=none", {"csrf": csrf(page)}).status == 400


def test_a_key_that_verified_nobody_is_one_factor(app: App) -> None:
    key = key_of(app)
    set_policy(app.server.identity, mfa="required")
    browser = app.browser()
    page = sign_in(browser, app.begin(browser), key, flags=UP)
    assert page.heading == CONFIRM
    other = app.browser()
    sign_in(other, app.begin(other), key)
    assert app.finish(other)["user"]["email"] == ADA


@pytest.mark.parametrize("has_app", [False, True])
def test_a_key_that_verified_nobody_is_not_its_own_second_factor(app: App, has_app: bool) -> None:
    key = key_of(app)
    set_policy(app.server.identity, mfa="required")
    if has_app:
        enroll(app.server.identity, user(app).id)
    browser = app.browser()
    page = sign_in(browser, app.begin(browser), key, flags=UP)
    assert page.heading == CONFIRM
    options = ask(browser, page, "/passkeys/second-factor").response.json()
    assert options["userVerification"] == "required"
    refused = send(browser, page, "/passkeys/second-factor", key.get(options, flags=UP))
    assert refused.heading == CONFIRM
    assert "That passkey did not work" in refused.text
    assert browser.cookie("vestibule") is None
    options = ask(browser, refused, "/passkeys/second-factor").response.json()
    send(browser, refused, "/passkeys/second-factor", key.get(options))
    assert app.finish(browser)["user"]["email"] == ADA


def test_a_passkey_is_a_second_factor_after_a_password(app: App) -> None:
    key, own = key_of(app), enroll(app.server.identity, user(app).id)
    browser = app.browser()
    page = password(browser, app.begin(browser))
    assert page.heading == CONFIRM
    options = ask(browser, page, "/passkeys/second-factor").response.json()
    assert len(options["allowCredentials"]) == 1
    refused = send(browser, page, "/passkeys/second-factor", key.get(options, count=0, origin="null"))
    assert "That passkey did not work" in refused.text
    options = ask(browser, page, "/passkeys/second-factor").response.json()
    send(browser, page, "/passkeys/second-factor", key.get(options, user_handle=None))
    answer = app.finish(browser)
    session = list_sessions(app.server.identity, answer["user"]["id"], Limits()).data[0]
    assert (session.authentication_method, session.second_factor) == ("Password", "passkey")
    assert own.factor_id


def test_PK_5_nobody_else_s_passkey_is(app: App) -> None:
    key_of(app)
    enroll(app.server.identity, user(app).id)
    other, browser = key_of(app, "grace@example.com"), app.browser()
    page = password(browser, app.begin(browser))
    for handle in (other.user_handle, None):
        options = ask(browser, page, "/passkeys/second-factor").response.json()
        answer = other.get(options, user_handle=handle)
        refused = send(browser, page, "/passkeys/second-factor", answer)
        assert refused.heading == CONFIRM
    assert browser.cookie("vestibule") is None


def test_who_has_a_passkey_cannot_be_given_another_factor_by_a_password_alone(app: App) -> None:
    key = key_of(app)
    set_policy(app.server.identity, mfa="required")
    browser = app.browser()
    page = password(browser, app.begin(browser))
    assert page.heading == CONFIRM
    assert "Use the passkey of" in page.text
    assert browser.get(f"/enroll-second-factor?{page.url.partition('?')[2]}").heading == CONFIRM
    options = ask(browser, page, "/passkeys/second-factor").response.json()
    send(browser, page, "/passkeys/second-factor", key.get(options))
    assert app.finish(browser)["user"]["email"] == ADA
    with app.server.client() as client:
        owed = app.server.authenticate(client, grant_type="password", email=ADA, password=PASSWORD)
    assert owed.json()["code"] == "mfa_challenge"
    assert owed.json()["authentication_factors"] == []


def test_a_passkey_is_offered_made_and_not_offered_again(app: App) -> None:
    set_policy(app.server.identity, passkey_enrollment="offer")
    browser = app.browser()
    page = password(browser, app.begin(browser))
    assert page.heading == OFFER
    key = SoftKey(app.server.url)
    options = ask(browser, page, "/passkeys/enroll").response.json()
    assert options["user"]["name"] == ADA
    wrong = send(browser, page, "/passkeys/enroll", key.create(options, origin="https://evil.example"))
    assert (wrong.status, "did not work" in wrong.text) == (422, True)
    options = ask(browser, page, "/passkeys/enroll").response.json()
    send(browser, page, "/passkeys/enroll", key.create(options))
    assert app.finish(browser)["user"]["email"] == ADA
    other = app.browser()
    password(other, app.begin(other))
    app.finish(other)
    third = app.browser()
    sign_in(third, app.begin(third), key)
    assert app.finish(third)["authentication_method"] == "Passkey"


def test_not_now_is_heard_on_this_browser(app: App) -> None:
    set_policy(app.server.identity, passkey_enrollment="offer")
    browser = app.browser()
    page = password(browser, app.begin(browser))
    browser.send(page, "Not now")
    app.finish(browser)
    password(browser, app.begin(browser, prompt="login"))
    app.finish(browser)
    other = password(browser, app.begin(browser, prompt="login"), "grace@example.com")
    assert browser.send(other, "R Royal Society").heading == OFFER


def test_where_passwords_are_off_the_page_offers_none(app: App) -> None:
    key = key_of(app)
    set_policy(app.server.identity, methods=["passkey"])
    browser = app.browser()
    page = app.begin(browser)
    assert "Password" not in page.labels.values()
    assert "needs a browser that runs scripts" in page.text
    form = {"csrf": csrf(page), "email": ADA, "password": PASSWORD}
    refused = browser.post(page.url, form)
    assert (refused.status, refused.heading) == (403, "Sign in another way")
    sign_in(browser, page, key)
    assert app.finish(browser)["user"]["email"] == ADA


@pytest.mark.parametrize("methods", [["password"], ["magic_auth"], ["sso"]])
def test_where_passkeys_are_off_none_is_asked_for(app: App, methods: list[str]) -> None:
    key = key_of(app)
    set_policy(app.server.identity, methods=methods)
    browser = app.browser()
    page = app.begin(browser)
    assert "passkeys.js" not in page.response.text
    if page.forms:
        refused = sign_in(browser, page, key)
        assert (refused.status, refused.heading) == (403, "Sign in another way")


def test_the_api_lists_and_deletes_them(app: App) -> None:
    key_of(app)
    path = f"/user_management/users/{user(app).id}/passkeys"
    with app.server.client() as client:
        listed = client.get(path).json()
        assert [each["object"] for each in listed["data"]] == ["passkey"]
        assert "public_key" not in json.dumps(listed)
        foreign = f"/user_management/users/{user(app, 'grace@example.com').id}/passkeys"
        assert client.delete(f"{foreign}/{listed['data'][0]['id']}").status_code == 404
        assert client.delete(f"{path}/{listed['data'][0]['id']}").status_code == 204
        assert client.get(path).json()["data"] == []
