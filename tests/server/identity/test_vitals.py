import datetime as dt
from dataclasses import replace

from tests.clocks import Clock
from tests.server.apps import App
from vestibule.server.identity.context import Identity
from vestibule.server.identity.vitals import read_vitals


def test_the_database_says_what_it_is_and_what_waits(identity: Identity, app: App, clock: Clock) -> None:
    with identity.store.transaction() as tx:
        for number, failed in ((1, None), (2, None), (3, clock.now)):
            tx.mails.create(
                id=f"mail_{number}",
                kind="invitation",
                recipient="ada@example.com",
                message_sealed="",
                due_at=clock.now,
                failed_at=failed,
                created_at=clock.now + dt.timedelta(minutes=number),
            )
    clock.advance(days=2)
    found = read_vitals(identity)
    kind = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[identity.store.dialect]
    assert (found.database.kind, found.database.is_current) == (kind, True)
    assert found.database.size > 100_000
    assert (found.mails.waiting, found.mails.failed) == (2, 1)
    assert found.mails.oldest == clock.now - dt.timedelta(days=2) + dt.timedelta(minutes=1)
    assert (found.webhooks.waiting, found.webhooks.oldest) == (0, None)
    assert found.key_age == dt.timedelta(days=2)
    assert (found.clock_off is None) == (kind == "SQLite")  # the test's clock is another year's


def test_a_key_that_another_secret_sealed_has_no_age(identity: Identity, app: App) -> None:
    settings = replace(identity.settings, secret="another-secret-that-sealed-nothing-in-here")
    assert read_vitals(Identity(identity.store, settings, identity.clock)).key_age is None
