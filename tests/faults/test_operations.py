"""What is done on purpose while people use the app: restarts, new keys, new passwords."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.faults.conftest import OpenIdentity
from tests.faults.figures import Figure, record
from tests.faults.identity_process import Job
from tests.faults.ledger import COOKIE, Ledger, double_families, enroll
from tests.faults.processes import answers, free_port, running, wait_until
from tests.faults.proxy import fault_proxy
from tests.faults.site import Site, site_in
from tests.servers import SECRET
from vestibule.flow import run
from vestibule.server.identity.environment import get_client_id
from vestibule.server.identity.keys import list_signing_keys, rotate_signing_key
from vestibule.session.config import Config
from vestibule.session.core import Core
from vestibule.session.incoming import Incoming
from vestibule.testing import TestIssuer
from vestibule.testing.issuer import create_config

PEOPLE = 20
LOCAL = {"scheme": "http", "host": "localhost"}
VERIFY = [pytest.mark.verify, pytest.mark.slow]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with site_in(tmp_path) as site:
        yield site


@pytest.mark.parametrize("restarts", [pytest.param(20, marks=VERIFY)])
def test_a_rolling_restart_fails_no_request(
    open_identity: OpenIdentity, database: str, restarts: int, request: pytest.FixtureRequest
) -> None:
    """Two servers behind a proxy that takes turns; each in its turn is ended by SIGTERM and started again."""
    url = "http://127.0.0.1:8100"
    identity = open_identity(database, url)
    jobs = [asdict(Job(port=free_port(), url=url, database=database, secret=SECRET)) for _ in range(2)]
    with ExitStack() as stack:
        proxy = stack.enter_context(fault_proxy(*(job["port"] for job in jobs)))
        app_port = free_port()
        app_url = f"http://127.0.0.1:{app_port}"
        app_job = {"port": app_port, "issuer": url, "client_id": get_client_id(identity)}
        stack.enter_context(running("tests.faults.app", app_job | {"url": f"http://127.0.0.1:{proxy.port}"}))
        servers = [stack.enter_context(running("tests.faults.identity_process", job)) for job in jobs]
        for address in (app_url + "/public", *(f"http://127.0.0.1:{job['port']}/readyz" for job in jobs)):
            wait_until(lambda address=address: answers(address))  # type: ignore[misc]
        ledger = Ledger(enroll(identity, PEOPLE), app_url)
        ledger.begin()
        for number in range(restarts):
            turn = number % 2
            servers[turn].terminate()
            assert servers[turn].wait(timeout=30) == 0
            servers[turn] = stack.enter_context(running("tests.faults.identity_process", jobs[turn]))
            port = jobs[turn]["port"]
            wait_until(lambda port=port: answers(f"http://127.0.0.1:{port}/readyz"))  # type: ignore[misc]
        ledger.finish()
    asked, kind = ledger.outcomes, "SQLite" if database.startswith("sqlite") else "PostgreSQL"
    assert ledger.lost == {}
    assert double_families(identity) == []
    assert set(asked) == {200}, asked
    if restarts > 2:
        record(
            Figure(
                name=f"15-rolling-restart-{kind.lower()}",
                fault=f"Rolling restart of two identity servers, {kind}",
                done=f"{restarts} restarts by SIGTERM while {PEOPLE} people use the app",
                figure=f"failed requests {asked.total() - asked[200]} of {asked.total():,}; lost sessions "
                f"{len(ledger.lost)}; {ledger.refreshed:,} refreshes",
                test=request.node.nodeid,
            )
        )


@pytest.mark.parametrize("immediately", [False, True], ids=["planned", "immediately"])
@pytest.mark.parametrize("rotations", [pytest.param(50, marks=VERIFY)])
def test_signing_keys_rotate_under_load(
    site: Site, rotations: int, immediately: bool, request: pytest.FixtureRequest
) -> None:
    """Planned: the new key is published, and signs half an hour later. Immediately: as after a leak."""
    ledger = Ledger(enroll(site.server.identity, PEOPLE), site.url)
    ledger.begin()
    for _ in range(rotations if immediately else 5):
        rotate_signing_key(site.server.identity, immediately=immediately)
        time.sleep(0.3)
    ledger.finish()
    people, late = list(ledger.people), 0
    for _ in range(0 if immediately else rotations):
        rotate_signing_key(site.server.identity)
        site.clock.ahead += 31 * 60
        answered = site.ask_all(people)
        late += sum(answer.status_code == 503 for answer in answered)
        wait_until(lambda: site.lost(people) == [], seconds=20)
    kids = len(list_signing_keys(site.server.identity))
    assert ledger.lost == {}
    assert set(ledger.outcomes) <= {200, 503}, ledger.outcomes
    assert double_families(site.server.identity) == []
    assert kids > rotations
    if rotations > 4:
        how = "the old keys withdrawn at once" if immediately else "each signs half an hour later"
        asked, failed = ledger.outcomes.total(), ledger.outcomes.total() - ledger.outcomes[200]
        record(
            Figure(
                name=f"16-signing-keys-{'immediately' if immediately else 'planned'}",
                fault=f"Signing keys rotated {rotations} times, {how}",
                done=f"{PEOPLE} people use the app meanwhile"
                if immediately
                else f"each time half an hour passes and {PEOPLE} people come at once with expired tokens",
                figure=f"failed requests {failed} of {asked:,}; lost sessions {len(ledger.lost)}"
                if immediately
                else f"failed requests {late} of {PEOPLE * rotations:,}; lost sessions 0",
                test=request.node.nodeid,
            )
        )


@pytest.mark.parametrize("cookies", [200, pytest.param(10_000, marks=VERIFY)])
def test_cookie_passwords_rotate_twice_over_outstanding_cookies(
    cookies: int, request: pytest.FixtureRequest
) -> None:
    """Half of the browsers come while the second password is new; the other half only after the third."""
    first, second, third = (f"{name}-cookie-password-of-thirty-two" for name in ("first", "second", "third"))
    config = create_config(cookie_passwords=(first,))
    issuer = TestIssuer(config)
    jars = [issuer.cookies(email=f"user{number}@example.com")[COOKIE] for number in range(cookies)]
    emails = [f"user{number}@example.com" for number in range(cookies)]
    half = cookies // 2
    early = _visit_all(create_config(cookie_passwords=(second, first)), issuer, jars[:half], emails)
    jars[:half] = [jar for jar in early if jar]
    assert len(jars) == cookies
    both = _visit_all(create_config(cookie_passwords=(third, second, first)), issuer, jars, emails)
    assert all(both)
    late = _visit_all(create_config(cookie_passwords=(third, second)), issuer, jars, emails)
    assert [bool(jar) for jar in late] == [True] * half + [False] * half
    newest = _visit_all(create_config(cookie_passwords=(third,)), issuer, [jar or "" for jar in both], emails)
    served = sum(bool(jar) for jar in newest)
    assert served == cookies
    if cookies > 1_000:
        record(
            Figure(
                name="17-cookie-passwords",
                fault="Cookie passwords rotated twice, the app restarted each time",
                done=f"{cookies:,} outstanding cookies; half of them came in between",
                figure=f"opened {served:,} of {cookies:,}; after the first password is removed exactly the "
                f"{half:,} cookies still sealed with it are refused",
                test=request.node.nodeid,
            )
        )


def _visit_all(config: Config, issuer: TestIssuer, jars: list[str], emails: list[str]) -> list[str | None]:
    """The cookie each browser holds afterwards; None when it is signed out."""
    core, held = Core(config), list[str | None]()
    for jar, email in zip(jars, emails, strict=False):
        headers = {"cookie": f"{COOKIE}={jar}"}
        incoming = Incoming(
            method="GET", path="/", query="", headers=headers, scheme="http", host="localhost"
        )
        visit = core.visit(incoming)
        session = run(visit.load(), issuer.send)
        assert session is None or session.user.email == email
        sealed = [value for name, value in visit.headers() if name == "Set-Cookie"]
        new = sealed[0].partition("=")[2].partition(";")[0] if sealed else jar
        held.append(new if session else None)
    return held
