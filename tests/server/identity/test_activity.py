import datetime as dt

from tests.clocks import Clock
from tests.server.apps import PASSWORD, App
from tests.servers import at
from vestibule.server.identity.activity import count_days, read_activity
from vestibule.server.identity.context import Identity
from vestibule.server.identity.events import NOBODY, append_authentication
from vestibule.server.store.activity import Counted


def happen(identity: Identity, *kinds: str, error: tuple[str, str] | None = None) -> None:
    with identity.store.transaction() as tx:
        for kind in kinds:
            append_authentication(
                tx, identity, kind, caller=NOBODY, user_id="user_1", email="a@example.com", error=error
            )


def kept(identity: Identity) -> dict[tuple[str, str, str], int]:
    with identity.store.read() as tx:
        rows = tx.activity.list(first="2000-01-01", last="2100-01-01")
    return {(row.day, row.kind, row.detail): row.number for row in rows}


def test_each_day_has_its_numbers_and_the_days_before_are_compared_with(
    identity: Identity, clock: Clock
) -> None:
    clock.now = at("2026-01-02T12:00:00+00:00")
    happen(identity, "password", "passkey")
    clock.now = at("2026-01-09T12:00:00+00:00")
    happen(identity, "password", "password", "mfa")
    happen(identity, "password", error=("invalid_credentials", "No."))
    clock.now = at("2026-01-10T12:00:00+00:00")
    happen(identity, "magic_auth", "password")
    happen(identity, "magic_auth", error=("one_time_code_expired", "No."))
    happen(identity, "magic_auth", error=("invalid_credentials", "No."))
    found = read_activity(identity, days=7)
    assert [day.date.day for day in found.days] == [4, 5, 6, 7, 8, 9, 10]
    assert [day.sign_ins for day in found.days] == [0, 0, 0, 0, 0, 2, 2]
    assert [day.failures for day in found.days] == [0, 0, 0, 0, 0, 1, 2]
    assert (found.sign_ins.now, found.sign_ins.before, found.sign_ins.change) == (4, 2, 100)
    assert (found.failures.before, found.failures.change) == (0, None)
    assert found.reasons == [("invalid_credentials", 2), ("one_time_code_expired", 1)]
    assert found.methods == [("password", 3), ("magic_auth", 1)]
    assert found.complete


def test_a_day_that_is_over_is_counted_once_and_today_anew(identity: Identity, clock: Clock) -> None:
    clock.now = at("2026-01-09T23:59:00+00:00")
    happen(identity, "password")
    clock.now = at("2026-01-10T00:30:00+00:00")
    assert read_activity(identity, days=7).sign_ins.now == 1
    assert kept(identity) == {}  # what began before midnight may still be written
    clock.advance(hours=1)
    assert read_activity(identity, days=7).sign_ins.now == 1
    assert kept(identity)["2026-01-09", "sign_in", "password"] == 1
    with identity.store.transaction() as tx:  # another process counted at the same time
        tx.activity.create([Counted("2026-01-09", "sign_in", "password", 99)])
    happen(identity, "password")
    assert read_activity(identity, days=7).sign_ins.now == 2


def test_days_of_the_past_are_counted_by_and_by(identity: Identity, clock: Clock) -> None:
    for day in range(1, 6):
        clock.now = at(f"2026-01-0{day}T12:00:00+00:00")
        happen(identity, "password")
    assert not count_days(identity, days=30, budget=0)
    assert {day for day, _, _ in kept(identity)} == {"2026-01-04"}
    assert count_days(identity, days=30)
    assert {day for day, _, _ in kept(identity)} == {f"2026-01-0{day}" for day in range(1, 5)}


def test_users_are_counted_once_however_often_they_sign_in(
    identity: Identity, clock: Clock, app: App
) -> None:
    clock.now = at("2026-01-03T12:00:00+00:00")
    ada = app.create_user("ada@example.com", password=PASSWORD)
    app.sign_in(ada)
    app.create_user("grace@example.com")
    clock.now = at("2026-01-04T01:10:00+00:00")
    count_days(identity)  # as housekeeping does, every ten minutes
    assert kept(identity)["2026-01-03", "active", "7"] == 1
    clock.now = at("2026-01-10T12:00:00+00:00")
    app.sign_in(app.create_user("alan@example.com"))
    app.sign_in(ada)
    app.sign_in(ada)
    found = read_activity(identity, days=7)
    assert (found.active_users.now, found.active_users.before) == (2, 1)
    assert (found.new_users.now, found.new_users.before) == (1, 2)
    clock.now += dt.timedelta(days=3)
    assert read_activity(identity, days=7).active_users.before is None  # nobody asked in time


def test_nothing_at_all_is_no_number(identity: Identity) -> None:
    found = read_activity(identity, days=30)
    assert (found.sign_ins.now, found.reasons, found.complete) == (0, [], True)
