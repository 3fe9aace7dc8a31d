"""No change of a policy locks the operators out of the dashboard."""

import pytest

from tests.server.apps import PASSWORD, App
from vestibule.server.identity.domain_policies import set_domain_policy
from vestibule.server.identity.domains import create_domain, vouch_for_domain
from vestibule.server.identity.errors import Conflict, Denied
from vestibule.server.identity.operator_ways import operators_without_a_way, spare_operators
from vestibule.server.identity.operators import add_operator, find_operator
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.people import User
from vestibule.server.identity.policies import get_policy, set_policy


@pytest.fixture
def ada(app: App) -> User:
    """An owner with a password."""
    user = app.create_user(password=PASSWORD)
    add_operator(app.identity, user.email, "owner")
    find_operator(app.identity, user)
    return user


def test_whoever_acts_keeps_a_way_in(app: App, ada: User) -> None:
    check = spare_operators(app.identity, ada.id)
    set_policy(app.identity, methods=["password"], check=check)
    with pytest.raises(Conflict) as caught:
        set_policy(app.identity, methods=["passkey"], check=check)
    assert caught.value.code == "operators_locked_out"
    assert get_policy(app.identity).methods == {"password"}


def test_some_owner_keeps_a_way_in(app: App, ada: User) -> None:
    admin = app.create_user("admin@example.com")
    add_operator(app.identity, admin.email, "admin")
    find_operator(app.identity, admin)
    check = spare_operators(app.identity, admin.id)
    set_policy(app.identity, methods=["magic_auth"], check=check)
    set_policy(app.identity, methods=["password"], check=spare_operators(app.identity, ada.id))
    assert operators_without_a_way(app.identity) == [admin.email]


def test_an_organization_that_captures_their_domain_counts_too(app: App, ada: User) -> None:
    place = create_organization(app.identity, name="Home")
    domain = create_domain(app.identity, organization_id=place.id, domain="example.com")
    assert vouch_for_domain(app.identity, domain.id).verification_strategy == "manual"
    with pytest.raises(Denied):
        vouch_for_domain(app.identity, domain.id)
    set_policy(app.identity, place.id, methods=["passkey"])
    with pytest.raises(Conflict):
        set_domain_policy(app.identity, place.id, capture=True, check=spare_operators(app.identity, ada.id))
    set_domain_policy(app.identity, place.id, auto_join=True, check=spare_operators(app.identity, ada.id))
    assert operators_without_a_way(app.identity) == []
