from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.clocks import Clock
from tests.server.apps import App
from vestibule.server.identity.browser import begin_browser_session, end_browser_session
from vestibule.server.identity.devices import (
    FIVE_MINUTES,
    LETTERS,
    DeviceAuthorization,
    approve_device,
    begin_device,
    claim_device,
    deny_device,
    device_grant,
    find_device,
    guess_device,
    new_user_code,
    read_user_code,
)
from vestibule.server.identity.errors import Denied, OAuthDenied, TooMany
from vestibule.server.identity.events import Caller
from vestibule.server.identity.models import BrowserSession
from vestibule.server.identity.opening import Authentication
from vestibule.server.identity.people import User
from vestibule.server.identity.sessions import logout, revoke_all


def begin(app: App, **more: str) -> DeviceAuthorization:
    return begin_device(app.identity, client_id=app.client_id, **more)  # type: ignore[arg-type]


def browser_of(app: App, user: User) -> tuple[BrowserSession, str]:
    return begin_browser_session(app.identity, user_id=user.id, authentication_method="Password")


def redeem(app: App, begun: DeviceAuthorization, *, client_id: str | None = None) -> Authentication:
    return device_grant(app.identity, device_code=begun.device_code, client_id=client_id or app.client_id)


def refusal(app: App, begun: DeviceAuthorization, **more: str) -> str:
    with pytest.raises(OAuthDenied) as refused:
        redeem(app, begun, **more)
    return refused.value.code


def test_an_approved_device_signs_in_as_whoever_approved_it_once(app: App) -> None:
    user = app.create_user()
    member = app.create_member(user)
    begun = begin(app, scope="openid email")
    assert refusal(app, begun) == "authorization_pending"
    approve_device(
        app.identity,
        begun.user_code,
        browser=browser_of(app, user)[0],
        organization_id=member.organization_id,
    )
    signed_in = redeem(app, begun)
    assert (signed_in.user.id, signed_in.organization_id) == (user.id, member.organization_id)
    assert (signed_in.session.scope, signed_in.authentication_method) == ("openid email", "Password")
    assert signed_in.id_token is not None
    assert refusal(app, begun) == "invalid_grant"
    assert app.refresh(signed_in.refresh_token).user.id == user.id


def test_a_denied_device_is_told_so(app: App) -> None:
    begun = begin(app)
    deny_device(app.identity, begun.user_code, user_id=app.create_user().id)
    assert refusal(app, begun) == "access_denied"


def test_the_first_decision_stands(app: App) -> None:
    begun, user = begin(app), app.create_user()
    deny_device(app.identity, begun.user_code, user_id=user.id)
    browser, _ = browser_of(app, user)
    with pytest.raises(Denied) as over:
        approve_device(app.identity, begun.user_code, browser=browser, organization_id=None)
    assert over.value.code == "device_code_over"
    assert find_device(app.identity, begun.user_code) is None


def test_reg_CVE_2026_45337_only_who_claimed_a_device_decides(app: App) -> None:
    begun = begin(app)
    claimer, other = app.create_user(), app.create_user("grace@example.com")
    assert claim_device(app.identity, begun.user_code, user_id=claimer.id) is not None
    assert claim_device(app.identity, begun.user_code, user_id=other.id) is None
    with pytest.raises(Denied):
        approve_device(app.identity, begun.user_code, browser=browser_of(app, other)[0], organization_id=None)
    with pytest.raises(Denied):
        deny_device(app.identity, begun.user_code, user_id=other.id)
    assert refusal(app, begun) == "authorization_pending"
    approve_device(app.identity, begun.user_code, browser=browser_of(app, claimer)[0], organization_id=None)
    assert redeem(app, begun).user.id == claimer.id


def test_both_codes_are_over_after_five_minutes(app: App, clock: Clock) -> None:
    begun = begin(app)
    browser, _ = browser_of(app, app.create_user())
    clock.advance(seconds=FIVE_MINUTES)
    assert refusal(app, begun) == "expired_token"
    with pytest.raises(Denied):
        approve_device(app.identity, begun.user_code, browser=browser, organization_id=None)


def test_an_approval_that_nobody_redeems_in_time_is_worth_nothing(app: App, clock: Clock) -> None:
    begun = begin(app)
    approve_device(
        app.identity, begun.user_code, browser=browser_of(app, app.create_user())[0], organization_id=None
    )
    clock.advance(seconds=FIVE_MINUTES)
    assert refusal(app, begun) == "expired_token"


