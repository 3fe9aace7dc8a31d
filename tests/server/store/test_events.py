import datetime as dt
import threading

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


def test_whoever_has_read_up_to_an_event_finds_no_earlier_one_afterwards(store: Store, clock: Clock) -> None:
    """One change begins first and commits last, as two processes on PostgreSQL may."""
    begun, may_end = threading.Event(), threading.Event()

    def slow() -> None:
        with store.transaction() as tx:
            tx.events.append(id="event_slow", event="user.created", data={}, created_at=clock())
            begun.set()
            may_end.wait(10)

    def quick() -> None:
        with store.transaction() as tx:
            tx.events.append(id="event_quick", event="user.created", data={}, created_at=clock())

    threads = [threading.Thread(target=slow), threading.Thread(target=quick)]
    threads[0].start()
    assert begun.wait(10)
    threads[1].start()
    if store.dialect == "postgresql":  # SQLite has one writer at a time: there the quick one waits
        threads[1].join(10)
        assert ids(store) == ["event_quick"]
    may_end.set()
    for thread in threads:
        thread.join(10)
    expected = ["event_quick", "event_slow"]
    assert ids(store) == (expected if store.dialect == "postgresql" else expected[::-1])


def ids(store: Store) -> list[str]:
    with store.read() as tx:
        return [event.id for event in tx.events.list(Page(order="asc")).data]


def test_many_writers_at_once_are_read_without_a_gap(store: Store, clock: Clock) -> None:
    """A reader that goes on from the last event it saw, while others write, sees each one once."""
    done, seen = threading.Event(), list[str]()

    def write(writer: int) -> None:
        for number in range(20):
            with store.transaction() as tx:
                for part in "ab":
                    tx.events.append(
                        id=f"event_{writer}_{number}{part}", event="user.created", data={}, created_at=clock()
                    )

    def read() -> None:
        while True:
            last = done.is_set()
            with store.read() as tx:
                after = seen[-1] if seen else None
                seen.extend(event.id for event in tx.events.list(Page(100, order="asc", after=after)).data)
            if last:
                return

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    reader = threading.Thread(target=read)
    for thread in (*writers, reader):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    with store.read() as tx:
        after = seen[-1]
        while more := [event.id for event in tx.events.list(Page(100, order="asc", after=after)).data]:
            seen.extend(more)
            after = more[-1]
    assert len(seen) == len(set(seen)) == 160
