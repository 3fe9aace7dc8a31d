import dataclasses
import datetime as dt
import json
from base64 import urlsafe_b64decode
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.clocks import Clock
from tests.server.apps import CALLBACK, App
from tests.server.people import events_of
from vestibule.crypto.pkce import Pkce, create_pair
from vestibule.server.identity.authorize import check_authorization
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import update_environment
from vestibule.server.identity.errors import Conflict, Forbidden, Invalid, NotFound, OAuthDenied
from vestibule.server.identity.impersonation import (
    confirm_impersonation,
    find_link,
    finish_impersonation,
    list_impersonations,
    request_impersonation,
)
from vestibule.server.identity.memberships import create_membership
from vestibule.server.identity.opening import Authentication
from vestibule.server.identity.operators import add_operator
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.paging import Page
from vestibule.server.identity.people import User
from vestibule.server.identity.sessions import revoke_session
from vestibule.server.identity.suspending import suspend_user
from vestibule.server.identity.users import delete_user, get_user
from vestibule.server.store.schema import browser_sessions, impersonations

OPERATOR = "ops@example.com"
REASON = "Ticket 4711: the report stays empty"
BROWSER = "the-binding-cookie-of-the-operators-browser"


@pytest.fixture
def user(app: App) -> User:
    update_environment(app.identity, initiate_login_url="https://app.example.com/sign-in")
    return app.create_user()


def ask(app: App, user: User, **more: Any) -> str:
    """The token of the link."""
    given = {"impersonator_email": OPERATOR, "reason": REASON} | more
    _, url = request_impersonation(app.identity, user.id, **given)
    assert url.startswith("http://localhost:8100/impersonate?token=")
    return url.partition("=")[2]


def through_the_app(app: App, pair: Pkce, browser: str = BROWSER) -> str | None:
    """The code that the app's next sign-in brings."""
    target = finish_impersonation(app.identity, check_authorization(app.identity, app.ask(pair)), browser)
    if target is None:
        return None
    assert target.startswith(CALLBACK)
    return parse_qs(urlsplit(target).query)["code"][0]


def impersonated(app: App, user: User, **more: Any) -> Authentication:
    assert confirm_impersonation(app.identity, ask(app, user, **more), BROWSER) is not None
    pair = create_pair()
    code = through_the_app(app, pair)
    assert code is not None
    return app.exchange(code, code_verifier=pair.verifier)


def claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    return dict(json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def test_AK_3_an_impersonated_session_says_who_is_behind_it_and_why(app: App, user: User) -> None:
    done = impersonated(app, user)
    assert done.user.id == user.id
    assert done.authentication_method == "Impersonation"
    assert done.impersonator == {"email": OPERATOR, "reason": REASON}
    assert claims(done.access_token)["act"] == {"sub": OPERATOR}
    again = app.refresh(done.refresh_token)
    assert again.impersonator == done.impersonator
    assert claims(again.access_token)["act"] == {"sub": OPERATOR}


def test_AK_3_it_ends_after_its_limit_however_often_it_is_refreshed(
    app: App, user: User, clock: Clock
) -> None:
    began = clock.now
    done = impersonated(app, user, seconds=1200)
    token = done.refresh_token
    for _ in range(3):
        clock.advance(minutes=6)
        renewed = app.refresh(token)
        token = renewed.refresh_token
        assert renewed.session.expires_at == began + dt.timedelta(minutes=20)
    assert claims(renewed.access_token)["exp"] == int((began + dt.timedelta(minutes=20)).timestamp())
    clock.advance(minutes=2)
    with pytest.raises(OAuthDenied):
        app.refresh(token)


def test_AK_3_it_stays_in_the_organization_it_was_asked_for(app: App, user: User) -> None:
    acme, other = (app.create_member(user, name).organization_id for name in ("Acme", "Other"))
    done = impersonated(app, user, organization_id=acme)
    with pytest.raises(OAuthDenied) as refused:
        app.refresh(done.refresh_token, organization_id=other)
    assert refused.value.code == "organization_membership_not_found"
    again = app.refresh(done.refresh_token, organization_id=acme)
    assert again.organization_id == acme


def test_AK_3_it_leaves_a_trail_and_no_mark_on_the_user(app: App, user: User, clock: Clock) -> None:
    clock.advance(seconds=1)
    done = impersonated(app, user)
    (asked,) = events_of(app.identity, "impersonation.created")
    (opened,) = events_of(app.identity, "session.created")
    assert asked.data["impersonator"] == opened.data["impersonator"] == {"email": OPERATOR, "reason": REASON}
    assert opened.data["auth_method"] == "impersonation"
    assert get_user(app.identity, user.id) == user
    delete_user(app.identity, user.id)
    (kept,) = list_impersonations(app.identity, Page(), user_id=user.id).data
    assert (kept.session_id, kept.reason) == (done.session.id, REASON)


def test_AK_3_no_session_of_the_browser_comes_of_it(app: App, user: User) -> None:
    """So the pages where a password, a factor or an address is changed do not know this browser."""
    impersonated(app, user)
    with app.identity.store.read() as tx:
        assert tx.connection.execute(browser_sessions.select()).all() == []


def test_AK_3_it_ends_with_its_session(app: App, user: User) -> None:
    done = impersonated(app, user)
    revoke_session(app.identity, done.session.id)
    with pytest.raises(OAuthDenied):
        app.refresh(done.refresh_token)
    assert through_the_app(app, create_pair()) is None


def test_a_link_works_once_in_one_browser_for_five_minutes(app: App, user: User, clock: Clock) -> None:
    token = ask(app, user)
    assert find_link(app.identity, token) is not None
    assert confirm_impersonation(app.identity, token, BROWSER) is not None
    assert find_link(app.identity, token) is None
    assert confirm_impersonation(app.identity, token, "another") is None
    pair = create_pair()
    assert through_the_app(app, pair, "another") is None
    assert through_the_app(app, pair) is not None
    assert through_the_app(app, pair) is None
    late = ask(app, user)
    clock.advance(minutes=5)
    assert confirm_impersonation(app.identity, late, BROWSER) is None
    for nothing in ("", "x" * 500, "never-was"):
        assert find_link(app.identity, nothing) is None
        assert confirm_impersonation(app.identity, nothing, BROWSER) is None


def test_a_browser_does_not_stay_armed(app: App, user: User, clock: Clock) -> None:
    confirm_impersonation(app.identity, ask(app, user), BROWSER)
    clock.advance(minutes=2)
    assert through_the_app(app, create_pair()) is None


def test_a_user_who_is_deleted_on_the_way_is_nobody(app: App, user: User) -> None:
    confirm_impersonation(app.identity, ask(app, user), BROWSER)
    delete_user(app.identity, user.id)
    assert through_the_app(app, create_pair()) is None


def test_a_member_of_one_organization_is_met_there(app: App, user: User) -> None:
    first = app.create_member(user)
    assert impersonated(app, user).organization_id == first.organization_id
    second = create_organization(app.identity, name="Second")
    create_membership(app.identity, user_id=user.id, organization_id=second.id)
    with pytest.raises(Invalid, match="several"):
        ask(app, user)
    assert impersonated(app, user, organization_id=second.id).organization_id == second.id
    with pytest.raises(Invalid, match="no active membership"):
        ask(app, user, organization_id="org_of_others")


def test_AK_3_nobody_climbs_through_another_operator(app: App, user: User) -> None:
    operator = app.create_user(OPERATOR)
    ask(app, user)
    with pytest.raises(Forbidden):
        ask(app, operator, impersonator_email="eve@example.com")
    with pytest.raises(Forbidden):
        ask(app, user, impersonator_email=user.email.upper())


def test_AK_3_only_operators_impersonate_where_they_are_named(app: App, user: User) -> None:
    named = dataclasses.replace(app.identity.settings, operators=(OPERATOR, "boss@example.com"))
    strict = dataclasses.replace(app, identity=Identity(app.identity.store, named, app.identity.clock))
    boss = app.create_user("boss@example.com")
    ask(strict, user)
    with pytest.raises(Forbidden):
        ask(strict, user, impersonator_email="eve@example.com")
    with pytest.raises(Forbidden):
        ask(strict, boss)


@pytest.mark.parametrize(
    "given",
    [
        {"reason": " "},
        {"reason": "two\nlines"},
        {"reason": "x" * 257},
        {"impersonator_email": "nobody"},
        {"seconds": 59},
        {"seconds": 3601},
    ],
    ids=str,
)
def test_AK_3_no_impersonation_without_a_reason_a_person_and_a_limit(
    app: App, user: User, given: dict[str, Any]
) -> None:
    with pytest.raises(Invalid):
        ask(app, user, **given)


def test_it_needs_somebody_and_a_way_into_the_app(app: App, user: User) -> None:
    with pytest.raises(NotFound):
        request_impersonation(app.identity, "user_none", impersonator_email=OPERATOR, reason=REASON)
    update_environment(app.identity, initiate_login_url=None)
    with pytest.raises(Conflict) as refused:
        ask(app, user)
    assert refused.value.code == "initiate_login_url_missing"


def test_AK_4_a_link_is_kept_as_a_digest(app: App, user: User) -> None:
    token = ask(app, user)
    with app.identity.store.read() as tx:
        assert token not in repr(tx.connection.execute(impersonations.select()).all())
    assert token not in repr(events_of(app.identity))


def test_operators_of_the_dashboard_may_from_support_on_where_others_may_not(app: App, user: User) -> None:
    settings = dataclasses.replace(app.identity.settings, operators=("chief@example.com",))
    app = dataclasses.replace(app, identity=dataclasses.replace(app.identity, settings=settings))
    add_operator(app.identity, "auditor@example.com", "auditor")
    add_operator(app.identity, "support@example.com", "support")
    for stranger in (OPERATOR, "auditor@example.com"):
        with pytest.raises(Forbidden) as refused:
            ask(app, user, impersonator_email=stranger)
        assert refused.value.code == "impersonation_not_allowed"
    assert ask(app, user, impersonator_email="support@example.com")
    assert ask(app, user, impersonator_email="chief@example.com")


@pytest.mark.parametrize("role", ["auditor", "support", "admin", "owner"])
def test_operators_of_the_dashboard_are_nobody_to_sign_in_as(app: App, user: User, role: str) -> None:
    add_operator(app.identity, user.email, role)
    add_operator(app.identity, OPERATOR, "owner")
    with pytest.raises(Forbidden) as refused:
        ask(app, user)
    assert refused.value.code == "impersonation_not_allowed"


def test_nobody_signs_in_as_somebody_who_is_suspended(app: App, user: User) -> None:
    suspend_user(app.identity, user.id)
    with pytest.raises(Forbidden) as refused:
        ask(app, user)
    assert refused.value.code == "user_suspended"
