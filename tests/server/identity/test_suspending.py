"""Whoever is suspended gets in on no way, and is out at once."""

from dataclasses import replace

import pytest

from tests.server.apps import PASSWORD, App
from tests.server.people import events_of
from vestibule.crypto.pkce import create_pair
from vestibule.server.identity.browser import begin_browser_session, find_browser_session
from vestibule.server.identity.errors import Denied, Forbidden, NotFound, OAuthDenied
from vestibule.server.identity.open_sessions import list_open
from vestibule.server.identity.owned_keys import create_user_key, validate_key
from vestibule.server.identity.step_grants import password_grant
from vestibule.server.identity.suspending import suspend_user, unsuspend_user
from vestibule.server.identity.users import get_user


def by_password(app: App, password: str = PASSWORD) -> object:
    return password_grant(
        app.identity,
        email="ada@example.com",
        password=password,
        client_id=app.client_id,
        client_secret=app.secret,
    )


def test_a_suspension_ends_every_session_and_is_an_event(app: App) -> None:
    user = app.create_user(password=PASSWORD)
    signed_in = app.sign_in(user)
    _, browser = begin_browser_session(app.identity, user_id=user.id, authentication_method="Password")
    operator = {"id": "user_op", "source": "dashboard", "name": "op@example.com"}
    suspended = suspend_user(replace(app.identity, actor=operator), user.id)
    assert suspended.suspended_at == app.identity.now
    assert list_open(app.identity, user.id) == []
    assert find_browser_session(app.identity, browser) is None
    with pytest.raises(OAuthDenied, match="session"):
        app.refresh(signed_in.refresh_token)
    (event,) = events_of(app.identity, "user.suspended")
    assert event.context is not None
    assert event.context["actor"] == operator
    suspend_user(app.identity, user.id)
    assert len(events_of(app.identity, "user.suspended")) == 1


def test_only_the_right_password_is_told_of_it(app: App) -> None:
    user = app.create_user(password=PASSWORD)
    suspend_user(app.identity, user.id)
    with pytest.raises(Denied) as wrong:
        by_password(app, "wrong horse battery")
    assert wrong.value.code == "invalid_credentials"
    with pytest.raises(Forbidden) as right:
        by_password(app)
    assert right.value.code == "user_suspended"
    unsuspend_user(app.identity, user.id)
    by_password(app)
    assert [event.event for event in events_of(app.identity, "user.unsuspended")] == ["user.unsuspended"]


def test_a_sign_in_that_was_under_way_comes_to_nothing(app: App) -> None:
    user, pair = app.create_user(), create_pair()
    code = app.code(user, pair)
    suspend_user(app.identity, user.id)
    with pytest.raises(OAuthDenied):
        app.exchange(code, code_verifier=pair.verifier)
    with pytest.raises(Forbidden):
        begin_browser_session(app.identity, user_id=user.id, authentication_method="Password")
    with pytest.raises(Forbidden):
        app.sign_in(get_user(app.identity, user.id))


def test_keys_of_a_suspended_person_open_nothing(app: App) -> None:
    user = app.create_user()
    member = app.create_member(user)
    _, value = create_user_key(app.identity, user.id, organization_id=member.organization_id, name="CI")
    assert validate_key(app.identity, value) is not None
    suspend_user(app.identity, user.id)
    assert validate_key(app.identity, value) is None
    unsuspend_user(app.identity, user.id)
    assert validate_key(app.identity, value) is not None


def test_nobody_is_suspended_who_is_not_there(app: App) -> None:
    for deed in (suspend_user, unsuspend_user):
        with pytest.raises(NotFound):
            deed(app.identity, "user_nobody")
