import pytest

from tests.clocks import Clock
from tests.server.apps import BROWSER, PASSWORD, App
from tests.server.people import events_of
from vestibule.crypto.pkce import create_pair
from vestibule.server.identity.authorize import check_authorization
from vestibule.server.identity.browser import begin_browser_session, find_browser_session
from vestibule.server.identity.environment import update_environment
from vestibule.server.identity.errors import Denied, NotFound, OAuthDenied
from vestibule.server.identity.logins import begin_login, finish_login, get_login, update_login
from vestibule.server.identity.paging import Page
from vestibule.server.identity.pending import create_pending, find_pending
from vestibule.server.identity.sessions import (
    get_session,
    list_sessions,
    logout,
    revoke_all,
    revoke_session,
)
from vestibule.server.identity.users import update_user
from vestibule.server.store.schema import browser_sessions


def is_live(app: App, session_id: str) -> bool:
    return get_session(app.identity, session_id).status(app.identity.now) == "active"


def test_a_users_sessions_are_listed_newest_first(app: App, clock: Clock) -> None:
    user, other = app.create_user(), app.create_user("eve@example.com")
    first = app.sign_in(user)
    clock.advance(seconds=1)
    second = app.sign_in(user)
    app.sign_in(other)
    listed = list_sessions(app.identity, user.id, Page())
    assert [session.id for session in listed.data] == [second.session.id, first.session.id]
    with pytest.raises(NotFound):
        list_sessions(app.identity, "user_unknown", Page())


def test_a_session_is_active_expired_or_revoked(app: App, clock: Clock) -> None:
    user = app.create_user()
    ended, kept = app.sign_in(user).session, app.sign_in(user).session
    assert ended.status(clock.now) == "active"
    revoked = revoke_session(app.identity, ended.id)
    assert revoked.status(clock.now) == "revoked"
    assert revoked.ended_at == clock.now
    clock.advance(days=30)
    assert kept.status(clock.now) == "expired"


def test_revoking_again_changes_nothing(app: App, clock: Clock) -> None:
    session = app.sign_in(app.create_user()).session
    once = revoke_session(app.identity, session.id)
    clock.advance(minutes=1)
    assert revoke_session(app.identity, session.id) == once
    assert len(events_of(app.identity, "session.revoked")) == 1
    for action in (revoke_session, get_session):
        with pytest.raises(NotFound):
            action(app.identity, "session_unknown")


def test_LO_1_a_sign_out_ends_the_session_and_the_browsers(app: App) -> None:
    user = app.create_user()
    first, other = app.sign_in(user), app.sign_in(user)
    update_environment(app.identity, sign_out_redirect="https://app.example.com/bye")
    assert logout(app.identity, first.session.id) == "https://app.example.com/bye"
    with pytest.raises(OAuthDenied):
        app.refresh(first.refresh_token)
    with app.identity.store.read() as tx:
        rows = {row.id: row.ended_at for row in tx.connection.execute(browser_sessions.select())}
    assert rows[first.session.browser_session_id] == app.identity.now
    assert rows[other.session.browser_session_id] is None
    assert is_live(app, other.session.id)
    (revoked,) = events_of(app.identity, "session.revoked")
    assert revoked.data["id"] == first.session.id
    assert revoked.data["status"] == "revoked"


def test_a_sign_out_without_any_setting_has_nowhere_to_go(app: App) -> None:
    session = app.sign_in(app.create_user()).session
    assert logout(app.identity, session.id, "https://evil.example/") is None
    assert not is_live(app, session.id)


@pytest.mark.parametrize("session_id", ["session_unknown", "", "x" * 10_000, "session_é\x01"])
def test_LO_2_an_unknown_session_ends_nothing_and_reads_the_same(app: App, session_id: str) -> None:
    user = app.create_user()
    session = app.sign_in(user).session
    assert logout(app.identity, session_id, "/") == logout(app.identity, session.id, "/")
    other = app.sign_in(user).session
    logout(app.identity, session_id)
    assert is_live(app, other.id)


def test_LO_3_a_new_password_ends_every_session(app: App) -> None:
    user, other = app.create_user(password=PASSWORD), app.create_user("eve@example.com")
    sessions = [app.sign_in(user).session for _ in range(3)]
    theirs = app.sign_in(other).session
    update_user(app.identity, user.id, changes={"password": "another-lantern-entirely"})
    assert not any(is_live(app, session.id) for session in sessions)
    assert is_live(app, theirs.id)


def test_LO_3_the_session_in_which_it_was_changed_can_stay(app: App) -> None:
    user = app.create_user()
    one, two = app.sign_in(user).session, app.sign_in(user).session
    with app.identity.store.transaction() as tx:
        assert revoke_all(tx, app.identity, user.id, but_session_id=one.id) == 1
    assert is_live(app, one.id)
    assert not is_live(app, two.id)


def test_ending_everything_ends_sign_ins_under_way(app: App) -> None:
    user, pair = app.create_user(), create_pair()
    _, token = begin_browser_session(app.identity, user_id=user.id, authentication_method="Password")
    code = app.code(user, pair)
    login = begin_login(app.identity, check_authorization(app.identity, app.ask(pair)), BROWSER)
    login = update_login(app.identity, login, user_id=user.id, authentication_method="Password")
    owed = create_pending(app.identity, user_id=user.id, reason="organization_selection")
    with app.identity.store.transaction() as tx:
        assert revoke_all(tx, app.identity, user.id) == 0
    assert find_browser_session(app.identity, token) is None
    assert get_login(app.identity, login.token, BROWSER) is None
    with pytest.raises(Denied):
        finish_login(app.identity, login)
    with pytest.raises(Denied):
        find_pending(app.identity, owed, reason="organization_selection")
    with pytest.raises(OAuthDenied):
        app.exchange(code, code_verifier=pair.verifier)


def test_an_event_of_a_session_in_an_organization_names_it(app: App) -> None:
    user = app.create_user()
    membership = app.create_member(user)
    session = app.sign_in(user, organization_id=membership.organization_id).session
    revoke_session(app.identity, session.id)
    (revoked,) = events_of(app.identity, "session.revoked")
    assert revoked.organization_id == revoked.data["organization_id"] == membership.organization_id
