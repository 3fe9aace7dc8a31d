"""`kill -9` of the identity server at any moment of a rotation: nobody is signed out, no family doubles."""

import json
import random
from collections import Counter
from dataclasses import asdict

import pytest

from tests.faults.conftest import OpenIdentity
from tests.faults.figures import Figure, record
from tests.faults.identity_process import AT_RANDOM, POINTS, Job, Life
from tests.faults.ledger import Ledger, double_families, enroll
from tests.faults.processes import answers, free_port, running, wait_until
from tests.servers import SECRET
from vestibule.server.identity.environment import get_client_id

CLIENTS = 20
SHORT_TOKENS = 40
# The app's clock is so far ahead that a token lives for two or three seconds of its time.
AHEAD = 37.0


def lives(count: int, *, seed: int) -> tuple[Life, ...]:
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    turns = [AT_RANDOM, *POINTS]
    return tuple(
        Life(AT_RANDOM, seconds=rng.uniform(0.02, 1.2))
        if turns[number % len(turns)] == AT_RANDOM
        else Life(turns[number % len(turns)], rotations=rng.randint(1, 6))
        for number in range(count)
    )


def survive(
    open_identity: OpenIdentity, database: str, *, kills: int, seed: int
) -> tuple[Ledger, list[str], Counter[str]]:
    """The ledger afterwards, its doubled families, and how often a server died at each point."""
    port, app_port = free_port(), free_port()
    url, app_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{app_port}"
    identity = open_identity(database, url, access_token_seconds=SHORT_TOKENS)
    people = enroll(identity, CLIENTS)
    job = Job(
        port=port,
        url=url,
        database=database,
        secret=SECRET,
        access_token_seconds=SHORT_TOKENS,
        lives=lives(kills, seed=seed),
    )
    app_job = {"port": app_port, "url": url, "client_id": get_client_id(identity), "ahead": AHEAD}
    deaths: Counter[str] = Counter()
    with running("tests.faults.app", app_job | {"refresh_buffer": 0}) as app:
        wait_until(lambda: answers(app_url + "/public"))
        ledger = Ledger(people, app_url, seed=seed)
        with running("tests.faults.identity_process", asdict(job)) as server:
            ledger.begin()
            assert server.stdout is not None
            for _ in range(kills):
                death = json.loads(server.stdout.readline())
                deaths[death["point"]] += death["reached"]
            wait_until(lambda: answers(url + "/readyz"))
            ledger.finish()
            assert app.poll() is None
    return ledger, double_families(identity), deaths


def test_nobody_is_lost_by_a_few_kills(open_identity: OpenIdentity, database: str) -> None:
    ledger, doubled, deaths = survive(open_identity, database, kills=6, seed=20261121)
    assert ledger.lost == {}
    assert doubled == []
    assert sum(deaths.values()) > 0
    assert ledger.refreshed >= CLIENTS


@pytest.mark.verify
@pytest.mark.slow
def test_nobody_is_lost_by_three_hundred_kills(
    open_identity: OpenIdentity, database: str, request: pytest.FixtureRequest
) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201 - what makes this run happen again
    ledger, doubled, deaths = survive(open_identity, database, kills=300, seed=seed)
    asked = ledger.outcomes
    kind = "SQLite" if database.startswith("sqlite") else "PostgreSQL"
    record(
        Figure(
            name=f"01-kills-{kind.lower()}",
            fault=f"`kill -9` of the identity server, {kind}",
            done=f"{sum(deaths.values())} kills ("
            + ", ".join(f"{count} {point}" for point, count in deaths.items())
            + f") while {CLIENTS} people use the app; seed {seed}",
            figure=f"lost sessions {len(ledger.lost)}, double families {len(doubled)}; "
            f"{ledger.refreshed:,} refreshes; {asked[200]:,} answers with 200, {asked[503]:,} with 503",
            test=request.node.nodeid,
        )
    )
    assert ledger.lost == {}
    assert doubled == []
    assert sum(deaths.values()) == 300
