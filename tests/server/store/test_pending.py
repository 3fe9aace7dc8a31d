import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.clocks import Clock
from tests.server.people import put_user
from vestibule.server.store.store import Store


@pytest.fixture
def token(store: Store, clock: Clock) -> bytes:
    put_user(store, clock())
    with store.transaction() as tx:
        tx.pending.create(
            token_hash=b"token", user_id="user_1", reason="email_verification", state={"scope": "openid"},
            expires_at=clock() + dt.timedelta(minutes=10), created_at=clock(),
        )  # fmt: skip
    return b"token"


def test_looking_does_not_use_it_up(store: Store, clock: Clock, token: bytes) -> None:
    with store.transaction() as tx:
        assert tx.pending.find(b"other", now=clock()) is None
        found = tx.pending.find(token, now=clock())
        assert found is not None
        assert (found.user_id, found.reason, found.state) == (
            "user_1",
            "email_verification",
            {"scope": "openid"},
        )
        assert tx.pending.consume(token, now=clock()) == found
        assert tx.pending.find(token, now=clock()) is None


def test_one_of_many_uses_it(store: Store, clock: Clock, token: bytes) -> None:
    def use(_: int) -> bool:
        with store.transaction() as tx:
            return tx.pending.consume(token, now=clock()) is not None

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(use, range(20))) == 1


def test_it_ends_in_time(store: Store, clock: Clock, token: bytes) -> None:
    clock.advance(minutes=10)
    with store.transaction() as tx:
        assert tx.pending.find(token, now=clock()) is None
        assert tx.pending.consume(token, now=clock()) is None


def test_what_expired_long_ago_is_purged(store: Store, clock: Clock, token: bytes) -> None:
    over = clock() + dt.timedelta(minutes=10)
    with store.transaction() as tx:
        assert tx.pending.purge(expired_before=over) == 0
        assert tx.pending.purge(expired_before=over + dt.timedelta(seconds=1)) == 1
