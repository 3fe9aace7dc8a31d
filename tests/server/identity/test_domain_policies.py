"""What a proven domain does to those who sign in with an address in it."""

import pytest

from tests.server.apps import App
from tests.server.people import events_of
from vestibule.server.identity.completing import complete
from vestibule.server.identity.domain_policies import get_domain_policy, set_domain_policy
from vestibule.server.identity.domains import create_domain
from vestibule.server.identity.errors import Invalid, NotFound, OAuthDenied, StepUp
from vestibule.server.identity.events import NOBODY
from vestibule.server.identity.memberships import create_membership, deactivate_membership, list_memberships
from vestibule.server.identity.opening import Authentication
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.paging import Page
from vestibule.server.identity.people import User
from vestibule.server.identity.policies import set_policy
from vestibule.server.identity.users import create_user


@pytest.fixture
def acme(app: App) -> str:
    made = create_organization(
        app.identity, name="Acme", domain_data=[{"domain": "acme.com", "state": "verified"}]
    )
    return made.id


def sign_in(app: App, user: User, method: str = "Password") -> Authentication:
    state = {"client_id": app.client_id, "authentication_method": method}
    return complete(app.identity, user, state, NOBODY)


def test_people_of_the_domain_join_when_they_sign_in(app: App, acme: str) -> None:
    ada = app.create_user("Ada@ACME.com")
    assert sign_in(app, ada).organization_id is None
    set_domain_policy(app.identity, acme, auto_join=True)
    for _ in range(2):
        assert sign_in(app, ada).organization_id == acme
    (member,) = list_memberships(app.identity, Page(), user_id=ada.id).data
    assert (member.status, member.roles) == ("active", ["member"])
    assert len(events_of(app.identity, "organization_membership.created")) == 1


@pytest.mark.parametrize(
    "email", ["eve@notacme.com", "eve@sub.acme.com", "eve@acme.com.evil.com", "acme.com@evil.org"]
)
def test_people_of_other_domains_do_not(app: App, acme: str, email: str) -> None:
    set_domain_policy(app.identity, acme, auto_join=True)
    assert sign_in(app, app.create_user(email)).organization_id is None


def test_an_address_nobody_verified_opens_nothing(app: App, acme: str) -> None:
    set_domain_policy(app.identity, acme, auto_join=True)
    mallory = create_user(app.identity, email="ceo@acme.com")
    with pytest.raises(StepUp) as caught:
        sign_in(app, mallory)
    assert caught.value.code == "email_verification_required"
    assert list_memberships(app.identity, Page(), organization_id=acme).data == ()


def test_a_domain_that_is_only_claimed_opens_nothing(app: App) -> None:
    rival = create_organization(app.identity, name="Rival").id
    create_domain(app.identity, organization_id=rival, domain="acme.org")
    set_domain_policy(app.identity, rival, auto_join=True, capture=True)
    set_policy(app.identity, rival, methods=["passkey"])
    assert sign_in(app, app.create_user("ada@acme.org")).organization_id is None


def test_a_suspended_member_does_not_come_back_by_the_domain(app: App, acme: str) -> None:
    set_domain_policy(app.identity, acme, auto_join=True)
    ada = app.create_user("ada@acme.com")
    member = create_membership(app.identity, user_id=ada.id, organization_id=acme)
    deactivate_membership(app.identity, member.id)
    assert sign_in(app, ada).organization_id is None


def test_OG_2_a_captured_address_meets_the_policy_of_its_organization_everywhere(app: App, acme: str) -> None:
    ada, bob = app.create_user("ada@acme.com"), app.create_user("bob@example.com")
    other = app.create_member(ada, "Other").organization_id
    create_membership(app.identity, user_id=bob.id, organization_id=other)
    set_policy(app.identity, acme, mfa="required", methods=["password"])
    free = sign_in(app, ada)
    set_domain_policy(app.identity, acme, capture=True)
    with pytest.raises(StepUp) as owed:
        sign_in(app, ada)
    assert owed.value.code == "mfa_enrollment"
    with pytest.raises(OAuthDenied) as refused:
        sign_in(app, ada, "MagicAuth")
    assert refused.value.code == "organization_authentication_methods_required"
    second = app.create_member(ada, "Second").organization_id
    with pytest.raises(StepUp) as switch:
        app.refresh(free.refresh_token, organization_id=second)
    assert switch.value.code == "mfa_enrollment"
    assert app.refresh(free.refresh_token).organization_id == other
    for method in ("Password", "MagicAuth"):
        assert sign_in(app, bob, method).organization_id == other


def test_a_policy_changes_by_what_is_named(app: App, acme: str) -> None:
    set_domain_policy(app.identity, acme, auto_join=True)
    set_domain_policy(app.identity, acme, capture=True)
    found = get_domain_policy(app.identity, acme)
    assert (found.domain_auto_join, found.domain_capture) == (True, True)
    told = events_of(app.identity, "organization_domain_policy.updated")
    assert [event.data["capture"] for event in told] == [False, True]
    with pytest.raises(Invalid):
        set_domain_policy(app.identity, acme, conquer=True)
    for ask in (get_domain_policy, set_domain_policy):
        with pytest.raises(NotFound):
            ask(app.identity, "org_x")
