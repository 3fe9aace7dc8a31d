import threading

import pytest

from vestibule.server.mail.delivery import Delivery


def workers() -> set[threading.Thread]:
    """Those of servers that other tests keep running are among them."""
    return {thread for thread in threading.enumerate() if thread.name == "vestibule-mail"}


def test_it_delivers_until_nothing_is_due_and_looks_again() -> None:
    batches, rested = [3, 2, 0, 1, 0], threading.Event()
    before = workers()
    calls: list[int] = []

    def deliver() -> int:
        calls.append(len(calls))
        if len(calls) == len(batches):
            rested.set()
        return batches[len(calls) - 1] if len(calls) <= len(batches) else 0

    delivery = Delivery(deliver, idle_seconds=0.01)
    delivery.start()
    delivery.start()
    assert rested.wait(10)
    delivery.stop()
    assert workers() == before


def test_trouble_does_not_end_it(caplog: pytest.LogCaptureFixture) -> None:
    recovered = threading.Event()
    attempts = iter([OSError("the database is away"), None])

    def deliver() -> int:
        trouble = next(attempts, None)
        if trouble is not None:
            raise trouble
        recovered.set()
        return 0

    delivery = Delivery(deliver, idle_seconds=0.01, trouble_seconds=0.01)
    delivery.start()
    assert recovered.wait(10)
    delivery.stop()
    assert "mail_delivery_failed" in caplog.text


def test_stopping_what_never_started_is_fine() -> None:
    Delivery(lambda: 0).stop()
