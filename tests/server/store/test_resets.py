import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.clocks import Clock
from tests.server.people import put_user
from vestibule.server.store.resets import StoredReset
from vestibule.server.store.store import Store


@pytest.fixture
def reset(store: Store, clock: Clock) -> StoredReset:
    put_user(store, clock())
    with store.transaction() as tx:
        return tx.resets.create(
            id="password_reset_1", user_id="user_1", email="ada@example.com", token_sealed="s",
            token_hash=b"token", expires_at=clock() + dt.timedelta(minutes=15), created_at=clock(),
        )  # fmt: skip


def test_a_reset_is_found_by_id_and_token(store: Store, reset: StoredReset) -> None:
    with store.read() as tx:
        assert tx.resets.find(reset.id) == reset
        assert tx.resets.find_by_token(b"token") == reset
        assert tx.resets.find("password_reset_2") is None
        assert tx.resets.find_by_token(b"other") is None


def test_one_of_many_uses_it(store: Store, clock: Clock, reset: StoredReset) -> None:
    def use(_: int) -> bool:
        with store.transaction() as tx:
            return tx.resets.consume(b"token", now=clock()) is not None

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(use, range(20))) == 1


def test_an_expired_one_cannot_be_used(store: Store, clock: Clock, reset: StoredReset) -> None:
    clock.advance(minutes=15)
    with store.transaction() as tx:
        assert tx.resets.consume(b"token", now=clock()) is None


def test_all_that_are_out_can_be_ended(store: Store, clock: Clock, reset: StoredReset) -> None:
    with store.transaction() as tx:
        assert tx.resets.expire_all("user_1", now=clock()) == 1
        assert tx.resets.consume(b"token", now=clock()) is None
        assert tx.resets.expire_all("user_1", now=clock()) == 0


def test_what_expired_long_ago_is_purged(store: Store, clock: Clock, reset: StoredReset) -> None:
    with store.transaction() as tx:
        assert tx.resets.purge(expired_before=reset.expires_at) == 0
        assert tx.resets.purge(expired_before=reset.expires_at + dt.timedelta(seconds=1)) == 1
