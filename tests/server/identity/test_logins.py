from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.clocks import Clock
from tests.server.apps import BROWSER, App
from vestibule.crypto.pkce import create_pair
from vestibule.server.identity.authorize import check_authorization
from vestibule.server.identity.browser import (
    begin_browser_session,
    end_browser_session,
    find_browser_session,
)
from vestibule.server.identity.errors import Denied
from vestibule.server.identity.events import Caller
from vestibule.server.identity.logins import (
    Login,
    begin_login,
    finish_login,
    get_login,
    update_login,
)
from vestibule.server.identity.users import delete_user
from vestibule.server.store.schema import browser_sessions, logins


def begin(app: App) -> Login:
    return begin_login(app.identity, check_authorization(app.identity, app.ask(create_pair())), BROWSER)


def test_a_login_belongs_to_one_browser(app: App) -> None:
    login = begin(app)
    assert get_login(app.identity, login.token, BROWSER) == login
    assert get_login(app.identity, login.token, "another browser") is None
    assert get_login(app.identity, "another token", BROWSER) is None
    assert get_login(app.identity, login.token, None) is None
    assert get_login(app.identity, None, BROWSER) is None


def test_its_tokens_are_not_in_the_database_and_not_in_its_repr(app: App) -> None:
    login = begin(app)
    with app.identity.store.read() as tx:
        kept = repr(tx.connection.execute(logins.select()).all())
    assert login.token not in kept
    assert BROWSER not in kept
    assert login.token not in repr(login)


def test_steps_write_down_what_they_did(app: App) -> None:
    user = app.create_user()
    login = update_login(app.identity, begin(app), page="sign-up", organization_id="org_1")
    login = update_login(app.identity, login, user_id=user.id, page=None)
    assert get_login(app.identity, login.token, BROWSER) == login
    assert login.user_id == user.id
    assert login.progress == {"organization_id": "org_1"}


def test_a_login_is_good_for_an_hour(app: App, clock: Clock) -> None:
    login = begin(app)
    clock.advance(minutes=59, seconds=59)
    assert get_login(app.identity, login.token, BROWSER) is not None
    clock.advance(seconds=1)
    assert get_login(app.identity, login.token, BROWSER) is None


def test_nobody_is_let_in_before_somebody_signed_in(app: App) -> None:
    user = app.create_user()
    login = begin(app)
    with pytest.raises(Denied) as caught:
        finish_login(app.identity, login)
    assert caught.value.code == "login_incomplete"
    stranger, _ = begin_browser_session(app.identity, user_id=user.id, authentication_method="Password")
    with pytest.raises(Denied):
        finish_login(app.identity, login, present=stranger)
    assert get_login(app.identity, login.token, BROWSER) == login


def test_one_of_two_submits_finishes(app: App) -> None:
    user = app.create_user()
    login = update_login(app.identity, begin(app), user_id=user.id, authentication_method="Password")

    def finish(_: int) -> str:
        try:
            return finish_login(app.identity, login).redirect_to or ""
        except Denied as error:
            return error.code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(finish, range(4)))
    assert answers[1:] == ["login_finished"] * 3
    assert answers[0].startswith("https://app.example.com/callback?code=")
    finished = get_login(app.identity, login.token, BROWSER)
    assert finished is not None
    assert finished.finished_at == app.identity.now
    with pytest.raises(Denied):
        update_login(app.identity, login, page="sign-up")


def test_a_sign_in_gives_the_browser_a_new_session_and_ends_its_old_one(app: App) -> None:
    user = app.create_user()
    old, old_token = begin_browser_session(app.identity, user_id=user.id, authentication_method="Password")
    login = update_login(app.identity, begin(app), user_id=user.id, authentication_method="Password")
    finished = finish_login(app.identity, login, present=old, caller=Caller("198.51.100.7", "Firefox"))
    assert finished.browser_token not in (None, old_token)
    assert find_browser_session(app.identity, old_token) is None
    found = find_browser_session(app.identity, finished.browser_token)
    assert found == finished.browser
    assert (found.ip_address, found.user_agent) == ("198.51.100.7", "Firefox")


def test_a_silent_sign_in_keeps_the_browsers_session(app: App, clock: Clock) -> None:
    user = app.create_user()
    present, token = begin_browser_session(app.identity, user_id=user.id, authentication_method="Password")
    clock.advance(hours=1)
    login = update_login(app.identity, begin(app), user_id=user.id)
    finished = finish_login(app.identity, login, present=present)
    assert finished.browser_token is None
    assert finished.browser == present
    assert find_browser_session(app.identity, token) is not None


def test_a_login_that_no_app_began_leads_nowhere(app: App) -> None:
    user = app.create_user()
    login = begin_login(app.identity, None, BROWSER)
    login = update_login(app.identity, login, user_id=user.id, authentication_method="Password")
    finished = finish_login(app.identity, login)
    assert finished.redirect_to is None
    assert find_browser_session(app.identity, finished.browser_token) == finished.browser


def test_a_browser_session_ends_and_expires(app: App, clock: Clock) -> None:
    user = app.create_user()
    for _ in range(2):
        _, token = begin_browser_session(app.identity, user_id=user.id, authentication_method="Password")
        assert find_browser_session(app.identity, token) is not None
        ended = end_browser_session(app.identity, token)
        assert ended is not None
        assert ended.ended_at == clock.now
        assert find_browser_session(app.identity, token) is None
        assert end_browser_session(app.identity, token) is None
    _, token = begin_browser_session(app.identity, user_id=user.id, authentication_method="Password")
    clock.advance(days=30)
    assert find_browser_session(app.identity, token) is None
    for nothing in (None, "", "unknown"):
        assert find_browser_session(app.identity, nothing) is None
        assert end_browser_session(app.identity, nothing) is None


def test_a_visit_is_noted_every_ten_minutes(app: App, clock: Clock) -> None:
    user = app.create_user()
    _, token = begin_browser_session(app.identity, user_id=user.id, authentication_method="Password")
    seen = []
    for minutes in (9, 1, 0):
        clock.advance(minutes=minutes)
        find_browser_session(app.identity, token)
        with app.identity.store.read() as tx:
            seen.append(tx.connection.execute(browser_sessions.select()).one().last_seen_at)
    assert seen[0] < seen[1] == seen[2] == clock.now


def test_its_token_is_kept_as_a_digest(app: App) -> None:
    user = app.create_user()
    _, token = begin_browser_session(app.identity, user_id=user.id, authentication_method="Password")
    with app.identity.store.read() as tx:
        assert token not in repr(tx.connection.execute(browser_sessions.select()).all())


def test_a_deleted_user_is_signed_in_nowhere(app: App) -> None:
    user = app.create_user()
    _, token = begin_browser_session(app.identity, user_id=user.id, authentication_method="Password")
    login = update_login(app.identity, begin(app), user_id=user.id, authentication_method="Password")
    delete_user(app.identity, user.id)
    assert find_browser_session(app.identity, token) is None
    assert get_login(app.identity, login.token, BROWSER) is None
