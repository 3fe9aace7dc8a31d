from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.clocks import Clock
from tests.server.apps import App
from tests.server.people import PASSWORD, events_of, make_user
from vestibule.crypto.pkce import create_pair
from vestibule.server.identity import invitations, magic, memberships, roles, users
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, IdentityError, OAuthDenied
from vestibule.server.identity.hashing import matches
from vestibule.server.identity.invitations import create_invitation
from vestibule.server.identity.joining import accept_invitation, check_invitation, join
from vestibule.server.identity.magic_grants import magic_auth_grant
from vestibule.server.identity.models import Membership
from vestibule.server.identity.opening import Authentication
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.paging import Page
from vestibule.server.identity.people import Invitation, User
from vestibule.server.identity.step_grants import password_grant

ADA = "ada@example.com"


@pytest.fixture
def acme(app: App) -> str:
    return create_organization(app.identity, name="Acme").id


@pytest.fixture
def invited(identity: Identity, acme: str) -> Invitation:
    return create_invitation(identity, email=ADA, organization_id=acme, role_slug="admin")


def take(identity: Identity, token: str, user: User) -> str:
    """`joined`, or the code of the refusal."""
    try:
        with identity.store.transaction() as tx:
            join(tx, identity, token, user)
    except IdentityError as refused:
        return refused.code
    return "joined"


def members(identity: Identity, organization_id: str) -> list[Membership]:
    return list(memberships.list_memberships(identity, Page(), organization_id=organization_id).data)


def test_accepting_makes_a_member_and_proves_the_address(
    identity: Identity, invited: Invitation, acme: str
) -> None:
    user = make_user(identity)
    assert take(identity, invited.token, user) == "joined"
    (member,) = members(identity, acme)
    assert (member.user_id, member.status, member.roles) == (user.id, "active", ["admin"])
    assert users.get_user(identity, user.id).email_verified
    now = invitations.get_invitation(identity, invited.id)
    assert (now.state, now.accepted_user_id, now.accepted_at) == ("accepted", user.id, identity.now)
    (event,) = events_of(identity, "invitation.accepted")
    assert (event.data["accepted_user_id"], event.organization_id) == (user.id, acme)
    (verified,) = events_of(identity, "user.updated")
    assert verified.context == {"previous_attributes": {"email_verified": False}}


def test_a_pending_member_becomes_an_active_one(identity: Identity, app: App, acme: str) -> None:
    user = make_user(identity)
    made = create_invitation(identity, email=ADA, organization_id=acme)
    (pending,) = members(identity, acme)
    assert take(identity, made.token, user) == "joined"
    (active,) = members(identity, acme)
    assert (active.id, active.status) == (pending.id, "active")
    assert len(events_of(identity, "organization_membership.created")) == 1
    assert len(events_of(identity, "organization_membership.updated")) == 1


def test_the_app_accepts_by_id_which_proves_no_address(identity: Identity, invited: Invitation) -> None:
    user = make_user(identity)
    assert accept_invitation(identity, invited.id).accepted_user_id == user.id
    assert not users.get_user(identity, user.id).email_verified
    with pytest.raises(Denied) as refused:
        accept_invitation(identity, invited.id)
    assert refused.value.code == "invite_not_pending"


def test_nobody_to_accept_for(identity: Identity, invited: Invitation) -> None:
    with pytest.raises(Denied) as refused:
        accept_invitation(identity, invited.id)
    assert refused.value.code == "invalid_invite"
    assert invitations.get_invitation(identity, invited.id).state == "pending"


def test_IN_1_used_revoked_expired_and_altered_ones_are_refused_alike(
    identity: Identity, app: App, acme: str, clock: Clock
) -> None:
    user = make_user(identity)
    revoked = create_invitation(identity, email=ADA, organization_id=acme)
    invitations.revoke_invitation(identity, revoked.id)
    expired = create_invitation(identity, email=ADA, organization_id=acme, expires_in_days=1)
    clock.advance(days=2)
    altered = create_invitation(identity, email=ADA, organization_id=acme).token[:-1] + "."
    for token in (revoked.token, expired.token, altered, "", "x" * 100_000):
        assert take(identity, token, user) == "invitation_invalid"
        with pytest.raises(OAuthDenied) as refused:
            check_invitation(identity, token, email=ADA)
        assert (refused.value.code, "unknown" in refused.value.message) == ("invitation_invalid", True)
    assert [member.status for member in members(identity, acme)] == ["pending"]


