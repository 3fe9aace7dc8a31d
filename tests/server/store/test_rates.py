import datetime as dt
from concurrent.futures import ThreadPoolExecutor

from tests.clocks import Clock
from vestibule.server.store.store import Store

MINUTE = dt.timedelta(minutes=1)


def test_parallel_hits_are_all_counted(store: Store, clock: Clock) -> None:
    def hit(_: int) -> int:
        with store.transaction() as tx:
            return tx.rates.hit(b"key", now=clock(), window=MINUTE).count

    with ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(hit, range(40))) == list(range(1, 41))


def test_a_window_that_is_over_begins_anew(store: Store, clock: Clock) -> None:
    begun = clock()
    with store.transaction() as tx:
        tx.rates.hit(b"key", now=clock(), window=MINUTE)
        clock.advance(seconds=59)
        again = tx.rates.hit(b"key", now=clock(), window=MINUTE)
        assert (again.count, again.started_at) == (2, begun)
        clock.advance(seconds=1)
        anew = tx.rates.hit(b"key", now=clock(), window=MINUTE)
        assert (anew.count, anew.started_at) == (1, clock())


def test_keys_are_counted_apart_forgotten_and_purged(store: Store, clock: Clock) -> None:
    with store.transaction() as tx:
        tx.rates.hit(b"one", now=clock(), window=MINUTE)
        tx.rates.hit(b"one", now=clock(), window=MINUTE)
        assert tx.rates.hit(b"two", now=clock(), window=MINUTE).count == 1
        tx.rates.forget(b"one")
        assert tx.rates.hit(b"one", now=clock(), window=MINUTE).count == 1
        clock.advance(hours=1)
        tx.rates.hit(b"three", now=clock(), window=MINUTE)
        assert tx.rates.purge(before=clock()) == 2
