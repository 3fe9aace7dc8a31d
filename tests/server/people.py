"""People for the tests of the rules, made with as little ado as possible."""

import re

from vestibule.server.identity import users
from vestibule.server.identity.context import Identity
from vestibule.server.identity.outbox import Mail, list_mails
from vestibule.server.identity.paging import Page
from vestibule.server.identity.people import User
from vestibule.server.store.events import Event
from vestibule.server.store.store import Store

PASSWORD = "seven green bottles"


def make_user(identity: Identity, email: str = "ada@example.com", **given: object) -> User:
    return users.create_user(identity, email=email, **given)  # type: ignore[arg-type]


def events_of(identity: Identity, *names: str) -> list[Event]:
    """In the order in which they happened."""
    with identity.store.read() as tx:
        return list(tx.events.list(Page(limit=100, order="asc"), names=names).data)


def mails_to(identity: Identity, recipient: str) -> list[Mail]:
    """Newest first."""
    return list_mails(identity, recipient=recipient)


def code_in(mail: Mail) -> str:
    found = re.search(r"Your code is: ([0-9]{6})\n", mail.text)
    assert found is not None
    return found[1]


def token_in(mail: Mail) -> str:
    found = re.search(r"/reset-password\?token=(\S+)", mail.text)
    assert found is not None
    return found[1]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def put_user(store: Store, now: object, user_id: str = "user_1", email: str = "ada@example.com") -> None:
    with store.transaction() as tx:
        tx.users.create(
            id=user_id, email=email, email_key=email.lower(), metadata={}, created_at=now, updated_at=now
        )
