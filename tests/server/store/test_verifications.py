import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.clocks import Clock
from tests.server.people import put_user
from vestibule.server.store.store import Store
from vestibule.server.store.verifications import TRIES


@pytest.fixture
def verification(store: Store, clock: Clock) -> str:
    put_user(store, clock())
    return put_verification(store, clock, "email_verification_1")


def put_verification(store: Store, clock: Clock, verification_id: str) -> str:
    now = clock()
    with store.transaction() as tx:
        return tx.verifications.create(
            id=verification_id, user_id="user_1", email="ada@example.com", code_sealed="s", code_hash=b"h",
            expires_at=now + dt.timedelta(minutes=10), created_at=now, updated_at=now,
        ).id  # fmt: skip


def test_the_newest_is_found(store: Store, clock: Clock, verification: str) -> None:
    clock.advance(seconds=1)
    newer = put_verification(store, clock, "email_verification_2")
    with store.read() as tx:
        newest = tx.verifications.find_newest("user_1")
        assert newest is not None
        assert newest.id == newer
        assert tx.verifications.find_newest("user_2") is None
        assert tx.verifications.find(verification) is not None
        assert tx.verifications.find("email_verification_3") is None


def test_parallel_guesses_get_five_tries_in_all(store: Store, clock: Clock, verification: str) -> None:
    def guess(_: int) -> bool:
        with store.transaction() as tx:
            return tx.verifications.spend_try(verification, now=clock())

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(guess, range(60))) == TRIES


def test_one_of_many_uses_it(store: Store, clock: Clock, verification: str) -> None:
    def use(_: int) -> bool:
        with store.transaction() as tx:
            return tx.verifications.consume(verification, now=clock())

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(use, range(20))) == 1
    with store.transaction() as tx:
        assert not tx.verifications.spend_try(verification, now=clock())


def test_what_is_over_takes_no_tries(store: Store, clock: Clock, verification: str) -> None:
    clock.advance(minutes=10)
    with store.transaction() as tx:
        assert not tx.verifications.spend_try(verification, now=clock())
        assert not tx.verifications.consume(verification, now=clock())


def test_all_that_are_out_can_be_ended(store: Store, clock: Clock, verification: str) -> None:
    clock.advance(seconds=1)
    with store.transaction() as tx:
        assert tx.verifications.expire_all("user_1", now=clock()) == 1
        assert tx.verifications.expire_all("user_1", now=clock()) == 0
        assert not tx.verifications.consume(verification, now=clock())


def test_what_expired_long_ago_is_purged(store: Store, clock: Clock, verification: str) -> None:
    clock.advance(minutes=10)
    with store.transaction() as tx:
        assert tx.verifications.purge(expired_before=clock()) == 0
        assert tx.verifications.purge(expired_before=clock() + dt.timedelta(seconds=1)) == 1
        assert tx.verifications.find(verification) is None
