import pytest

from tests.clocks import Clock
from tests.server.people import events_of, mails_to, make_user
from vestibule.server.identity import invitations, memberships, roles, users
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import ensure_environment
from vestibule.server.identity.errors import Conflict, Denied, Forbidden, IdentityError, Invalid, NotFound
from vestibule.server.identity.invitations import create_invitation
from vestibule.server.identity.joining import accept_invitation
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.paging import Page
from vestibule.server.identity.people import Invitation, User
from vestibule.server.identity.permissions import ensure_permissions

ADA = "ada@example.com"


@pytest.fixture(autouse=True)
def roles_of_the_environment(identity: Identity) -> None:
    ensure_environment(identity)


@pytest.fixture
def acme(identity: Identity) -> str:
    return create_organization(identity, name="Acme").id


def member(identity: Identity, organization_id: str, *slugs: str, email: str = "boss@example.com") -> User:
    user = make_user(identity, email, email_verified=True)
    memberships.create_membership(
        identity, user_id=user.id, organization_id=organization_id, roles=slugs or None
    )
    return user


def refusal(identity: Identity, **values: object) -> str:
    with pytest.raises(IdentityError) as refused:
        create_invitation(identity, **({"email": ADA} | values))  # type: ignore[arg-type]
    return refused.value.code


def test_an_invitation_is_mailed_with_its_link(identity: Identity, acme: str) -> None:
    boss = member(identity, acme, "admin")
    made = create_invitation(
        identity, email="Ada@example.com", organization_id=acme, inviter_user_id=boss.id, role_slug="admin"
    )
    (mail,) = mails_to(identity, "Ada@example.com")
    assert made.accept_invitation_url == f"http://localhost:8100/invite?invitation_token={made.token}"
    assert made.accept_invitation_url in mail.text
    assert made.accept_invitation_url in mail.html
    assert mail.subject == "You are invited to Acme"
    assert "boss@example.com has invited you to Acme" in mail.text
    assert (made.state, made.role_slug, made.inviter_user_id) == ("pending", "admin", boss.id)
    assert (made.expires_at - made.created_at).days == 7
    assert made.id.startswith("invitation_")


def test_the_token_is_kept_and_told_nowhere_in_clear(identity: Identity, acme: str) -> None:
    made = create_invitation(identity, email=ADA, organization_id=acme)
    assert made.token not in repr(made)
    (event,) = events_of(identity, "invitation.created")
    assert (event.data["id"], event.data["state"], event.organization_id) == (made.id, "pending", acme)
    assert made.token not in str(event)
    with identity.store.read() as tx:
        row = tx.connection.exec_driver_sql("SELECT * FROM invitations").one()
    assert made.token not in str(row)
    assert made.token.encode() not in bytes(row.token_hash)


def test_a_role_is_the_default_one_unless_said(identity: Identity, acme: str) -> None:
    assert create_invitation(identity, email=ADA, organization_id=acme).role_slug == "member"
    assert create_invitation(identity, email="bob@example.com").role_slug is None


def test_somebody_with_an_account_is_a_pending_member(identity: Identity, acme: str) -> None:
    user = make_user(identity)
    made = create_invitation(identity, email=ADA, organization_id=acme, role_slug="admin")
    (found,) = memberships.list_memberships(identity, Page(), organization_id=acme).data
    assert (found.user_id, found.status, found.roles) == (user.id, "pending", ["admin"])
    invitations.revoke_invitation(identity, made.id)
    assert memberships.list_memberships(identity, Page(), organization_id=acme).data == ()
    assert len(events_of(identity, "organization_membership.created")) == 1
    assert len(events_of(identity, "organization_membership.deleted")) == 1


def test_a_new_invitation_gives_the_pending_member_its_role(
    identity: Identity, acme: str, clock: Clock
) -> None:
    make_user(identity)
    create_invitation(identity, email=ADA, organization_id=acme, expires_in_days=1)
    clock.advance(days=2)
    create_invitation(identity, email=ADA, organization_id=acme, role_slug="admin")
    (found,) = memberships.list_memberships(identity, Page(), organization_id=acme).data
    assert (found.status, found.roles) == ("pending", ["admin"])


def test_nobody_is_invited_twice_or_to_what_they_have(identity: Identity, acme: str, clock: Clock) -> None:
    create_invitation(identity, email=ADA)
    create_invitation(identity, email=ADA, organization_id=acme)
    assert refusal(identity, email="ADA@Example.com") == "email_already_invited"
    clock.advance(minutes=2)
    assert refusal(identity, organization_id=acme) == "email_already_invited_to_organization"
    member(identity, acme, email="bob@example.com")
    assert refusal(identity, email="bob@example.com") == "user_already_exists"
    assert (
        refusal(identity, email="bob@example.com", organization_id=acme) == "user_already_organization_member"
    )


