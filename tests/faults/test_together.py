"""Many at once: two processes of everything with one session, and everybody's refresh in one moment."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from copy import copy
from dataclasses import asdict
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import func, select

from tests.faults.conftest import OpenIdentity
from tests.faults.figures import Figure, record
from tests.faults.identity_process import Job
from tests.faults.ledger import Person, double_families, enroll
from tests.faults.processes import answers, free_port, running, wait_until
from tests.faults.site import site_in
from tests.servers import SECRET
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import get_client_id
from vestibule.server.store.schema import refresh_tokens
from vestibule.wire.paths import AUTHENTICATE

LONG = pytest.param(1_000, marks=[pytest.mark.verify, pytest.mark.slow])


@contextmanager
def two_of_everything(identity: Identity, database: str, url: str) -> Iterator[list[str]]:
    """Two apps, each with an identity server of its own, all processes, all over one database."""
    with ExitStack() as stack:
        apps = []
        for _ in range(2):
            port, app_port = free_port(), free_port()
            job = Job(port=port, url=url, database=database, secret=SECRET)
            stack.enter_context(running("tests.faults.identity_process", asdict(job)))
            own = f"http://127.0.0.1:{port}"
            app_job = {"port": app_port, "url": own, "issuer": url, "client_id": get_client_id(identity)}
            stack.enter_context(running("tests.faults.app", app_job))
            apps.append(f"http://127.0.0.1:{app_port}")
            wait_until(lambda own=own: answers(own + "/readyz"))  # type: ignore[misc]
        for app in apps:
            wait_until(lambda app=app: answers(app + "/public"))  # type: ignore[misc]
        yield apps


@pytest.mark.parametrize("rounds", [LONG])
def test_two_processes_and_two_jars_refresh_one_session(
    open_identity: OpenIdentity, database: str, rounds: int, request: pytest.FixtureRequest
) -> None:
    url = "http://127.0.0.1:8100"
    identity = open_identity(database, url)
    (person,) = enroll(identity, 1)
    jars = [person, copy(person)]
    with ExitStack() as stack:
        apps = stack.enter_context(two_of_everything(identity, database, url))
        browsers = [stack.enter_context(httpx2.Client(base_url=app, timeout=20)) for app in apps]
        threads = stack.enter_context(ThreadPoolExecutor(2))

        def refresh(jar: Person, browser: httpx2.Client) -> int | None:
            return jar.ask(browser, "POST", "/refresh")

        for _ in range(rounds):
            assert list(threads.map(refresh, jars, browsers)) == [200, 200], [jar.losses for jar in jars]
        assert [jar.ask(browsers[0], "GET", "/me") for jar in jars] == [200, 200]
    lost = [jar.losses for jar in jars if jar.losses]
    generations = _generations(identity)
    assert lost == []
    assert double_families(identity) == []
    assert generations == rounds + 1
    if rounds > 100:
        kind = "SQLite" if database.startswith("sqlite") else "PostgreSQL"
        record(
            Figure(
                name=f"02-two-processes-{kind.lower()}",
                fault=f"Two browsers with the same cookie, each over an app and a server of its own, {kind}",
                done=f"{rounds:,} rounds, both refresh in the same moment",
                figure=f"lost sessions 0, refused refreshes 0; {generations - 1:,} generations of the token "
                f"for {2 * rounds:,} refreshes",
                test=request.node.nodeid,
            )
        )


def _generations(identity: Identity) -> int:
    with identity.store.read() as tx:
        query = select(func.count()).select_from(refresh_tokens)
        return int(tx.connection.execute(query).scalar_one())


@pytest.mark.parametrize("people", [pytest.param(200, marks=[pytest.mark.verify, pytest.mark.slow])])
def test_everybody_refreshes_at_once_and_gets_their_own(
    tmp_path: Path, people: int, request: pytest.FixtureRequest
) -> None:
    with site_in(tmp_path) as site:
        everybody = enroll(site.server.identity, people)
        site.clock.expire_tokens()
        answers_ = site.ask_all(everybody)
        asked = site.proxy.seen[AUTHENTICATE]
        own = sum(
            answer.status_code == 200 and answer.json()["email"] == person.email
            for person, answer in zip(everybody, answers_, strict=True)
        )
        cookies = {person.cookie for person in everybody}
        assert own == people
        assert len(cookies) == people
        assert site.lost(everybody) == []
        assert double_families(site.server.identity) == []
    if people > 100:
        record(
            Figure(
                name="03-everybody-at-once",
                fault="All tokens expire in the same moment",
                done=f"{people} people ask one process at once",
                figure=f"own page {own} of {people}; requests to the token endpoint {asked}",
                test=request.node.nodeid,
            )
        )
