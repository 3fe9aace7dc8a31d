import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.clocks import Clock
from tests.server.login.conftest import CALLBACK, PASSWORD, App
from tests.server.login.plain_browser import Page, PlainBrowser
from tests.server.login.test_magic_code import code_for
from tests.servers import running_server
from vestibule.server.identity import environment, invitations, memberships, policies, users
from vestibule.server.identity.invitations import create_invitation
from vestibule.server.identity.paging import Page as Listing
from vestibule.server.identity.people import Invitation

ADA, GUEST = "ada@example.com", "guest@example.com"
APP_SIGN_IN = "http://localhost:8000/auth/sign-in"
NO_LONGER = "This invitation no longer works"


def invite(app: App, email: str = GUEST, organization_id: str | None = "org_engines") -> Invitation:
    return create_invitation(app.server.identity, email=email, organization_id=organization_id)


def state(app: App, invitation: Invitation) -> str:
    return invitations.get_invitation(app.server.identity, invitation.id).state


def set_initiate_login(app: App) -> None:
    environment.update_environment(app.server.identity, initiate_login_url=APP_SIGN_IN)


def organization_of(app: App, browser: PlainBrowser) -> str | None:
    answer = app.finish(browser)
    return answer.get("organization_id")


def test_somebody_new_makes_an_account_without_a_code(app: App) -> None:
    browser, invitation = app.browser(), invite(app)
    page = app.begin(browser, invitation_token=invitation.token)
    assert page.heading == "Create your account"
    assert page.value("Email address") == GUEST
    browser.send(page, "Create account", Password="orbit lantern cascade", First_name="Grace")
    answer = app.finish(browser)
    assert (answer["organization_id"], answer["user"]["email_verified"]) == ("org_engines", True)
    assert (answer["user"]["first_name"], state(app, invitation)) == ("Grace", "accepted")


def test_the_page_says_who_invites_and_to_where(app: App) -> None:
    boss = users.find_user_by_email(app.server.identity, "grace@example.com")
    assert boss is not None
    invitation = create_invitation(
        app.server.identity, email=GUEST, organization_id="org_engines", inviter_user_id=boss.id
    )
    page = app.begin(app.browser(), invitation_token=invitation.token)
    said = "grace@example.com has invited you to Analytical Engines. Make an account to accept."
    assert said in page.text
    alone = app.begin(app.browser(), invitation_token=invite(app, "x@example.com", None).token)
    assert "You are invited to Vestibule." in alone.text


def test_the_address_is_fixed_whatever_the_form_says(app: App) -> None:
    browser, invitation = app.browser(), invite(app)
    page = app.begin(browser, invitation_token=invitation.token)
    form = page.forms[0]
    values = form.hidden | {"email": "eve@example.com", "password": "orbit lantern cascade"}
    browser.post(page.url, values)
    assert app.finish(browser)["user"]["email"] == GUEST
    assert users.find_user_by_email(app.server.identity, "eve@example.com") is None


def test_a_weak_password_is_asked_again(app: App) -> None:
    browser, invitation = app.browser(), invite(app)
    page = browser.send(
        app.begin(browser, invitation_token=invitation.token), "Create account", Password="password"
    )
    assert (page.status, page.value("Email address")) == (422, GUEST)
    assert state(app, invitation) == "pending"


def test_somebody_with_an_account_signs_in_and_is_a_member(app: App) -> None:
    browser, invitation = app.browser(), invite(app, ADA)
    page = app.begin(browser, invitation_token=invitation.token)
    assert (page.heading, page.value("Email address")) == ("Sign in", ADA)
    assert "You are invited to Analytical Engines. Sign in to accept." in page.text
    browser.sign_in(page, ADA, PASSWORD)
    assert organization_of(app, browser) == "org_engines"


def test_the_invitation_proves_the_address_of_whoever_knows_the_password(app: App) -> None:
    browser, invitation = app.browser(), invite(app, "new@example.com")
    page = app.begin(browser, invitation_token=invitation.token)
    browser.sign_in(page, "new@example.com", PASSWORD)
    assert app.finish(browser)["user"]["email_verified"]


def test_a_code_accepts_as_well(app: App) -> None:
    browser, invitation = app.browser(), invite(app, ADA)
    page = browser.identify(app.begin(browser, invitation_token=invitation.token), ADA)
    page = browser.send(page, "Email me a code")
    code = code_for(app, ADA)
    browser.send(page, "Sign in", Code=code)
    assert organization_of(app, browser) == "org_engines"


