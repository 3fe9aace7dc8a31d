"""An app, an identity server and a fault proxy between them, in the tests' own process, under one clock."""

import contextlib
import datetime as dt
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from tests.adapters.real import serving
from tests.faults.app import app_config, create_app
from tests.faults.ledger import COOKIE, FETCH, Person
from tests.faults.proxy import FaultProxy, fault_proxy
from tests.servers import Running, running_server
from vestibule.session.events import Event

TOKEN_LIFE = 300


@dataclass(slots=True)
class Clock:
    """Goes on by itself, and jumps when told."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead

    def moment(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self(), dt.UTC)

    def expire_tokens(self) -> None:
        self.ahead += TOKEN_LIFE + 1


@dataclass(slots=True)
class Site:
    url: str
    server: Running
    proxy: FaultProxy
    clock: Clock
    browser: httpx2.Client
    events: list[Event] = field(default_factory=list)

    def ask(self, person: Person, path: str = "/me", method: str = "GET") -> httpx2.Response:
        headers = {**FETCH, "cookie": f"{COOKIE}={person.cookie}"}
        answer = self.browser.request(method, self.url + path, headers=headers)
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            if name == COOKIE:
                person.cookie = rest.partition(";")[0]
        return answer

    def ask_all(self, people: list[Person], path: str = "/me", method: str = "GET") -> list[httpx2.Response]:
        """All at the same time; answers in the order of `people`."""
        with ThreadPoolExecutor(len(people)) as threads:
            return list(threads.map(lambda person: self.ask(person, path, method), people))

    def lost(self, people: list[Person]) -> list[str]:
        """Who does not get to their own page."""
        answers = self.ask_all(people)
        return [
            f"{person.email}: {answer.status_code} {answer.text[:200]}"
            for person, answer in zip(people, answers, strict=True)
            if answer.status_code != 200 or answer.json()["email"] != person.email
        ]


@contextlib.contextmanager
def site_in(directory: Path, *, app_clock: Any = None, **options: Any) -> Iterator[Site]:
    """`app_clock(clock)` makes the app's clock of the server's. `options` are those of `running_server`."""
    clock, events = Clock(), list[Event]()
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(running_server(directory, clock=clock.moment, **options))
        proxy = stack.enter_context(fault_proxy(int(server.url.rpartition(":")[2])))
        listener = socket.create_server(("127.0.0.1", 0))
        config = app_config(
            url=f"http://127.0.0.1:{proxy.port}",
            issuer=server.url,
            client_id=server.client_id,
        )
        app, auth = create_app(config, clock=app_clock(clock) if app_clock else clock, on_event=events.append)
        stack.callback(auth.transport.close)
        stack.enter_context(serving(app, listener, kind="asgi"))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        browser = stack.enter_context(httpx2.Client(timeout=20))
        yield Site(url, server, proxy, clock, browser, events)