def test_who_asks_too_often_has_to_wait_longer_each_time(app: App, clock: Clock) -> None:
    begun = begin(app)
    assert refusal(app, begun) == "authorization_pending"
    clock.advance(seconds=4)
    assert refusal(app, begun) == "slow_down"
    clock.advance(seconds=9)
    assert refusal(app, begun) == "slow_down"
    clock.advance(seconds=15)
    assert refusal(app, begun) == "authorization_pending"


def test_a_device_code_is_its_clients_own(app: App) -> None:
    begun = begin(app)
    assert refusal(app, begun, client_id="client_other") == "invalid_client"
    unknown = DeviceAuthorization("x" * 43, begun.user_code, 0, 0)
    assert refusal(app, unknown) == "invalid_grant"
    assert refusal(app, DeviceAuthorization("x" * 1_000, begun.user_code, 0, 0)) == "invalid_grant"


def test_many_at_once_redeem_it_once(app: App) -> None:
    begun = begin(app)
    approve_device(
        app.identity, begun.user_code, browser=browser_of(app, app.create_user())[0], organization_id=None
    )

    def attempt(_: int) -> bool:
        try:
            redeem(app, begun)
        except OAuthDenied:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(4))) == 1


def test_OG_1_approval_for_an_organization_needs_a_membership(app: App) -> None:
    stranger = app.create_user("grace@example.com")
    member = app.create_member(app.create_user())
    begun = begin(app)
    browser, _ = browser_of(app, stranger)
    with pytest.raises(OAuthDenied) as refused:
        approve_device(app.identity, begun.user_code, browser=browser, organization_id=member.organization_id)
    assert refused.value.code == "organization_membership_not_found"
    assert refusal(app, begun) == "authorization_pending"


@pytest.mark.parametrize("ended", ["browser", "account"])
def test_LO_1_an_approval_does_not_outlive_the_session_that_gave_it(app: App, ended: str) -> None:
    user = app.create_user()
    browser, token = browser_of(app, user)
    begun = begin(app)
    approve_device(app.identity, begun.user_code, browser=browser, organization_id=None)
    if ended == "browser":
        end_browser_session(app.identity, token)
    else:
        with app.identity.store.transaction() as tx:
            revoke_all(tx, app.identity, user.id)
    assert refusal(app, begun) == "invalid_grant"


def test_signing_out_on_the_device_leaves_the_browser_alone(app: App) -> None:
    browser, _ = browser_of(app, app.create_user())
    begun = begin(app)
    approve_device(app.identity, begun.user_code, browser=browser, organization_id=None)
    logout(app.identity, redeem(app, begun).session.id)
    with app.identity.store.read() as tx:
        assert tx.browser_sessions.find_live_by_id(browser.id, now=app.identity.now) is not None


def test_the_code_to_type_is_spelled_without_vowels_and_read_however_it_is_typed() -> None:
    codes = {new_user_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(set(code) <= {*LETTERS, "-"} and len(code) == 9 for code in codes)
    assert read_user_code(" bcdf ghjk\t") == read_user_code("BCDF-GHJK") == "BCDF-GHJK"
    for wrong in ("", "BCDF-GHJ", "BCDF-GHJA", "BCDF-GHJKL", "\u0412CDF-GHJK", "B" * 10_000):
        assert read_user_code(wrong) is None


def test_guessing_codes_is_limited_for_a_place_and_for_a_browser(app: App) -> None:
    for number in range(10):
        assert guess_device(app.identity, "BCDF-GHJK", place="192.0.2.1", browser=f"browser{number}") is None
    with pytest.raises(TooMany):
        guess_device(app.identity, "BCDF-GHJK", place="192.0.2.1", browser="another")
    for number in range(9):
        guess_device(app.identity, "BCDF-GHJK", place=f"192.0.2.{number + 2}", browser="one")
    guess_device(app.identity, "BCDF-GHJK", place="192.0.3.1", browser="one")
    with pytest.raises(TooMany):
        guess_device(app.identity, "BCDF-GHJK", place="192.0.3.2", browser="one")


def test_LG_1_neither_code_is_kept_or_shown_in_clear(app: App) -> None:
    begun = begin_device(app.identity, client_id=app.client_id, caller=Caller("192.0.2.1", "TV/1"))
    assert begun.device_code not in repr(begun)
    with app.identity.store.read() as tx:
        rows = str(tx.connection.exec_driver_sql("SELECT * FROM device_codes").all())
    assert begun.device_code not in rows
    assert begun.user_code not in rows
    assert "TV/1" in rows
