"""What SDKs ask all day: create a user, get one, list them, refresh; and the pages of a very long list.

WorkOS's own emulator, which keeps everything in memory, is measured in the same rounds when `EMULATOR` holds
the address of one that runs. It answers each API key a thousand times a minute, so it must have been given
the keys `sk_bench_0` to `sk_bench_1999`, which take turns. A rate is per second beside the client.
"""

import asyncio
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count, cycle, repeat
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import httpx2

from benchmarks.identity import Kept, Served, databases, serving
from benchmarks.load import keep_busy, request
from benchmarks.rounds import FULL, Pace, Timer, take_turns
from benchmarks.table import Row
from tests.faults.crowd import Crowd, gather
from vestibule.server.identity.context import Identity
from vestibule.server.settings import Settings
from vestibule.server.store.store import Store

PASSWORD = "a-password-that-nobody-tries-7391"
USERS = "/user_management/users"
CONNECTIONS = 8
LISTED = 1_000_000
PAGE = 100
PAGES = 10
numbers = count(1)


@dataclass(frozen=True, slots=True)
class Api:
    """A server and what an SDK would send it."""

    port: int
    client_id: str
    api_keys: Iterator[str]

    def asks(self, method: str, path: str, body: dict[str, Any] | None = None) -> bytes:
        content = b"" if body is None else json.dumps(body).encode()
        kind = {} if body is None else {"content_type": "application/json"}
        return request(method, path, body=content, authorization=f"Bearer {next(self.api_keys)}", **kind)

    def creations(self) -> Iterator[bytes]:
        while True:
            yield self.asks("POST", USERS, {"email": f"created-{next(numbers)}@example.com"})

    def readings(self, path: str) -> Iterator[bytes]:
        while True:
            yield self.asks("GET", path)

    def refreshes(self, token: str) -> Any:
        while True:
            grant = {"grant_type": "refresh_token", "refresh_token": token}
            body = yield self.asks("POST", "/user_management/authenticate", self._own(grant))
            token = json.loads(body)["refresh_token"]

    def operations(self) -> dict[str, list[Any]]:
        """As many sources as there are connections, for each operation."""
        with httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60) as client:
            users = [self._person(client) for _ in range(CONNECTIONS)]
            tokens = [self._token(client, user["email"]) for user in users]
        return {
            "create a user": [self.creations() for _ in users],
            "get a user": [self.readings(f"{USERS}/{user['id']}") for user in users],
            "list ten users": [self.readings(f"{USERS}?limit=10") for _ in users],
            "refresh": [Kept(self.refreshes(token)) for token in tokens],
        }

    def _own(self, grant: dict[str, str]) -> dict[str, str]:
        return {"client_id": self.client_id, "client_secret": next(self.api_keys)} | grant

    def _person(self, client: httpx2.Client) -> dict[str, Any]:
        body = {"email": f"person-{next(numbers)}@example.com", "email_verified": True, "password": PASSWORD}
        headers = {"authorization": f"Bearer {next(self.api_keys)}"}
        return dict(client.post(USERS, json=body, headers=headers).raise_for_status().json())

    def _token(self, client: httpx2.Client, email: str) -> str:
        grant = self._own({"grant_type": "password", "email": email, "password": PASSWORD})
        answer = client.post("/user_management/authenticate", json=grant).raise_for_status()
        return str(answer.json()["refresh_token"])


def rows(pace: Pace) -> Iterator[Row]:
    yield from operation_rows(pace)
    yield from list_rows(pace)


def operation_rows(pace: Pace) -> Iterator[Row]:
    with ExitStack() as stack, TemporaryDirectory() as directory:
        servers: dict[str, Api] = {}
        for database, url in databases(stack):
            served = stack.enter_context(serving(url, Path(directory)))
            servers[database] = Api(served.port, served.client_id, repeat(served.api_key))
        if address := os.environ.get("EMULATOR"):
            keys = cycle([f"sk_bench_{number}" for number in range(2000)])
            servers["emulator"] = Api(urlsplit(address).port or 80, "client_bench", keys)
        asked = {name: api.operations() for name, api in servers.items()}
        for operation in ("create a user", "get a user", "list ten users", "refresh"):
            timers = {
                name: rate(api.port, asked[name][operation])
                for name, api in servers.items()
                # It answers 429 to more than a thousand refreshes a minute, whoever asks.
                if not (name == "emulator" and operation == "refresh")
            }
            rounds = take_turns(timers, pace)
            for name in ("SQLite", "PostgreSQL"):
                beside = "emulator" in timers
                yield Row(
                    metric=f"{operation}, {name}",
                    peer=f"@workos/emulate 0.7.1 in memory, {rounds['emulator']:.0f}/s" if beside else "-",
                    ours=f"{rounds[name]:.0f}/s",
                    measured=rounds.ratio(name, "emulator") if beside else None,
                )


def rate(port: int, sources: Sequence[Any]) -> Timer:
    def timer(seconds: float) -> float:
        tally = asyncio.run(keep_busy(port, seconds, sources))
        if tally.refused:
            raise RuntimeError(f"{tally.refused} requests were refused")
        return tally.per_second

    return timer


def list_rows(pace: Pace) -> Iterator[Row]:
    size = LISTED if pace.rounds >= FULL.rounds else LISTED // 20
    with ExitStack() as stack, TemporaryDirectory() as directory:
        for database, url in databases(stack):
            place = url.replace("///", f"///{directory}/") if url.startswith("sqlite") else url
            served = stack.enter_context(serving(place, Path(directory)))
            crowd = crowd_of(served, place, size)
            first, last = (
                pages_of(served, crowd, from_user=None),
                pages_of(served, crowd, from_user=PAGE * PAGES),
            )
            rounds = take_turns({"first": per_page(first), "last": per_page(last)}, pace)
            yield Row(
                metric=f"list {size:,} users, {database}",
                peer=f"the first ten pages, {rounds['first']:.2f} ms each",
                ours=f"the last ten pages, {rounds['last']:.2f} ms each",
                measured=rounds.ratio("last", "first"),
                at_most=1.5,
            )


def crowd_of(served: Served, database: str, size: int) -> Crowd:
    store = Store(database)
    given = Settings(
        public_url="http://localhost", secret="nothing is sealed with it: 0123456789", database=database
    )
    crowd = gather(Identity(store, given), database, size, tables=("users",), many=0, old=0)
    store.close()
    return crowd


def pages_of(served: Served, crowd: Crowd, *, from_user: int | None) -> Callable[[], list[float]]:
    """Ten pages, one after the other, the newest first; how long each took, in milliseconds."""
    headers = {"authorization": f"Bearer {served.api_key}"}
    client = httpx2.Client(base_url=f"http://127.0.0.1:{served.port}", headers=headers, timeout=60)

    def ask() -> list[float]:
        took = []
        cursor = None if from_user is None else crowd.user(from_user)
        for _ in range(PAGES):
            answer = client.get(USERS, params={"limit": PAGE} | ({"after": cursor} if cursor else {}))
            page = answer.raise_for_status().json()
            if len(page["data"]) != PAGE:
                raise RuntimeError(f"a page of {len(page['data'])}")
            took.append(answer.elapsed.total_seconds() * 1000)
            cursor = page["list_metadata"]["after"]
        return took

    return ask


def per_page(ask: Callable[[], list[float]]) -> Timer:
    return lambda _seconds: median(ask())
