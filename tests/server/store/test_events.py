import datetime as dt

from tests.clocks import Clock
from vestibule.server.store.rows import Page
from vestibule.server.store.store import Store


def put_events(store: Store, clock: Clock, count: int) -> None:
    for number in range(count):
        with store.transaction() as tx:
            tx.events.append(
                id=f"event_{number}",
                event="user.created" if number % 2 else "user.deleted",
                data={"number": number, "name": "Grüße"},
                context=None,
                organization_id="org_1" if number == 3 else None,
                created_at=clock(),
            )
        clock.advance(seconds=1)


def test_events_come_in_the_order_they_were_appended(store: Store, clock: Clock) -> None:
    put_events(store, clock, 5)
    with store.read() as tx:
        first = tx.events.list(Page(limit=2, order="asc"))
        second = tx.events.list(Page(limit=2, order="asc", after=first.after))
        third = tx.events.list(Page(limit=2, order="asc", after=second.after))
        newest = tx.events.list(Page(limit=2, order="desc"))
        back = tx.events.list(Page(limit=2, order="asc", before=third.before))
    assert [event.data["number"] for event in (*first.data, *second.data, *third.data)] == [0, 1, 2, 3, 4]
    assert first.before is None
    assert third.after is None
    assert [event.id for event in newest.data] == ["event_4", "event_3"]
    assert [event.id for event in back.data] == ["event_2", "event_3"]
    assert first.data[0].data["name"] == "Grüße"


def test_events_can_be_narrowed(store: Store, clock: Clock) -> None:
    begin = clock()
    put_events(store, clock, 5)
    second = dt.timedelta(seconds=1)
    with store.read() as tx:
        created = tx.events.list(Page(order="asc"), names=["user.created"])
        of_org = tx.events.list(Page(order="asc"), organization_id="org_1")
        within = tx.events.list(Page(order="asc"), range_start=begin + second, range_end=begin + 2 * second)
        beyond = tx.events.list(Page(after="event_99"))
    assert [event.id for event in created.data] == ["event_1", "event_3"]
    assert [event.id for event in of_org.data] == ["event_3"]
    assert [event.id for event in within.data] == ["event_1", "event_2"]
    assert beyond.data == ()


def test_what_is_rolled_back_never_happened(store: Store, clock: Clock) -> None:
    with store.read() as tx:
        tx.events.append(id="event_1", event="user.created", data={}, context=None, created_at=clock())
    with store.read() as tx:
        assert tx.events.list(Page()).data == ()
