import pytest

from tests.server.apps import BROWSER, App
from tests.server.people import events_of
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.logins import begin_login, finish_login, update_login
from vestibule.server.identity.open_sessions import (
    end_app,
    end_browser,
    end_elsewhere,
    end_everywhere,
    list_open,
)


def test_a_browser_is_listed_with_the_apps_it_led_to(identity: Identity, app: App) -> None:
    user = app.create_user()
    first, second = app.sign_in(user), app.sign_in(user)
    found = list_open(identity, user.id)
    assert {each.apps[0].id for each in found} == {first.session.id, second.session.id}
    assert all(each.browser is not None for each in found)


def test_one_browser_ends_with_its_apps_and_no_other(identity: Identity, app: App) -> None:
    user = app.create_user()
    app.sign_in(user)
    app.sign_in(user)
    one, other = list_open(identity, user.id)
    assert one.browser is not None
    end_browser(identity, user.id, one.browser.id)
    assert list_open(identity, user.id) == [other]
    names = [event.event for event in events_of(identity, "browser_session.revoked", "session.revoked")]
    assert names == ["browser_session.revoked", "session.revoked"]
    with pytest.raises(NotFound):
        end_browser(identity, user.id, one.browser.id)


def test_OG_3_nobody_ends_sessions_of_others(identity: Identity, app: App) -> None:
    ada, eve = app.create_user(), app.create_user("eve@example.com")
    app.sign_in(ada)
    (found,) = list_open(identity, ada.id)
    assert found.browser is not None
    with pytest.raises(NotFound):
        end_browser(identity, eve.id, found.browser.id)
    with pytest.raises(NotFound):
        end_app(identity, eve.id, found.apps[0].id)
    end_elsewhere(identity, eve.id, here=found.browser)
    end_everywhere(identity, eve.id)
    assert list_open(identity, ada.id) == [found]


def test_everywhere_else_means_everywhere_else(identity: Identity, app: App) -> None:
    user = app.create_user()
    for _ in range(3):
        app.sign_in(user)
    here = list_open(identity, user.id)[1]
    assert here.browser is not None
    end_elsewhere(identity, user.id, here=here.browser)
    assert list_open(identity, user.id) == [here]
    end_app(identity, user.id, here.apps[0].id)
    end_everywhere(identity, user.id)
    assert list_open(identity, user.id) == []


def test_who_signs_in_once_more_keeps_the_apps_of_this_browser(identity: Identity, app: App) -> None:
    user = app.create_user()
    signed_in = app.sign_in(user)
    (before,) = list_open(identity, user.id)
    login = begin_login(identity, None, BROWSER, back_to="/account")
    login = update_login(identity, login, user_id=user.id, authentication_method="Passkey")
    finish_login(identity, login, present=before.browser)
    (after,) = list_open(identity, user.id)
    assert after.browser is not None
    assert after.browser != before.browser
    assert [each.id for each in after.apps] == [signed_in.session.id]