def test_IN_1_a_used_one_does_nothing_more(identity: Identity, invited: Invitation, acme: str) -> None:
    user = make_user(identity)
    assert take(identity, invited.token, user) == "joined"
    (member,) = members(identity, acme)
    memberships.delete_membership(identity, member.id)
    assert take(identity, invited.token, user) == "joined"  # it was theirs, and that is all
    assert members(identity, acme) == []
    users.update_user(identity, user.id, changes={"email": "moved@example.com"})
    heir = make_user(identity)
    assert take(identity, invited.token, heir) == "invitation_invalid"


def test_reg_CVE_2026_1529_nothing_about_an_invitation_is_its_bearers_to_say(
    identity: Identity, invited: Invitation
) -> None:
    """The token is opaque: 256 random bits, kept as a digest."""
    assert len(invited.token) == 43
    for part in (invited.email, invited.id, str(invited.organization_id)):
        assert part not in invited.token


def test_IN_2_it_is_for_its_own_address_only(identity: Identity, invited: Invitation, acme: str) -> None:
    other = make_user(identity, "b@example.com", email_verified=True)
    assert take(identity, invited.token, other) == "invitation_cannot_be_used_for_email"
    assert members(identity, acme) == []
    assert invitations.get_invitation(identity, invited.id).state == "pending"


def test_IN_4_twenty_acceptances_at_once_make_one_member(
    identity: Identity, invited: Invitation, acme: str
) -> None:
    user, other = make_user(identity), make_user(identity, "b@example.com")
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda number: take(identity, invited.token, (user, other)[number % 2]), range(20))
        )
    assert set(answers[1::2]) == {"invitation_cannot_be_used_for_email"}
    assert set(answers[::2]) <= {"joined", "invitation_invalid"}
    assert [(member.user_id, member.status) for member in members(identity, acme)] == [(user.id, "active")]
    for event in ("invitation.accepted", "organization_membership.created"):
        assert len(events_of(identity, event)) == 1


def test_reg_better_auth_9184_accepting_twice_at_once_leaves_one_role(
    identity: Identity, app: App, acme: str
) -> None:
    user = make_user(identity)
    made = create_invitation(identity, email=ADA, organization_id=acme, role_slug="admin")

    def by_id(_: int) -> str:
        try:
            return accept_invitation(identity, made.id).state
        except Denied as refused:
            return refused.code

    with ThreadPoolExecutor(4) as pool:
        by_token = [pool.submit(take, identity, made.token, user) for _ in range(4)]
        answers = list(pool.map(by_id, range(4)))
        assert {each.result() for each in by_token} <= {"joined", "invitation_invalid"}
    assert answers.count("accepted") <= 1
    (member,) = members(identity, acme)
    assert (member.status, member.roles) == ("active", ["admin"])
    assert len(events_of(identity, "invitation.accepted")) == 1


def test_an_old_mail_does_not_bring_a_suspended_member_back(identity: Identity, app: App, acme: str) -> None:
    made = create_invitation(identity, email=ADA, organization_id=acme)
    user = make_user(identity)
    member = memberships.create_membership(identity, user_id=user.id, organization_id=acme)
    memberships.deactivate_membership(identity, member.id)
    assert take(identity, made.token, user) == "invitation_invalid"
    with pytest.raises(Denied) as refused:
        accept_invitation(identity, made.id)
    assert refused.value.code == "invalid_invite"
    assert [each.status for each in members(identity, acme)] == ["inactive"]
    assert invitations.get_invitation(identity, made.id).state == "pending"


