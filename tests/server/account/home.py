"""Somebody at their own account: signed in at the server, with a browser that runs no script."""

import datetime as dt
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.clocks import Clock
from tests.server.login.plain_browser import Page, PlainBrowser
from tests.servers import Running
from vestibule.server.identity.browser import begin_browser_session
from vestibule.server.identity.context import Identity
from vestibule.server.identity.events import Caller
from vestibule.server.identity.outbox import Mail, list_mails
from vestibule.server.identity.people import User
from vestibule.server.identity.secrets import new_token
from vestibule.server.identity.users import find_user_by_email
from vestibule.server.store.events import Event
from vestibule.server.store.rows import Page as Limits

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36"
LATER = dt.timedelta(minutes=11)


@dataclass(frozen=True, slots=True)
class Home:
    """`grow_old` is how a sign-in stops being a fresh one."""

    server: Running
    clock: Clock
    opened: ExitStack = field(repr=False)

    @property
    def identity(self) -> Identity:
        return self.server.identity

    def visit(self, email: str = "ada@example.com", *, method: str = "Password") -> PlainBrowser:
        """A browser of theirs that has just signed in."""
        client = self.server.browser(headers={"user-agent": CHROME})
        caller = Caller("127.0.0.1", CHROME)
        _, token = begin_browser_session(
            self.identity, user_id=self.user(email).id, authentication_method=method, caller=caller
        )
        for name, value in (("vestibule", token), ("vestibule-browser", new_token())):
            client.cookies.set(name, value, domain="localhost.local", path="/")
        return self.opened.enter_context(closing(PlainBrowser(client)))

    def stranger(self) -> PlainBrowser:
        return self.opened.enter_context(closing(PlainBrowser(self.server.browser())))

    def user(self, email: str = "ada@example.com") -> User:
        user = find_user_by_email(self.identity, email)
        assert user is not None, email
        return user

    def grow_old(self) -> None:
        self.clock.advance(seconds=LATER.total_seconds())

    def mails(self, email: str = "ada@example.com") -> list[Mail]:
        """Newest first."""
        return list_mails(self.identity, recipient=email)

    def events(self, *names: str) -> list[Event]:
        """In the order in which they happened."""
        with self.identity.store.read() as tx:
            return list(tx.events.list(Limits(limit=100, order="asc"), names=names).data)


def path(page: Page) -> str:
    return urlsplit(page.url).path
