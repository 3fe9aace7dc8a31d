"""On the hosted pages, too, a proven domain makes members and asks for what its organization asks for."""

from tests.server.login.conftest import PASSWORD, App
from vestibule.server.identity.domain_policies import set_domain_policy
from vestibule.server.identity.domains import create_domain
from vestibule.server.identity.policies import set_policy

ADA = "ada@example.com"


def prove(app: App, **policy: bool) -> str:
    create_domain(app.server.identity, organization_id="org_engines", domain="example.com", state="verified")
    set_domain_policy(app.server.identity, "org_engines", **policy)
    return "org_engines"


def test_somebody_of_the_domain_comes_in_as_a_member(app: App) -> None:
    home = prove(app, auto_join=True)
    browser = app.browser()
    browser.sign_in(app.begin(browser), ADA, PASSWORD)
    assert app.finish(browser)["organization_id"] == home


def test_OG_2_somebody_captured_shows_a_second_factor(app: App) -> None:
    home = prove(app, capture=True)
    set_policy(app.server.identity, home, mfa="required")
    browser = app.browser()
    page = browser.sign_in(app.begin(browser), ADA, PASSWORD)
    assert page.heading == "Set up your authenticator app"
