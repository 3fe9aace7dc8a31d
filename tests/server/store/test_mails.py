import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.clocks import Clock
from vestibule.server.store.mails import StoredMail
from vestibule.server.store.store import Store

LEASE = dt.timedelta(minutes=5)


@pytest.fixture
def mails(store: Store, clock: Clock) -> list[str]:
    ids = [f"mail_{number:02d}" for number in range(20)]
    with store.transaction() as tx:
        for mail_id in ids:
            tx.mails.create(
                id=mail_id, kind="verify_email", recipient="ada@example.com", message_sealed="sealed",
                due_at=clock(), created_at=clock(),
            )  # fmt: skip
    return ids


def claim(store: Store, clock: Clock, limit: int = 100) -> list[StoredMail]:
    with store.transaction() as tx:
        return tx.mails.claim(now=clock(), lease=LEASE, limit=limit)


def test_parallel_workers_share_the_mails(store: Store, clock: Clock, mails: list[str]) -> None:
    with ThreadPoolExecutor(8) as pool:
        batches = list(pool.map(lambda _: claim(store, clock, 3), range(16)))
    claimed = sorted(mail.id for batch in batches for mail in batch)
    assert claimed == mails
    assert all(len(batch) <= 3 for batch in batches)


def test_a_worker_that_died_holds_its_mails_until_the_lease_is_over(
    store: Store, clock: Clock, mails: list[str]
) -> None:
    first = claim(store, clock)
    assert len(first) == len(mails)
    assert claim(store, clock) == []
    clock.advance(minutes=5)
    second = claim(store, clock)
    assert [mail.attempts for mail in second] == [2] * len(mails)
    with store.transaction() as tx:
        assert not tx.mails.finish(first[0], now=clock()), "the mail is somebody else's by now"
        assert tx.mails.finish(second[0], now=clock())
        assert not tx.mails.finish(second[0], now=clock())


def test_what_was_sent_or_failed_is_wiped_and_never_due(store: Store, clock: Clock, mails: list[str]) -> None:
    sent, failed, postponed, *_ = claim(store, clock)
    with store.transaction() as tx:
        assert tx.mails.finish(sent, now=clock())
        assert tx.mails.fail(failed, now=clock(), error="refused with 550")
        assert tx.mails.postpone(postponed, due_at=clock() + dt.timedelta(seconds=15), error="OSError")
    clock.advance(seconds=15)
    assert [mail.id for mail in claim(store, clock)] == [postponed.id]
    clock.advance(days=1)
    again = {mail.id for mail in claim(store, clock)}
    assert again.isdisjoint({sent.id, failed.id})
    with store.read() as tx:
        for mail in (sent, failed):
            stored = tx.mails.find(mail.id)
            assert stored is not None
            assert stored.message_sealed == ""


def test_mails_are_listed_newest_first(store: Store, clock: Clock, mails: list[str]) -> None:
    with store.read() as tx:
        assert [mail.id for mail in tx.mails.list(limit=2)] == ["mail_19", "mail_18"]
        assert tx.mails.list(limit=2, recipient="grace@example.com") == []
        assert tx.mails.count_waiting() == 20
        assert tx.mails.find("mail_99") is None


def test_what_is_done_is_purged_and_what_is_due_is_kept(store: Store, clock: Clock, mails: list[str]) -> None:
    sent, failed, *_ = claim(store, clock)
    with store.transaction() as tx:
        tx.mails.finish(sent, now=clock())
        tx.mails.fail(failed, now=clock(), error="refused with 550")
        assert tx.mails.purge(done_before=clock()) == 0
        assert tx.mails.purge(done_before=clock() + dt.timedelta(seconds=1)) == 2
        assert len(tx.mails.list(limit=100)) == len(mails) - 2
