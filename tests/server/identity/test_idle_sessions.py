import dataclasses

import pytest

from tests.clocks import Clock
from tests.server.apps import App, create_app
from vestibule.errors import ConfigError
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import OAuthDenied
from vestibule.server.identity.sessions import get_session

AN_HOUR = 3_600


@pytest.fixture
def idle(identity: Identity) -> App:
    settings = dataclasses.replace(
        identity.settings, session_idle_seconds=AN_HOUR, session_seconds=AN_HOUR * 3
    )
    return create_app(dataclasses.replace(identity, settings=settings))


def test_a_session_that_nobody_refreshes_ends(idle: App, clock: Clock) -> None:
    signed_in = idle.sign_in(idle.create_user())
    clock.advance(seconds=AN_HOUR)
    with pytest.raises(OAuthDenied, match="session has ended"):
        idle.refresh(signed_in.refresh_token)
    found = get_session(idle.identity, signed_in.session.id)
    assert (found.status(idle.identity.now), found.ended_at) == ("expired", None)


def test_each_refresh_counts_as_use_but_the_absolute_limit_stays(idle: App, clock: Clock) -> None:
    token = idle.sign_in(idle.create_user()).refresh_token
    for _ in range(3):
        clock.advance(seconds=AN_HOUR - 1)
        token = idle.refresh(token).refresh_token
    clock.advance(seconds=3)
    with pytest.raises(OAuthDenied):
        idle.refresh(token)


def test_a_session_of_the_release_before_this_one_has_no_idle_limit(idle: App, clock: Clock) -> None:
    signed_in = idle.sign_in(idle.create_user())
    with idle.identity.store.transaction() as tx:
        tx.connection.exec_driver_sql("UPDATE sessions SET idle_at = NULL")
    clock.advance(seconds=AN_HOUR * 2)
    refreshed = idle.refresh(signed_in.refresh_token)
    clock.advance(seconds=AN_HOUR)
    with pytest.raises(OAuthDenied):
        idle.refresh(refreshed.refresh_token)


def test_an_idle_limit_below_the_access_token_is_a_mistake(identity: Identity) -> None:
    with pytest.raises(ConfigError, match="SESSION_IDLE_SECONDS must be more"):
        dataclasses.replace(identity.settings, session_idle_seconds=300)
