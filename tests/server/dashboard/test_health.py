from typing import Any

import pytest

from tests.clocks import Clock
from tests.server.dashboard.office import Office
from vestibule.server.identity.letters import queue


@pytest.fixture
def server_settings() -> dict[str, Any]:
    return {"development": False, "public_url": "http://localhost:8100"}


def test_what_needs_attention_comes_with_what_to_do(office: Office, clock: Clock) -> None:
    page = office.operator("auditor").read("/dashboard/health")
    assert "1 of 8 need attention: Mail." in page
    assert "set VESTIBULE_SERVER_SMTP_URL" in page
    assert "SQLite" in page
    clock.advance(days=400)
    page = office.sit(office.operator("auditor").user).read("/dashboard/health")
    assert "It is more than a year old: rotate it." in page


def test_mail_that_waits_is_counted(office: Office, clock: Clock) -> None:
    auditor = office.operator("auditor")
    with office.identity.store.transaction() as tx:
        queue(
            tx,
            office.identity,
            kind="password_changed",
            recipient="ada@example.com",
            email="ada@example.com",
            when=clock.now,
            reset_link="http://localhost/",
        )
    clock.advance(minutes=6)
    page = auditor.read("/dashboard/health")
    assert "The oldest waits since" in page
    assert "2027-01-15 12:00 UTC" in page
