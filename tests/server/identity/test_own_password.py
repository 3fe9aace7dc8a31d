import pytest

from tests.server.apps import PASSWORD, App
from tests.server.people import events_of, mails_to
from vestibule.server.identity.browser import begin_browser_session, find_browser_session
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.open_sessions import list_open
from vestibule.server.identity.own_password import has_password, set_own_password
from vestibule.server.identity.sessions import sign_out_browser


def test_LO_3_the_session_goes_on_under_another_token_and_the_others_end(
    identity: Identity, app: App
) -> None:
    user = app.create_user()
    here, before = begin_browser_session(identity, user_id=user.id, authentication_method="MagicAuth")
    app.sign_in(user)
    token = set_own_password(identity, user, PASSWORD, here=here, end_others=True)
    assert has_password(identity, user.id)
    assert find_browser_session(identity, before) is None
    found = find_browser_session(identity, token)
    assert found is not None
    assert [each.browser for each in list_open(identity, user.id)] == [found]
    set_own_password(identity, user, "nine quiet lighthouses", here=here, end_others=False)
    names = [event.event for event in events_of(identity, "password.created", "password.updated")]
    assert names == ["password.created", "password.updated"]
    assert [mail.kind for mail in mails_to(identity, user.email)] == ["security_notice"] * 2


def test_nobody_sets_a_password_who_was_signed_out_meanwhile(identity: Identity, app: App) -> None:
    user = app.create_user()
    here, token = begin_browser_session(identity, user_id=user.id, authentication_method="MagicAuth")
    sign_out_browser(identity, token)
    with pytest.raises(NotFound):
        set_own_password(identity, user, PASSWORD, here=here, end_others=False)
    assert not has_password(identity, user.id)