def test_the_address_of_a_suspended_member_is_not_invited(identity: Identity, acme: str) -> None:
    member(identity, acme, email=ADA)
    (found,) = memberships.list_memberships(identity, Page(), organization_id=acme).data
    memberships.deactivate_membership(identity, found.id)
    assert refusal(identity, organization_id=acme) == "user_already_organization_member"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"expires_in_days": 0}, "expires_in_days_too_short"),
        ({"expires_in_days": 31}, "expires_in_days_too_long"),
        ({"email": "nobody"}, "invalid_request_parameters"),
        ({"email": "a@x.com,b@y.com"}, "invalid_request_parameters"),
        ({"role_slug": "member"}, "invalid_request_parameters"),
        ({"organization_id": "org_none"}, "entity_not_found"),
        ({"organization_id": "org\x00"}, "entity_not_found"),
        ({"inviter_user_id": "user_none"}, "entity_not_found"),
        ({"locale": "?"}, "invalid_locale"),
    ],
)
def test_what_cannot_be_is_refused(identity: Identity, values: dict[str, object], code: str) -> None:
    assert refusal(identity, **values) == code
    with identity.store.read() as tx:
        assert tx.mails.list(limit=9) == []


def test_an_unknown_role_is_refused(identity: Identity, acme: str) -> None:
    assert refusal(identity, organization_id=acme, role_slug="emperor") == "invalid_role"


def test_IN_3_nobody_invites_to_a_role_above_their_own(identity: Identity, acme: str) -> None:
    ensure_permissions(identity, ["files:read", "files:write", "people:invite"])
    roles.create_role(identity, slug="clerk", name="Clerk", permissions=["files:read"])
    roles.create_role(
        identity, slug="chief", name="Chief", permissions=["files:read", "files:write", "people:invite"]
    )
    clerk = member(identity, acme, "clerk")
    for role in ("chief", "admin"):
        with pytest.raises(Forbidden) as refused:
            create_invitation(
                identity, email=ADA, organization_id=acme, inviter_user_id=clerk.id, role_slug=role
            )
        assert refused.value.code == "role_above_inviter"
    for number, role in enumerate(("clerk", "member")):
        create_invitation(
            identity,
            email=f"user{number}@example.com",
            organization_id=acme,
            inviter_user_id=clerk.id,
            role_slug=role,
        )
    chief = member(identity, acme, "chief", email="chief@example.com")
    create_invitation(identity, email=ADA, organization_id=acme, inviter_user_id=chief.id, role_slug="clerk")


def test_IN_3_a_role_that_the_organization_made_its_own_is_compared_as_such(
    identity: Identity, acme: str
) -> None:
    ensure_permissions(identity, ["files:read", "everything"])
    roles.create_role(identity, slug="clerk", name="Clerk", permissions=["files:read"])
    roles.create_role(identity, slug="clerk", name="Clerk", permissions=["everything"], organization_id=acme)
    roles.create_role(identity, slug="reader", name="Reader", permissions=["files:read"])
    reader = member(identity, acme, "reader")
    assert (
        refusal(identity, organization_id=acme, inviter_user_id=reader.id, role_slug="clerk")
        == "role_above_inviter"
    )


def test_IN_3_only_active_members_invite(identity: Identity, acme: str) -> None:
    stranger = make_user(identity, "stranger@example.com")
    assert refusal(identity, organization_id=acme, inviter_user_id=stranger.id) == "inviter_not_a_member"
    boss = member(identity, acme, "admin")
    (found,) = memberships.list_memberships(identity, Page(), user_id=boss.id).data
    memberships.deactivate_membership(identity, found.id)
    assert refusal(identity, organization_id=acme, inviter_user_id=boss.id) == "inviter_not_a_member"


def test_IN_3_a_leader_invites_to_roles_that_only_have_a_name(identity: Identity, acme: str) -> None:
    roles.create_role(identity, slug="editor", name="Editor")
    boss = member(identity, acme, "admin")
    made = create_invitation(
        identity, email=ADA, organization_id=acme, inviter_user_id=boss.id, role_slug="editor"
    )
    assert made.role_slug == "editor"


def test_an_invitation_expires(identity: Identity, clock: Clock) -> None:
    made = create_invitation(identity, email=ADA, expires_in_days=1)
    clock.advance(hours=24)
    assert invitations.get_invitation(identity, made.id).state == "expired"
    assert create_invitation(identity, email=ADA).state == "pending"


def test_resending_mails_the_same_link(identity: Identity, acme: str) -> None:
    made = create_invitation(identity, email=ADA, organization_id=acme)
    again = invitations.resend_invitation(identity, made.id)
    assert again.token == made.token
    assert [mail.kind for mail in mails_to(identity, ADA)] == ["invitation"] * 2
    assert len(events_of(identity, "invitation.resent")) == 1


