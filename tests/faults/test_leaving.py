"""`kill -9` at every moment between a change and the record that somebody was told of it: nothing is lost."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict

import pytest

from tests.faults.conftest import OpenIdentity
from tests.faults.leaving_process import MOMENTS, SENDING, Job, Life
from tests.faults.processes import running
from tests.server.mail.smtp_server import Postbox, smtp_server
from tests.server.outbound.receivers import Receiver, receiver
from tests.servers import SECRET
from vestibule.server.identity import webhooks
from vestibule.server.identity.context import Identity
from vestibule.server.identity.paging import Page
from vestibule.server.identity.users import list_users
from vestibule.server.identity.webhook_deliveries import list_deliveries

NAMES = ["user.created", "email_verification.created"]


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as there:
        yield there


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with smtp_server() as postbox:
        yield postbox


def test_what_was_committed_is_told_once_or_again_with_the_same_id(
    open_identity: OpenIdentity, database: str, there: Receiver, postbox: Postbox
) -> None:
    identity = open_identity(database, "http://localhost:8100")
    endpoint = webhooks.create_endpoint(identity, endpoint_url=there.url, events=NAMES)
    lives = [*map(Life, MOMENTS), Life(f"before {SENDING}", 3), Life(f"after {SENDING}", 3), Life("")]
    smtp_url = f"smtp://127.0.0.1:{postbox.port}"
    job = Job(database=database, secret=SECRET, smtp_url=smtp_url, lives=tuple(lives))
    with running("tests.faults.leaving_process", asdict(job)) as process:
        told, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    deaths = [json.loads(line) for line in told.splitlines()]
    assert [death["died"] for death in deaths] == [True] * len(lives[:-1]) + [False]

    happened = committed(identity)
    assert happened["user.created"] == everybody(identity)
    arrived = Counter(json.loads(each.body)["id"] for each in there.received)
    assert set(arrived) == happened["ids"]
    assert len({each.body for each in there.received}) == len(arrived)  # again means the very same
    assert sum(arrived.values()) - len(arrived) <= 6 * len(lives)  # at most what was under way at each death
    pending = list_deliveries(identity, endpoint.id, Page(limit=100), status="pending")
    assert len(pending.data) == 0

    letters = Counter(each.message["Message-ID"] for each in postbox.received)
    recipients = {each.recipient for each in postbox.received}
    assert len(letters) == len(happened["email_verification.created"]) == len(recipients)
    assert max(letters.values()) <= 2


def committed(identity: Identity) -> dict[str, set[str]]:
    """The ids of all events, and what each kind was about."""
    found: dict[str, set[str]] = {"ids": set(), "user.created": set(), "email_verification.created": set()}
    page = Page(limit=100, order="asc")
    while True:
        with identity.store.read() as tx:
            events = tx.events.list(page, names=NAMES)
        for event in events.data:
            found["ids"].add(event.id)
            found[event.event].add(event.data["id"])
        if events.after is None:
            return found
        page = Page(limit=100, order="asc", after=events.after)


def everybody(identity: Identity) -> set[str]:
    found: set[str] = set()
    page = Page(limit=100)
    while True:
        users = list_users(identity, page)
        found |= {user.id for user in users.data}
        if users.after is None:
            return found
        page = Page(limit=100, after=users.after)
