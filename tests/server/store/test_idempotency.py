import datetime as dt
from concurrent.futures import ThreadPoolExecutor

from tests.clocks import Clock
from vestibule.server.store.idempotency import IdempotentRequest
from vestibule.server.store.store import Store

DAY = dt.timedelta(days=1)
PATIENCE = dt.timedelta(seconds=60)


def claim(store: Store, clock: Clock, request: bytes = b"request") -> IdempotentRequest | None:
    now = clock()
    with store.transaction() as tx:
        return tx.idempotency.claim(
            b"key", request, now=now, expires_at=now + DAY, takeover_before=now - PATIENCE
        )


def complete(store: Store, clock: Clock, answer: str) -> bool:
    with store.transaction() as tx:
        return tx.idempotency.complete(b"key", status=201, answer_sealed=answer, expires_at=clock() + DAY)


def test_one_of_many_gets_the_key(store: Store, clock: Clock) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: claim(store, clock), range(20)))
    assert answers.count(None) == 1
    assert all(answer is None or answer.status is None for answer in answers)


def test_later_ones_get_what_the_first_was_answered(store: Store, clock: Clock) -> None:
    assert claim(store, clock) is None
    assert complete(store, clock, "sealed")
    later = claim(store, clock, b"another request")
    assert later is not None
    assert (later.status, later.answer_sealed, later.request_hash) == (201, "sealed", b"request")


def test_a_key_is_free_again_after_its_time(store: Store, clock: Clock) -> None:
    assert claim(store, clock) is None
    assert complete(store, clock, "sealed")
    clock.advance(days=1)
    assert claim(store, clock, b"another") is None


def test_a_key_whose_holder_died_is_taken_over_once(store: Store, clock: Clock) -> None:
    assert claim(store, clock) is None
    clock.advance(seconds=60)
    assert claim(store, clock) is not None
    clock.advance(seconds=1)
    assert claim(store, clock) is None
    assert claim(store, clock) is not None
    assert complete(store, clock, "of the second")
    assert not complete(store, clock, "of the first, who was only slow")
    kept = claim(store, clock)
    assert kept is not None
    assert kept.answer_sealed == "of the second"


def test_a_released_key_is_free_and_a_finished_one_is_not_released(store: Store, clock: Clock) -> None:
    assert claim(store, clock) is None
    with store.transaction() as tx:
        tx.idempotency.release(b"key")
    assert claim(store, clock) is None
    assert complete(store, clock, "sealed")
    with store.transaction() as tx:
        tx.idempotency.release(b"key")
    assert claim(store, clock) is not None


def test_what_expired_is_purged(store: Store, clock: Clock) -> None:
    assert claim(store, clock) is None
    with store.transaction() as tx:
        assert tx.idempotency.purge(clock()) == 0
        assert tx.idempotency.purge(clock() + DAY) == 1
