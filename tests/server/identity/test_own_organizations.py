from dataclasses import replace

import pytest

from tests.server.apps import App
from tests.server.people import mails_to
from vestibule.server.identity import own_organizations
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, Forbidden, NotFound
from vestibule.server.identity.invitations import create_invitation
from vestibule.server.identity.memberships import create_membership


def test_whoever_makes_one_leads_it_and_asks_others_in(identity: Identity, app: App) -> None:
    user = app.create_user()
    made = own_organizations.create_own_organization(identity, user.id, name="Engines")
    membership, name = own_organizations.get_own_membership(identity, user.id, made.id)
    assert (membership.role, name, own_organizations.leads(membership)) == ("admin", "Engines", True)
    invite(identity, user.id, made.id, "grace@example.com", "admin")
    (pending,) = own_organizations.list_pending(identity, user.id, made.id)
    assert [mail.kind for mail in mails_to(identity, "grace@example.com")] == ["invitation"]
    own_organizations.withdraw_invitation(identity, user.id, made.id, pending.id)
    assert own_organizations.list_pending(identity, user.id, made.id) == []


def test_the_setting_keeps_it_from_everybody(identity: Identity, app: App) -> None:
    user = app.create_user()
    closed = replace(identity, settings=replace(identity.settings, organization_creation=False))
    with pytest.raises(Denied) as denied:
        own_organizations.create_own_organization(closed, user.id, name="Engines")
    assert denied.value.code == "organization_creation_not_allowed"


def test_IN_3_a_plain_member_invites_nobody(identity: Identity, app: App) -> None:
    member = app.create_member(app.create_user())
    for ask in (
        lambda: invite(identity, member.user_id, member.organization_id, "grace@example.com", None),
        lambda: own_organizations.list_pending(identity, member.user_id, member.organization_id),
    ):
        with pytest.raises(Forbidden):
            ask()


def test_OG_3_another_organization_is_as_none(identity: Identity, app: App) -> None:
    leader, stranger = (
        app.create_user(),
        app.create_member(app.create_user("eve@example.com"), "Other", roles=["admin"]),
    )
    mine = own_organizations.create_own_organization(identity, leader.id, name="Engines")
    asked = create_invitation(identity, email="grace@example.com", organization_id=stranger.organization_id)
    for ask in (
        lambda: own_organizations.get_own_membership(identity, leader.id, stranger.organization_id),
        lambda: own_organizations.leave_organization(identity, leader.id, stranger.organization_id),
        lambda: own_organizations.list_pending(identity, leader.id, stranger.organization_id),
        lambda: own_organizations.withdraw_invitation(identity, leader.id, mine.id, asked.id),
    ):
        with pytest.raises(NotFound):
            ask()


def test_the_last_who_leads_stays_until_somebody_else_does(identity: Identity, app: App) -> None:
    user, colleague = app.create_user(), app.create_user("grace@example.com")
    made = own_organizations.create_own_organization(identity, user.id, name="Engines")
    create_membership(identity, user_id=colleague.id, organization_id=made.id)
    with pytest.raises(Denied) as denied:
        own_organizations.leave_organization(identity, user.id, made.id)
    assert denied.value.code == "last_owner"
    own_organizations.leave_organization(identity, colleague.id, made.id)
    own_organizations.leave_organization(identity, user.id, made.id)


def invite(identity: Identity, user_id: str, organization_id: str, email: str, role: str | None) -> None:
    own_organizations.invite_colleague(
        identity, user_id, organization_id, email=email, role_slug=role, locale=None
    )
