import pytest

from tests.server.account.home import Home, path

ENGINES, SOCIETY = "/account/organizations/org_engines", "/account/organizations/org_society"
GRACE = "grace@example.com"


def test_an_organization_is_made_and_a_colleague_asked_in(home: Home) -> None:
    browser = home.visit()
    page = browser.click(browser.get("/account/organizations"), "Create an organization")
    assert browser.send(page, "Create", Name_of_the_organization=" ").status == 422
    made = browser.send(page, "Create", Name_of_the_organization="Difference")
    assert (made.heading, "Your role: Admin" in made.text) == ("Difference", True)
    assert "Enter an email address" in browser.send(made, "Send the invitation", Email_address="no").text
    invited = browser.send(made, "Send the invitation", Email_address="charles@example.com", Role="admin")
    assert "The invitation is on its way." in invited.text
    assert [mail.kind for mail in home.mails("charles@example.com")] == ["invitation"]
    twice = browser.send(invited, "Send the invitation", Email_address="charles@example.com")
    assert twice.problem("Email address") == "This address has been invited already."
    withdrawn = browser.send(invited, "Withdraw")
    assert "Nobody is invited at the moment." in withdrawn.text
    assert home.events("invitation.created")[0].context is not None


def test_a_plain_member_sees_their_role_and_may_leave(home: Home) -> None:
    browser = home.visit(GRACE)
    page = browser.get(SOCIETY)
    assert "Your role: Member" in page.text
    assert "Invite" not in page.text
    csrf = page.forms[0].hidden["csrf"]
    refused = browser.post(f"{SOCIETY}/invite", {"csrf": csrf, "email": "eve@example.com"})
    assert home.events("invitation.created") == []
    assert refused.status == 422
    left = browser.send(page, "Leave")
    assert (path(left), "You have left" in left.text) == ("/account/organizations", True)
    assert browser.get(SOCIETY).status == 404


def test_the_last_admin_is_told_why_they_cannot_leave(home: Home) -> None:
    from vestibule.server.identity.memberships import create_membership

    create_membership(home.identity, user_id=home.user().id, organization_id="org_engines")
    browser = home.visit(GRACE)
    refused = browser.send(browser.get(ENGINES), "Leave")
    assert refused.status == 422
    assert "Nobody else leads this organization." in refused.text
    assert home.events("organization_membership.deleted") == []


def test_OG_3_an_organization_of_others_is_as_none(home: Home) -> None:
    browser = home.visit()
    csrf = browser.get("/account").forms[0].hidden["csrf"]
    for place in (ENGINES, "/account/organizations/org_unknown"):
        assert browser.get(place).status == 404
        for act in ("invite", "withdraw", "leave"):
            given = {"csrf": csrf, "email": "eve@example.com", "invitation_id": "invitation_1"}
            assert browser.post(f"{place}/{act}", given).status == 404


@pytest.mark.parametrize("server_settings", [{"organization_creation": False}])
def test_the_setting_leaves_it_to_the_operator(home: Home) -> None:
    browser = home.visit()
    assert "Create an organization" not in browser.get("/account/organizations").links
    csrf = browser.get("/account").forms[0].hidden["csrf"]
    refused = browser.post("/account/organizations/new", {"csrf": csrf, "name": "Difference"})
    assert (refused.status, home.events("organization.created")[2:]) == (400, [])
