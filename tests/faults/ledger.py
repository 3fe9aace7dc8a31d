"""The ledger: people who remember the last cookie they were given, and must reach their own page at the end.

That is what "not lost" means. A virtual user tries again after an answer that says so, as browsers and their
owners do; an answer that signs somebody out is entered as a loss, and never forgiven.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx2
from sqlalchemy import select

from tests.faults.app import COOKIE_PASSWORD
from vestibule.crypto.seal import seal
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import get_client_id
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.opening import SignIn, open_session, sign_opened
from vestibule.server.identity.users import create_user
from vestibule.server.store.schema import refresh_tokens, sessions
from vestibule.session.payload import Payload
from vestibule.wire.models import User

COOKIE = "wos-session"
FETCH = {"accept": "application/json", "sec-fetch-mode": "cors"}


@dataclass(slots=True)
class Person:
    """One browser: its cookie, and what became of its requests."""

    email: str
    cookie: str = field(repr=False)
    session_id: str = ""
    losses: list[str] = field(default_factory=list)
    outcomes: Counter[int | str] = field(default_factory=Counter)
    refreshed: int = 0

    def ask(self, browser: httpx2.Client, method: str, path: str) -> int | None:
        """The status, None when nothing came back. Keeps the cookie it is given."""
        headers = {**FETCH, "cookie": f"{COOKIE}={self.cookie}"}
        try:
            answer = browser.request(method, path, headers=headers)
        except httpx2.HTTPError as error:
            self.outcomes[type(error).__name__] += 1
            return None
        self.outcomes[answer.status_code] += 1
        self._keep(answer)
        if answer.status_code == 200 and answer.json()["email"] != self.email:
            self.losses.append(f"saw the page of {answer.json()['email']}")
        elif answer.status_code not in (200, 503):
            self.losses.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer.status_code

    def _keep(self, answer: httpx2.Response) -> None:
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            if name == COOKIE:
                self.cookie = rest.partition(";")[0]
                self.refreshed += bool(self.cookie)


def enroll(identity: Identity, count: int, *, prefix: str = "user") -> list[Person]:
    """People with a session each, as a sign-in leaves them."""
    people = []
    for number in range(count):
        user = create_user(identity, email=f"{prefix}{number}@example.com", email_verified=True)
        people.append(Person(user.email, *_signed_in(identity, user.id)))
    return people


def _signed_in(identity: Identity, user_id: str) -> tuple[str, str]:
    sign_in = SignIn(
        client_id=get_client_id(identity),
        user_id=user_id,
        authentication_method="Password",
        authenticated_at=identity.now,
    )
    session_id = new_id("session", identity.now)
    with identity.store.transaction() as tx:
        opened = open_session(tx, identity, sign_in, session_id=session_id)
    done = sign_opened(identity, opened)
    user = User.from_api({"id": done.user.id, "email": done.user.email, "email_verified": True})
    payload = Payload(
        access_token=done.access_token,
        refresh_token=done.refresh_token,
        user=user,
        authentication_method="Password",
    )
    return seal(payload.to_cookie(), COOKIE_PASSWORD), session_id


class Ledger:
    """Its people ask at random, a thread each, from `begin` to `finish`."""

    def __init__(self, people: Sequence[Person], app_url: str, *, seed: int = 1, pause: float = 0.05) -> None:
        self.people = people
        self._url = app_url
        self._seed = seed
        self._pause = pause
        self._stop = threading.Event()
        self._threads = ThreadPoolExecutor(len(people))

    def begin(self) -> None:
        self._working = [
            self._threads.submit(self._live, person, random.Random(f"{self._seed} {number}"))  # noqa: S311
            for number, person in enumerate(self.people)
        ]

    def _live(self, person: Person, rng: random.Random) -> None:
        with self._browser() as browser:
            while not self._stop.is_set():
                method, path = rng.choice([("GET", "/me"), ("POST", "/refresh")])
                status = person.ask(browser, method, path)
                self._stop.wait(self._pause if status == 200 else 0.25)

    def finish(self) -> None:
        """Everybody asks for their own page and for one more refresh, again and again if need be."""
        self._stop.set()
        for work in self._working:
            work.result(timeout=60)
        self._threads.shutdown()
        with self._browser() as browser:
            for person in self.people:
                self._arrive(person, browser)

    def _arrive(self, person: Person, browser: httpx2.Client) -> None:
        for method, path in (("GET", "/me"), ("POST", "/refresh"), ("GET", "/me")):
            until = time.monotonic() + 20
            while (status := person.ask(browser, method, path)) != 200:
                if person.losses or time.monotonic() > until:
                    person.losses.append(f"did not get to {path} at the end: {status}")
                    return
                time.sleep(0.25)

    def _browser(self) -> httpx2.Client:
        return httpx2.Client(base_url=self._url, timeout=15)

    @property
    def lost(self) -> dict[str, list[str]]:
        return {person.email: person.losses for person in self.people if person.losses}

    @property
    def refreshed(self) -> int:
        return sum(person.refreshed for person in self.people)

    @property
    def outcomes(self) -> Counter[int | str]:
        return sum((person.outcomes for person in self.people), Counter[int | str]())


def double_families(identity: Identity) -> list[str]:
    """Sessions that ended, or whose refresh tokens are anything but one line of generations."""
    with identity.store.read() as tx:
        ended = tx.connection.execute(select(sessions.c.id).where(sessions.c.ended_at.is_not(None)))
        wrong = [f"{row.id} ended" for row in ended]
        rows = tx.connection.execute(
            select(refresh_tokens).order_by(refresh_tokens.c.session_id, refresh_tokens.c.generation)
        ).all()
    lines: dict[str, list[tuple[int, bytes, bytes | None, bool]]] = {}
    for row in rows:
        line = lines.setdefault(row.session_id, [])
        line.append((row.generation, row.token_hash, row.successor_hash, row.used_at is not None))
    return wrong + [session_id for session_id, line in lines.items() if not _is_one_line(line)]


def _is_one_line(line: list[tuple[int, bytes, bytes | None, bool]]) -> bool:
    generations = [generation for generation, *_ in line]
    successors = [successor for _, _, successor, _ in line[:-1]]
    used = [used for *_, used in line]
    return (
        generations == list(range(len(line)))
        and successors == [token_hash for _, token_hash, _, _ in line[1:]]
        and used == [True] * (len(line) - 1) + [False]
    )