def test_a_pending_member_who_is_removed_does_not_come_by_mail(
    identity: Identity, app: App, acme: str
) -> None:
    user = make_user(identity)
    made = create_invitation(identity, email=ADA, organization_id=acme)
    elsewhere = create_invitation(identity, email="bob@example.com", organization_id=acme)
    (pending,) = members(identity, acme)
    memberships.delete_membership(identity, pending.id)
    assert take(identity, made.token, user) == "invitation_invalid"
    assert members(identity, acme) == []
    states = [invitations.get_invitation(identity, each.id).state for each in (made, elsewhere)]
    assert states == ["revoked", "pending"]
    assert len(events_of(identity, "invitation.revoked")) == 1


def test_a_role_that_is_gone_lets_nobody_in(identity: Identity, app: App, acme: str) -> None:
    roles.create_role(identity, slug="clerk", name="Clerk")
    made = create_invitation(identity, email=ADA, organization_id=acme, role_slug="clerk")
    with identity.store.transaction() as tx:
        tx.connection.exec_driver_sql("DELETE FROM roles WHERE slug = 'clerk'")
    assert take(identity, made.token, make_user(identity)) == "invitation_invalid"


def test_the_password_that_opened_the_sign_in_stays(
    app: App, identity: Identity, invited: Invitation
) -> None:
    user = make_user(identity, password=PASSWORD)
    assert by_password(app, invited.token).user.email_verified
    with identity.store.read() as tx:
        assert matches(tx.passwords.find(user.id), PASSWORD)


def by_password(app: App, token: str, *, email: str = ADA) -> Authentication:
    return password_grant(
        app.identity,
        email=email,
        password=PASSWORD,
        client_id=app.client_id,
        client_secret=app.secret,
        invitation_token=token,
    )


def test_the_password_grant_accepts_and_signs_in_there(app: App, acme: str, invited: Invitation) -> None:
    user = app.create_user(password=PASSWORD)
    app.create_member(user, "Elsewhere")
    done = by_password(app, invited.token)
    assert done.organization_id == acme
    assert by_password(app, invited.token).organization_id == acme  # the same answer to whoever asks again


def test_the_password_grant_refuses_what_cannot_be_used(app: App, invited: Invitation) -> None:
    app.create_user(password=PASSWORD)
    app.create_user("b@example.com", password=PASSWORD)
    with pytest.raises(OAuthDenied) as refused:
        by_password(app, invited.token, email="b@example.com")
    assert refused.value.code == "invitation_cannot_be_used_for_email"
    with pytest.raises(OAuthDenied) as refused:
        by_password(app, "unknown")
    assert refused.value.code == "invitation_invalid"


def test_an_invited_address_signs_up_with_a_code_where_nobody_else_may(
    app: App, acme: str, invited: Invitation
) -> None:
    settings = replace(app.identity.settings, sign_up=False)
    identity = replace(app.identity, settings=settings)
    sent = magic.create_magic_auth(identity, ADA, invitation_token=invited.token)
    with pytest.raises(OAuthDenied) as refused:
        magic.create_magic_auth(identity, "b@example.com", invitation_token=invited.token)
    assert refused.value.code == "invitation_cannot_be_used_for_email"
    asked = {"client_id": app.client_id, "client_secret": app.secret, "email": ADA, "code": sent.code}
    with pytest.raises(OAuthDenied):
        magic_auth_grant(identity, **asked, invitation_token="unknown")
    done = magic_auth_grant(identity, **asked, invitation_token=invited.token)
    assert (done.organization_id, done.user.email_verified) == (acme, True)


def test_a_code_of_the_hosted_pages_brings_an_invitation_along(
    app: App, acme: str, invited: Invitation
) -> None:
    pair, user = create_pair(), app.create_user()
    code = app.code(user, pair)
    with pytest.raises(OAuthDenied) as refused:
        app.exchange(code, code_verifier=pair.verifier, invitation_token="unknown")
    assert refused.value.code == "invitation_invalid"
    done = app.exchange(code, code_verifier=pair.verifier, invitation_token=invited.token)
    assert done.organization_id is None  # what the organization asks of its members was not asked
    assert [member.status for member in members(app.identity, acme)] == ["active"]
    assert app.refresh(done.refresh_token, organization_id=acme).organization_id == acme
