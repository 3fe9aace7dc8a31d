import datetime as dt
from dataclasses import replace

from tests.clocks import Clock
from vestibule.server.identity.context import Identity
from vestibule.server.identity.events import append, list_events, timestamp
from vestibule.server.identity.paging import Page


def test_timestamps_have_three_decimals() -> None:
    moment = dt.datetime(2026, 1, 15, 13, 0, 0, 7_999, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    assert timestamp(moment) == "2026-01-15T12:00:00.007Z"


def test_datetimes_become_timestamps_wherever_they_stand(identity: Identity) -> None:
    now = identity.now
    with identity.store.transaction() as tx:
        data = {"at": now, "list": [now, {"deep": (now, None, 1, True)}], "text": "Grüße"}
        append(tx, identity, "session.code_reused", data, context={"before": now}, organization_id="org_1")
    (event,) = list_events(identity, Page()).data
    told = "2026-01-15T12:00:00.000Z"
    assert event.data == {"at": told, "list": [told, {"deep": [told, None, 1, True]}], "text": "Grüße"}
    assert (event.context, event.organization_id) == ({"before": told}, "org_1")


def test_an_event_stands_or_falls_with_its_transaction(identity: Identity, clock: Clock) -> None:
    class Stop(Exception):
        pass

    try:
        with identity.store.transaction() as tx:
            append(tx, identity, "user.created", {})
            raise Stop
    except Stop:
        pass
    assert list_events(identity, Page()).data == ()


def test_events_are_narrowed(identity: Identity, clock: Clock) -> None:
    for name in ("recovery_codes.created", "recovery_code.used", "session.code_reused"):
        with identity.store.transaction() as tx:
            append(tx, identity, name, {})
        clock.advance(seconds=1)
    found = list_events(
        identity, Page(order="asc"), events=["recovery_codes.created", "session.code_reused"]
    ).data
    assert [event.event for event in found] == ["recovery_codes.created", "session.code_reused"]
    recent = list_events(identity, Page(order="asc"), range_start=clock() - dt.timedelta(seconds=2)).data
    assert [event.event for event in recent] == ["recovery_code.used", "session.code_reused"]


def test_what_is_known_of_whoever_asked_is_in_the_context(identity: Identity) -> None:
    asked = replace(identity, circumstances={"ip_address": "203.0.113.7"})
    with identity.store.transaction() as tx:
        append(tx, asked, "session.code_reused", {}, context={"before": 1})
        append(tx, asked, "session.code_reused", {})
        append(tx, identity, "session.code_reused", {})
    contexts = [event.context for event in list_events(identity, Page(order="asc")).data]
    assert contexts == [{"ip_address": "203.0.113.7", "before": 1}, {"ip_address": "203.0.113.7"}, None]
