"""Who gets in, and when they are asked again: before they type, and before anything is done."""

from typing import Any

import pytest

from tests.server.account.home import Home, path
from tests.server.login.conftest import PASSWORD, App
from vestibule.server.account.routes import routes
from vestibule.server.hops import Hops
from vestibule.server.identity.environment import update_environment
from vestibule.server.identity.impersonation import request_impersonation
from vestibule.server.identity.open_sessions import list_open

PLACES = (
    "/account",
    "/account/security",
    "/account/sessions",
    "/account/organizations",
    "/account/api-keys",
    "/account/data",
)
SENSITIVE = (
    "/account/email",
    "/account/security/password",
    "/account/security/passkeys",
    "/account/security/authenticator",
    "/account/security/recovery-codes",
    "/account/api-keys/new?organization_id=org_engines",
    "/account/delete",
)
FORMS = {
    "/account/security/password": {"password": "nine quiet lighthouses", "end_others": "1"},
    "/account/email": {"new_email": "eve@example.com"},
    "/account/api-keys/new": {"name": "Robot", "organization_id": "org_engines"},
    "/account/data/export": {},
    "/account/delete": {"email": "ada@example.com"},
}


def test_a_stranger_signs_in_and_is_back_on_the_very_page(home: Home) -> None:
    """Grace is in two organizations, which no page of the account asks her to choose from."""
    for place in (PLACES[2], SENSITIVE[5]):
        browser = home.stranger()
        page = browser.get(place)
        assert page.heading == "Sign in"
        there = browser.sign_in(page, "grace@example.com", PASSWORD)
        assert (there.status, there.url.removeprefix(home.server.url)) == (200, place)


def test_every_sensitive_page_asks_again_after_ten_minutes(home: Home) -> None:
    browser = home.visit()
    for place in SENSITIVE:
        assert browser.get(place).url.removeprefix(home.server.url).startswith("/account")
    home.grow_old()
    for place in SENSITIVE:
        assert browser.get(place).heading == "Sign in again", place
    there = browser.sign_in(browser.get(SENSITIVE[0]), "ada@example.com", PASSWORD)
    assert (there.status, path(there)) == (200, SENSITIVE[0])


def test_what_was_typed_before_is_not_acted_on(home: Home) -> None:
    browser = home.visit()
    csrf = browser.get("/account").forms[0].hidden["csrf"]
    home.grow_old()
    for place, typed in FORMS.items():
        page = browser.post(place, {"csrf": csrf, **typed})
        assert page.heading == "Sign in again", place
    assert home.events("password.updated", "user.updated", "api_key.created", "account.exported") == []
    assert home.mails() == home.mails("eve@example.com") == []
    assert home.user().first_name == "Ada"


def test_pages_that_only_show_do_not_ask_again(home: Home) -> None:
    browser = home.visit()
    home.grow_old()
    for place in PLACES:
        assert path(browser.get(place)) == place


def test_CS_1_no_form_counts_that_another_site_has_sent(home: Home) -> None:
    browser = home.visit()
    page = browser.get("/account")
    csrf, other = page.forms[0].hidden["csrf"], home.visit("grace@example.com")
    client: Any = browser._client
    for route in _posts(home):
        crossed = client.post(route, data={"csrf": csrf}, headers={"sec-fetch-site": "cross-site"})
        assert crossed.status_code == 403, route
        # CS-3: none, and that of another browser.
        assert browser.post(route, {"csrf": ""}).status == 403, route
        foreign = other.get("/account").forms[0].hidden["csrf"]
        assert browser.post(route, {"csrf": foreign}).status == 403, route
    assert home.events("user.updated", "browser_session.revoked", "user.deleted") == []


def test_CS_2_nothing_is_done_by_looking(home: Home) -> None:
    browser: Any = home.visit()._client
    before = home.events()
    for route in _posts(home):
        for method in ("GET", "HEAD"):
            browser.request(method, route, params={"which": "all", "email": "ada@example.com"})
    assert home.events() == before


def _posts(home: Home) -> list[str]:
    given = {
        "organization_id": "org_engines",
        "passkey_id": "passkey_1",
        "key_id": "api_key_1",
    }
    return [
        route.path.format(**given)
        for route in routes(home.identity, Hops())
        if route.methods is not None and "POST" in route.methods
    ]


@pytest.mark.parametrize("server_settings", [{"account_page": False}])
def test_the_setting_takes_it_away(home: Home) -> None:
    for place in PLACES:
        assert home.visit().get(place).status == 404


def test_AK_3_whoever_impersonates_never_gets_here(home: Home) -> None:
    """What comes of it is a session of the app: no cookie of this server, and not on their list."""
    update_environment(home.identity, initiate_login_url="https://app.example.com/sign-in")
    _, link = request_impersonation(
        home.identity, home.user().id, impersonator_email="ops@example.com", reason="Ticket 4711"
    )
    app, browser = App(home.server, home.opened), home.stranger()
    browser.send(browser.get(link), "Continue as")
    app.begin(browser)
    assert app.finish(browser)["impersonator"]["email"] == "ops@example.com"
    assert browser.get("/account").heading == "Sign in"
    assert list_open(home.identity, home.user().id) == []
