"""Replies that never arrive and requests that nobody waits for: the session is there at the next try."""

import random
import socket
import threading
import time
from collections.abc import Iterator
from copy import copy
from itertools import count
from pathlib import Path

import pytest

from tests.faults.figures import Figure, record
from tests.faults.ledger import COOKIE, Ledger, Person, double_families, enroll
from tests.faults.processes import wait_until
from tests.faults.proxy import Chooses, Fault, cut, delayed, dropped, fault_proxy
from tests.faults.site import Site, site_in
from vestibule.wire.paths import AUTHENTICATE

PEOPLE = 10
SHORT, LONG = 3, pytest.param(60, marks=[pytest.mark.verify, pytest.mark.slow])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with site_in(tmp_path) as site:
        yield site


def now_and_then(path: str, *, every: int) -> Chooses:
    """Every n-th reply of that path is lost, whole or in the middle."""
    seen, faults = count(1), [dropped, cut(200)]

    def choose(asked: str) -> Fault | None:
        if not asked.startswith(path) or (number := next(seen)) % every:
            return None
        return faults[number // every % len(faults)]

    return choose


@pytest.mark.parametrize("seconds", [LONG])
def test_replies_lost_between_app_and_server_lose_nobody(
    site: Site, seconds: int, request: pytest.FixtureRequest
) -> None:
    people = enroll(site.server.identity, PEOPLE)
    site.proxy.chooses = now_and_then(AUTHENTICATE, every=2)
    ledger = Ledger(people, site.url)
    ledger.begin()
    time.sleep(seconds)
    asked = site.proxy.seen[AUTHENTICATE]
    ledger.finish()
    assert ledger.lost == {}
    assert double_families(site.server.identity) == []
    assert asked > 0
    if seconds > SHORT:
        record(
            Figure(
                name="06-replies-lost-before-the-app",
                fault="Every second reply of the token endpoint lost, whole or cut after 200 bytes",
                done=f"{PEOPLE} people refresh for {seconds} s",
                figure=f"lost sessions {len(ledger.lost)} in {asked:,} attempts; {ledger.refreshed:,} "
                f"refreshes reached a browser, {ledger.outcomes[503]:,} answers with 503",
                test=request.node.nodeid,
            )
        )


@pytest.mark.parametrize("seconds", [SHORT, LONG])
def test_replies_lost_between_browser_and_app_lose_nobody(
    site: Site, seconds: int, request: pytest.FixtureRequest
) -> None:
    """The browser keeps the old cookie, and with it a refresh token that was used."""
    people = enroll(site.server.identity, PEOPLE)
    with fault_proxy(int(site.url.rpartition(":")[2])) as outer:
        outer.chooses = now_and_then("/", every=3)
        ledger = Ledger(people, f"http://127.0.0.1:{outer.port}")
        ledger.begin()
        time.sleep(seconds)
        answers = sum(outer.seen.values())
        ledger.finish()
    assert ledger.lost == {}
    assert double_families(site.server.identity) == []
    assert answers > 0
    if seconds > SHORT:
        record(
            Figure(
                name="07-replies-lost-before-the-browser",
                fault="Every third answer of the app lost on its way to the browser, new cookie and all",
                done=f"{PEOPLE} people refresh for {seconds} s and try again with their old cookie",
                figure=f"lost sessions {len(ledger.lost)} in {answers:,} answers, {answers // 3:,} lost",
                test=request.node.nodeid,
            )
        )


@pytest.mark.parametrize("seconds", [18, pytest.param(28, marks=[pytest.mark.verify])])
def test_a_reply_lost_for_less_than_half_a_minute_is_given_again(
    site: Site, seconds: int, request: pytest.FixtureRequest
) -> None:
    people = enroll(site.server.identity, PEOPLE)
    assert site.lost(people) == []
    site.clock.expire_tokens()
    old = [person.cookie for person in people]
    assert site.lost(people) == []
    site.clock.ahead += seconds - 6
    for person, cookie in zip(people, old, strict=True):
        person.cookie = cookie  # the answer never reached the browser
    # the app's own memory of the answer, five seconds of real time, is not what this is about
    time.sleep(5.5)
    lost = site.lost(people)
    assert lost == []
    assert double_families(site.server.identity) == []
    if seconds > 20:
        record(
            Figure(
                name="08-replies-lost-for-28-s",
                fault=f"The answer with the new cookie is lost; the browser is back about {seconds} s later",
                done=f"{PEOPLE} people come back with the cookie they had",
                figure=f"lost sessions {len(lost)}",
                test=request.node.nodeid,
            )
        )


@pytest.mark.parametrize("rounds", [pytest.param(200, marks=[pytest.mark.verify, pytest.mark.slow])])
def test_a_visitor_who_leaves_in_mid_refresh_takes_nobody_along(
    site: Site, rounds: int, request: pytest.FixtureRequest
) -> None:
    """The first of several requests begins the refresh that the others share, and goes away."""
    (person,) = enroll(site.server.identity, 1)
    site.proxy.chooses = lambda path: delayed(0.2) if path == AUTHENTICATE else None
    rng, failures = random.Random(20261121), list[str]()  # noqa: S311
    for _ in range(rounds):
        failures += _leave_in_the_middle(site, person, after=rng.uniform(0, 0.15))
    assert failures == []
    assert double_families(site.server.identity) == []
    if rounds > 100:
        record(
            Figure(
                name="09-cancelled-leader",
                fault="The client whose request began the refresh goes away in the middle of it",
                done=f"{rounds} rounds, four more requests of the same session each",
                figure=f"failed requests {len(failures)} of {4 * rounds}; refreshes a round 1",
                test=request.node.nodeid,
            )
        )


def _leave_in_the_middle(site: Site, person: Person, *, after: float) -> list[str]:
    site.clock.expire_tokens()
    before, failures = site.proxy.seen[AUTHENTICATE], list[str]()
    followers = [person, *(copy(person) for _ in range(3))]
    leader = _begin_and_hold(site, person.cookie)
    wait_until(lambda: site.proxy.seen[AUTHENTICATE] > before)
    waiting = threading.Thread(target=lambda: failures.extend(site.lost(followers)))
    waiting.start()
    time.sleep(after)
    leader.close()
    waiting.join()
    assert site.proxy.seen[AUTHENTICATE] == before + 1
    return failures


def _begin_and_hold(site: Site, cookie: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", int(site.url.rpartition(":")[2])))
    lines = ["GET /me HTTP/1.1", "host: localhost", "accept: application/json", f"cookie: {COOKIE}={cookie}"]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return connection