def test_whoever_is_signed_in_here_with_the_address_needs_no_form(app: App) -> None:
    browser = app.browser()
    browser.sign_in(app.begin(browser), ADA, PASSWORD)
    invitation = invite(app, ADA)
    app.begin(browser, invitation_token=invitation.token)
    assert organization_of(app, browser) == "org_engines"


def test_the_invited_organization_is_not_asked_for_among_others(app: App) -> None:
    identity = app.server.identity
    (member,) = memberships.list_memberships(identity, Listing(), organization_id="org_society").data
    memberships.delete_membership(identity, member.id)
    browser, invitation = app.browser(), invite(app, "grace@example.com", "org_society")
    page = app.begin(browser, invitation_token=invitation.token)
    browser.sign_in(page, "grace@example.com", PASSWORD)
    assert organization_of(app, browser) == "org_society"


def test_IN_2_signed_in_as_somebody_else_joins_nothing(app: App) -> None:
    browser = app.browser()
    browser.sign_in(app.begin(browser), ADA, PASSWORD)
    invitation = invite(app)
    page = app.begin(browser, invitation_token=invitation.token)
    assert (page.status, page.heading) == (403, "This invitation is for another address")
    assert GUEST not in page.text
    assert (browser.left_for, state(app, invitation)) == ("", "pending")
    own = browser.click(page, "Use the invited address")
    assert (own.heading, own.value("Email address")) == ("Create your account", GUEST)
    browser.click(page, "Go on without the invitation")
    assert app.finish(browser)["user"]["email"] == ADA
    assert state(app, invitation) == "pending"


def dead(app: App, clock: Clock) -> list[str]:
    """Tokens that let nobody in: used, revoked, expired, altered, and none at all."""
    expired = create_invitation(app.server.identity, email="late@example.com", expires_in_days=1)
    clock.advance(days=2)
    used, revoked, whole = invite(app, ADA), invite(app), invite(app, "bob@example.com")
    browser = app.browser()
    browser.sign_in(app.begin(browser, invitation_token=used.token), ADA, PASSWORD)
    invitations.revoke_invitation(app.server.identity, revoked.id)
    return [used.token, revoked.token, expired.token, whole.token[:-1] + "_", "x"]


def shape(page: Page) -> tuple[int, str, str]:
    text = page.text.replace(parse_qs(urlsplit(page.url).query).get("login", ["-"])[0], "")
    return page.status, page.heading, text.partition("Request")[0]


def test_IN_1_every_dead_link_gets_the_same_page(app: App, clock: Clock) -> None:
    tokens = dead(app, clock)
    at_sign_in = {shape(app.begin(app.browser(), invitation_token=token)) for token in tokens}
    at_link = {shape(app.browser().get(f"{app.server.url}/invite?invitation_token={t}")) for t in tokens}
    assert len(at_sign_in) == len(at_link) == 1
    assert {page[:2] for page in at_sign_in | at_link} == {(400, NO_LONGER)}


def test_behind_a_dead_link_one_signs_in_without_it(app: App) -> None:
    browser = app.browser()
    page = browser.click(app.begin(browser, invitation_token="unknown"), "Sign in")
    assert page.heading == "Sign in"
    browser.sign_in(page, ADA, PASSWORD)
    assert organization_of(app, browser) is None


def test_reg_CVE_2026_1529_what_the_bearer_adds_to_the_link_changes_nothing(app: App) -> None:
    browser, invitation = app.browser(), invite(app)
    page = app.begin(
        browser,
        invitation_token=invitation.token,
        login_hint="eve@example.com",
        email="eve@example.com",
        role_slug="admin",
    )
    browser.send(page, "Create account", Password="orbit lantern cascade")
    user = app.finish(browser)["user"]
    assert user["email"] == GUEST
    (member,) = memberships.list_memberships(app.server.identity, Listing(), user_id=user["id"]).data
    assert (member.organization_id, member.roles) == ("org_engines", ["member"])


def test_the_link_leads_to_the_app_which_passes_the_token_on(app: App) -> None:
    set_initiate_login(app)
    invitation, browser = invite(app), app.browser()
    (mail,) = app.mails(GUEST)
    assert invitation.accept_invitation_url in mail.text
    browser.get(invitation.accept_invitation_url)
    assert browser.left_for == f"{APP_SIGN_IN}?invitation_token={invitation.token}"
    assert state(app, invitation) == "pending"