def over(identity: Identity, made: Invitation) -> tuple[str, str]:
    codes = []
    for change in (invitations.resend_invitation, invitations.revoke_invitation):
        with pytest.raises(Denied) as refused:
            change(identity, made.id)
        codes.append(refused.value.code)
    return codes[0], codes[1]


def test_what_is_over_is_neither_sent_nor_revoked(identity: Identity, clock: Clock) -> None:
    revoked = create_invitation(identity, email=ADA)
    assert invitations.revoke_invitation(identity, revoked.id).state == "revoked"
    assert over(identity, revoked) == ("invite_revoked", "invite_not_pending")
    accepted = create_invitation(identity, email=ADA)
    make_user(identity)
    accept_invitation(identity, accepted.id)
    assert over(identity, accepted) == ("invite_accepted", "invite_not_pending")
    expired = create_invitation(identity, email="bob@example.com")
    clock.advance(days=8)
    assert over(identity, expired) == ("invite_expired", "invite_not_pending")
    assert len(events_of(identity, "invitation.revoked")) == 1


@pytest.mark.parametrize(
    "ask",
    [
        invitations.get_invitation,
        invitations.get_invitation_by_token,
        invitations.resend_invitation,
        invitations.revoke_invitation,
        accept_invitation,
    ],
)
def test_an_unknown_invitation_is_not_found(identity: Identity, ask: object) -> None:
    with pytest.raises(NotFound):
        ask(identity, "invitation_none")  # type: ignore[operator]


def test_the_link_finds_its_invitation(identity: Identity) -> None:
    made = create_invitation(identity, email=ADA)
    assert invitations.get_invitation_by_token(identity, made.token) == made
    with pytest.raises(NotFound) as missing:
        invitations.get_invitation_by_token(identity, made.token[:-1])
    assert made.token[:10] not in missing.value.message


def test_lists_are_of_an_address_or_an_organization(identity: Identity, acme: str, clock: Clock) -> None:
    first = create_invitation(identity, email=ADA, organization_id=acme)
    clock.advance(seconds=1)
    second = create_invitation(identity, email="bob@example.com", organization_id=acme)
    third = create_invitation(identity, email="Bob@Example.com")

    def ids(**asked: str) -> set[str]:
        return {each.id for each in invitations.list_invitations(identity, Page(), **asked).data}

    assert ids() == {first.id, second.id, third.id}
    assert ids(organization_id=acme) == {first.id, second.id}
    assert ids(email="BOB@example.com") == {second.id, third.id}
    assert ids(email="bob@example.com", organization_id=acme) == {second.id}
    assert ids(email="nobody") == set()
    page = invitations.list_invitations(identity, Page(limit=1), organization_id=acme)
    assert ([each.id for each in page.data], page.after) == ([second.id], second.id)


def test_one_with_an_id_from_elsewhere_is_made_once_and_need_not_be_mailed(identity: Identity) -> None:
    made = create_invitation(identity, email=ADA, invitation_id="invitation_seed", send=False)
    assert made.id == "invitation_seed"
    assert mails_to(identity, ADA) == []
    with pytest.raises(Conflict):
        create_invitation(identity, email="bob@example.com", invitation_id="invitation_seed", send=False)


def test_three_mails_a_minute_go_to_one_address(identity: Identity) -> None:
    made = create_invitation(identity, email=ADA)
    for _ in range(2):
        invitations.resend_invitation(identity, made.id)
    with pytest.raises(IdentityError) as refused:
        invitations.resend_invitation(identity, made.id)
    assert refused.value.code == "too_many_requests"


def test_HI_1_names_in_the_mail_are_text(identity: Identity) -> None:
    organization = create_organization(identity, name="<img src=x> & {{7*7}}")
    create_invitation(identity, email=ADA, organization_id=organization.id)
    (mail,) = mails_to(identity, ADA)
    assert "<img" not in mail.html
    assert "&lt;img src=x&gt; &amp; {{7*7}}" in mail.html
    assert "\n" not in mail.subject


def test_an_invitation_goes_with_its_organization_and_stays_without_its_inviter(
    identity: Identity, acme: str
) -> None:
    boss = member(identity, acme, "admin")
    made = create_invitation(identity, email=ADA, organization_id=acme, inviter_user_id=boss.id)
    users.delete_user(identity, boss.id)
    assert invitations.get_invitation(identity, made.id).inviter_user_id is None
    with identity.store.transaction() as tx:
        tx.organizations.delete(acme)
    with pytest.raises(NotFound):
        invitations.get_invitation(identity, made.id)


def test_an_address_with_control_characters_is_refused(identity: Identity) -> None:
    with pytest.raises(Invalid):
        create_invitation(identity, email="ada@example.com\r\nBcc: eve@example.com")
