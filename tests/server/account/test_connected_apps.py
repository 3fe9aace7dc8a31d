from tests.server.account.home import Home
from vestibule.server.identity.applications import create_application
from vestibule.server.identity.consents import grant_consent, list_consents
from vestibule.server.identity.paging import Page

APPS = "/account/connected-apps"


def test_what_was_allowed_is_shown_in_words_and_taken_back(home: Home) -> None:
    reports = create_application(home.identity, name="Reports", organization_id="org_engines")
    ada = home.user().id
    browser = home.visit()
    assert "have not allowed any app" in browser.get(APPS).text
    grant_consent(home.identity, ada, reports, ["openid", "email"])
    page = browser.get(APPS)
    for shown in ("Reports", "Analytical Engines", "Allowed on", "See your email address"):
        assert shown in page.text
    stranger = home.visit("grace@example.com")
    csrf = stranger.get("/account").forms[0].hidden["csrf"]
    stranger.post(APPS, {"csrf": csrf, "application": reports.id})
    assert len(list_consents(home.identity, ada, Page()).data) == 1
    assert "The app is removed" in browser.send(page, "Remove Reports").text
    assert not list_consents(home.identity, ada, Page()).data
    assert "The app is removed" in browser.send(page, "Remove Reports").text  # an old page, sent again
    (revoked,) = home.events("consent.revoked")
    assert revoked.context is not None