def test_an_app_that_drops_the_token_loses_nothing(app: App) -> None:
    set_initiate_login(app)
    invitation, browser = invite(app), app.browser()
    browser.get(invitation.accept_invitation_url)
    page = app.begin(browser)
    assert (page.heading, page.value("Email address")) == ("Create your account", GUEST)
    browser.send(page, "Create account", Password="orbit lantern cascade")
    assert organization_of(app, browser) == "org_engines"
    assert browser.cookie("vestibule-invitation") is None


def test_without_an_app_to_take_over_the_pages_finish_by_themselves(app: App) -> None:
    invitation, browser = invite(app), app.browser()
    page = browser.get(invitation.accept_invitation_url)
    assert page.heading == "Create your account"
    done = browser.send(page, "Create account", Password="orbit lantern cascade")
    assert (done.status, done.heading) == (200, "Welcome to Analytical Engines")
    assert state(app, invitation) == "accepted"
    app.begin(browser)
    assert organization_of(app, browser) == "org_engines"


def test_looking_at_the_link_begins_nothing(app: App) -> None:
    invitation = invite(app)
    with app.server.browser() as client:
        answer = client.head(invitation.accept_invitation_url)
    assert (answer.status_code, answer.headers.get("location")) == (200, None)
    assert state(app, invitation) == "pending"


def test_the_token_stays_out_of_the_database(app: App) -> None:
    invitation, browser = invite(app), app.browser()
    app.begin(browser, invitation_token=invitation.token)
    with app.server.identity.store.read() as tx:
        rows = [str(tuple(row)) for row in tx.connection.exec_driver_sql("SELECT * FROM logins")]
    assert rows
    assert invitation.token not in "".join(rows)


def test_prompt_none_asks_nobody_about_an_invitation(app: App) -> None:
    browser, invitation = app.browser(), invite(app)
    app.begin(browser, invitation_token=invitation.token, prompt="none")
    assert app.answer(browser)["error"] == "login_required"


@pytest.fixture
def closed(tmp_path: Path, template: Path) -> Iterator[App]:
    shutil.copy(template, tmp_path)
    with running_server(tmp_path, sign_up=False) as server, ExitStack() as opened:
        yield App(server, opened)


def test_where_sign_up_is_closed_only_the_invited_make_accounts(closed: App) -> None:
    browser = closed.browser()
    page = closed.begin(browser)
    assert "Create an account" not in page.links
    there = browser.get(page.url.replace("/sign-in", "/sign-up"))
    assert (there.status, there.heading) == (403, "Sign-up is by invitation")
    forged = browser.post(
        there.url, page.forms[0].hidden | {"email": GUEST, "password": "orbit lantern cascade"}
    )
    assert forged.status == 403
    assert users.find_user_by_email(closed.server.identity, GUEST) is None
    invitation = invite(closed)
    page = closed.begin(browser, invitation_token=invitation.token)
    browser.send(page, "Create account", Password="orbit lantern cascade")
    assert organization_of(closed, browser) == "org_engines"


def test_somebody_new_comes_by_code_where_passwords_are_off(app: App) -> None:
    policies.set_policy(app.server.identity, methods=["magic_auth"])
    browser, invitation = app.browser(), invite(app)
    page = app.begin(browser, invitation_token=invitation.token)
    assert (page.heading, page.value("Email address")) == ("Sign in", GUEST)
    assert browser.get(page.url.replace("/sign-in", "/sign-up")).heading == "Sign in"
    page = browser.send(page, "Continue")
    browser.send(page, "Sign in", Code=code_for(app, GUEST))
    assert organization_of(app, browser) == "org_engines"


def test_the_form_sent_twice_makes_one_account(app: App) -> None:
    browser, invitation = app.browser(), invite(app)
    page = app.begin(browser, invitation_token=invitation.token)
    first = browser.send(page, "Create account", Password="orbit lantern cascade")
    second = browser.send(page, "Create account", Password="orbit lantern cascade")
    assert CALLBACK in browser.left_for or second.heading in ("Sign in", first.heading)
    found = users.list_users(app.server.identity, Listing(), email=GUEST)
    assert len(found.data) == 1
