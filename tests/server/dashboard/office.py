"""A server, and operators of each role signed in at its dashboard, each with a browser of their own."""

import contextlib
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

from tests.clocks import Clock
from tests.server.login.plain_browser import PlainBrowser
from tests.servers import Running, running_server
from vestibule.server import browsers
from vestibule.server.identity.browser import begin_browser_session
from vestibule.server.identity.context import Identity
from vestibule.server.identity.events import list_events
from vestibule.server.identity.models import Operator
from vestibule.server.identity.operators import add_operator, list_operators
from vestibule.server.identity.paging import Page
from vestibule.server.identity.people import User
from vestibule.server.identity.secrets import new_token
from vestibule.server.identity.users import create_user
from vestibule.server.store.events import Event

SAME_ORIGIN = {"sec-fetch-site": "same-origin", "origin": "null"}


@dataclass(frozen=True, slots=True)
class Seat:
    """A browser in which somebody is signed in. Redirects are not followed, but by `done`."""

    client: httpx2.Client
    user: User
    csrf: str = field(repr=False)

    def get(self, path: str, **query: str) -> httpx2.Response:
        return self.client.get(path, params=query or None)

    def read(self, path: str, **query: str) -> str:
        """A page that is there, as its HTML."""
        response = self.get(path, **query)
        assert response.status_code == 200, (response.status_code, response.text)
        return unescape(response.text)

    def post(self, path: str, **values: str) -> httpx2.Response:
        """With the token that every form carries."""
        return self.client.post(path, data={"csrf": self.csrf, **values}, headers=SAME_ORIGIN)

    def done(self, path: str, **values: str) -> str:
        """What a deed that works leads to, as HTML."""
        response = self.post(path, **values)
        assert response.status_code == 303, (response.status_code, response.text)
        target = urlsplit(response.headers["location"])
        return self.read(f"{target.path}?{target.query}" if target.query else target.path)

    def plain(self) -> PlainBrowser:
        """The same browser, for what is told by labels and buttons."""
        return PlainBrowser(self.client)


@dataclass(slots=True)
class Office:
    server: Running
    opened: ExitStack
    seats: dict[str, Seat] = field(default_factory=dict)

    @property
    def identity(self) -> Identity:
        return self.server.identity

    def operator(self, role: str) -> Seat:
        """Of a role: owner, admin, support or auditor; <role>@example.com, the same one each time."""
        if role not in self.seats:
            email = f"{role}@example.com"
            user = create_user(self.identity, email=email, email_verified=True)
            add_operator(self.identity, email, role)
            self.seats[role] = self.sit(user)
        return self.seats[role]

    def record(self, role: str) -> Operator:
        return next(each for each in list_operators(self.identity) if each.email == f"{role}@example.com")

    def stranger(self, email: str = "stranger@example.com", *, email_verified: bool = True) -> Seat:
        return self.sit(create_user(self.identity, email=email, email_verified=email_verified))

    def sit(self, user: User) -> Seat:
        """Signed in just now."""
        settings, binding = self.identity.settings, new_token()
        _, token = begin_browser_session(self.identity, user_id=user.id, authentication_method="Password")
        client = self.browser()
        client.cookies.set(browsers.cookie_name(browsers.SESSION, settings), token)
        client.cookies.set(browsers.cookie_name(browsers.BINDING, settings), binding)
        return Seat(client, user, browsers.csrf_token(settings, binding))

    def browser(self) -> httpx2.Client:
        """Nobody is signed in here."""
        return self.opened.enter_context(closing(self.server.browser()))

    def events(self, *names: str) -> list[Event]:
        """Newest first."""
        return list(list_events(self.identity, Page(limit=100, order="desc"), events=names).data)


@contextlib.contextmanager
def open_office(directory: Path, clock: Clock, **settings: Any) -> Iterator[Office]:
    with running_server(directory, clock=clock, **settings) as server, ExitStack() as opened:
        yield Office(server, opened)
