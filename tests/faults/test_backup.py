"""The database is copied while people use the app, is lost, and comes back from the copy."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select

from tests.databases import Cluster
from tests.faults.app import COOKIE_PASSWORD
from tests.faults.conftest import OpenIdentity
from tests.faults.crowd import gather
from tests.faults.figures import Figure, record
from tests.faults.identity_process import Job
from tests.faults.ledger import Ledger, Person, enroll
from tests.faults.processes import answers, free_port, running, wait_until
from tests.servers import SECRET
from vestibule.crypto.seal import unseal
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import get_client_id
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.secrets import digest
from vestibule.server.store import backup as copies
from vestibule.server.store.schema import refresh_tokens
from vestibule.server.store.store import Store

REQUESTS_A_SECOND = 50


@dataclass(slots=True)
class Remembering(Person):
    """With every cookie they were ever given, the newest last."""

    cookies: list[str] = field(default_factory=list, repr=False)

    def _keep(self, answer: httpx2.Response) -> None:
        Person._keep(self, answer)
        if self.cookie and (not self.cookies or self.cookies[-1] != self.cookie):
            self.cookies.append(self.cookie)


class Ticker:
    """Writes numbered rows, and remembers when each was acknowledged."""

    def __init__(self, identity: Identity) -> None:
        self.acknowledged: list[tuple[float, str]] = []
        self._identity = identity
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._tick)

    def _tick(self) -> None:
        while not self._stop.wait(0.01):
            made = create_organization(self._identity, name="Tick")
            self.acknowledged.append((time.monotonic(), made.id))

    @contextmanager
    def ticking(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self._thread.join()


@pytest.mark.parametrize(
    ("people", "crowd", "backups"),
    [(5, 0, 1), pytest.param(20, 100_000, 10, marks=[pytest.mark.verify, pytest.mark.slow])],
    ids=["few", "many"],
)
def test_a_backup_under_load_brings_everybody_back(
    open_identity: OpenIdentity,
    database: str,
    tmp_path: Path,
    people: int,
    crowd: int,
    backups: int,
    request: pytest.FixtureRequest,
) -> None:
    port, app_port = free_port(), free_port()
    url, app_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{app_port}"
    identity = open_identity(database, url)
    if crowd:
        gather(identity, database, crowd)
    crew = [Remembering(**_fields(each)) for each in enroll(identity, people, prefix="crew")]
    quiet = enroll(identity, people, prefix="quiet")
    job = Job(port=port, url=url, database=database, secret=SECRET)
    app_job = {"port": app_port, "url": url, "client_id": get_client_id(identity)}
    took = []
    with (
        running("tests.faults.app", app_job),
        running("tests.faults.identity_process", asdict(job)),
    ):
        for address in (app_url + "/public", url + "/readyz"):
            wait_until(lambda address=address: answers(address))  # type: ignore[misc]
        ledger, ticker = Ledger(crew, app_url, pause=people / REQUESTS_A_SECOND), Ticker(identity)
        with ticker.ticking():
            ledger.begin()
            time.sleep(1)
            for number in range(backups):
                copy, began = tmp_path / f"copy{number}", time.monotonic()
                copies.backup(database, copy)
                took.append(time.monotonic() - began)
            time.sleep(1)
        ledger.finish()
    asked, lost = ledger.outcomes, ledger.lost
    restored = _another(request, database, tmp_path)
    copies.restore(restored, copy)
    with closing(Store(restored)) as store:
        back = Identity(store, identity.settings)
        missing = [tick for at, tick in ticker.acknowledged if at < began and not _has(back, tick)]
        for person in crew:
            person.cookie = next(each for each in reversed(person.cookies) if _knows(back, each))
    behind = sum(person.cookie != person.cookies[-1] for person in crew)
    # Another app process too: the first one still remembers, for five seconds, what it was answered last.
    with (
        running("tests.faults.app", app_job),
        running("tests.faults.identity_process", asdict(job) | {"database": restored}),
    ):
        for address in (app_url + "/public", url + "/readyz"):
            wait_until(lambda address=address: answers(address))  # type: ignore[misc]
        again = Ledger([*crew, *quiet], app_url)
        again.begin()
        again.finish()
    assert lost == {}
    assert asked.keys() == {200}, asked
    assert missing == []
    assert again.lost == {}
    if crowd:
        _record(request, database, asked, crowd=crowd, took=took, back=len(again.people), behind=behind)


def _fields(person: Person) -> dict[str, object]:
    return {
        "email": person.email,
        "cookie": person.cookie,
        "session_id": person.session_id,
        "cookies": [person.cookie],
    }


def _another(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> str:
    if database.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'restored.db'}"
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.url(cluster.create_database())


def _has(identity: Identity, organization_id: str) -> bool:
    with identity.store.read() as tx:
        return tx.organizations.find(organization_id) is not None


def _knows(identity: Identity, cookie: str) -> bool:
    """Whether the refresh token in the cookie was there at the moment of the backup."""
    content = unseal(cookie, COOKIE_PASSWORD)
    assert isinstance(content, dict)
    with identity.store.read() as tx:
        query = select(refresh_tokens).where(refresh_tokens.c.token_hash == digest(content["refreshToken"]))
        return tx.connection.execute(query).first() is not None


def _record(
    request: pytest.FixtureRequest,
    database: str,
    asked: Counter[int | str],
    *,
    crowd: int,
    took: list[float],
    back: int,
    behind: int,
) -> None:
    kind = "SQLite" if database.startswith("sqlite") else "PostgreSQL"
    record(
        Figure(
            name=f"19-backup-{kind.lower()}",
            fault=f"Backup under load, then the database is lost, {kind}",
            done=f"{len(took)} backups of {crowd:,} users and sessions while people "
            f"make {REQUESTS_A_SECOND} requests a second and somebody writes; the last restored",
            figure=f"failed requests {asked.total() - asked[200]} of {asked.total():,}; lost of what was "
            f"acknowledged before the backup began: 0; people back with the cookie of that moment {back} of "
            f"{back}, {behind} of whom had refreshed since; the longest backup took {max(took):.1f} s",
            test=request.node.nodeid,
        )
    )
