"""The token endpoint and the key set do everything that servers and networks do; nobody is signed out."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.faults.figures import Figure, record
from tests.faults.ledger import enroll
from tests.faults.processes import wait_until
from tests.faults.proxy import FAULTS, EdgeCache, Fault
from tests.faults.site import Site, site_in
from vestibule.server.identity.keys import rotate_signing_key
from vestibule.wire.paths import AUTHENTICATE, jwks_path

PEOPLE = 10
IN_EVERY_RUN = ("refused",)
EVERY_FAULT = [
    pytest.param(name, marks=[] if name in IN_EVERY_RUN else [pytest.mark.verify])
    for name in ("refused", *FAULTS)
]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with site_in(tmp_path) as site:
        yield site


def break_down(site: Site, name: str, path: str) -> None:
    if name == "refused":
        site.proxy.refuse()
    else:
        fault: Fault = FAULTS[name]
        site.proxy.chooses = lambda asked: fault if asked.startswith(path) else None


def mend(site: Site) -> None:
    site.proxy.chooses = lambda path: None
    site.proxy.refuse()
    site.proxy.accept()


@pytest.mark.parametrize("fault", EVERY_FAULT)
def test_a_token_endpoint_that_fails_keeps_every_session(
    site: Site, fault: str, request: pytest.FixtureRequest
) -> None:
    people = enroll(site.server.identity, PEOPLE)
    assert site.lost(people) == []
    break_down(site, fault, AUTHENTICATE)
    valid = Counter(answer.status_code for answer in site.ask_all(people))
    site.clock.expire_tokens()
    before, began = [person.cookie for person in people], time.monotonic()
    answers = site.ask_all(people)
    waited = time.monotonic() - began
    mend(site)
    expired = Counter(answer.status_code for answer in answers)
    assert valid == {200: PEOPLE}
    assert expired == {503: PEOPLE}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
    assert [person.cookie for person in people] == before
    # A reply that came but could not be read may serve stragglers of that refresh for five seconds.
    back = wait_until(lambda: site.lost(people) == [], seconds=15)
    record(
        Figure(
            name=f"04-token-endpoint-{fault.replace(' ', '-').lower()}",
            fault=f"Token endpoint: {fault}",
            done=f"{PEOPLE} people with valid tokens, then the same with expired ones, at once; then mended",
            figure=f"valid tokens served {valid[200]} of {PEOPLE}; expired: {expired[503]} answers with 503 "
            f"after {waited:.1f} s at most; lost sessions 0; all back {back:.1f} s after the mending",
            test=request.node.nodeid,
        )
    )


@pytest.mark.verify
@pytest.mark.parametrize("fault", FAULTS)
def test_a_key_set_that_fails_for_hours_disturbs_nobody(
    site: Site, fault: str, request: pytest.FixtureRequest
) -> None:
    people = enroll(site.server.identity, PEOPLE)
    assert site.lost(people) == []
    asked_before, statuses = site.proxy.seen[AUTHENTICATE], Counter[int]()
    break_down(site, fault, "/sso/jwks/")
    rounds = 3
    for _ in range(rounds):
        site.clock.expire_tokens()
        site.clock.expire_tokens()  # the key set at hand is older than ten minutes now
        statuses.update(answer.status_code for answer in site.ask_all(people))
        statuses.update(answer.status_code for answer in site.ask_all(people))
    refreshes = site.proxy.seen[AUTHENTICATE] - asked_before
    mend(site)
    lost = site.lost(people)
    assert statuses == {200: 2 * rounds * PEOPLE}
    assert refreshes == rounds * PEOPLE
    assert lost == []
    record(
        Figure(
            name=f"05-key-set-{fault.replace(' ', '-').lower()}",
            fault=f"Key set: {fault}",
            done=f"{rounds} times ten minutes pass while it fails; each time {2 * PEOPLE} requests",
            figure=f"requests served {statuses[200]} of {2 * rounds * PEOPLE}; refreshes {refreshes}, all of "
            f"them due; lost sessions {len(lost)}",
            test=request.node.nodeid,
        )
    )


@pytest.mark.verify
def test_a_key_set_that_refuses_connections_for_hours_disturbs_nobody(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The token endpoint is at the same address, so the tokens are long-lived ones."""
    with site_in(tmp_path, access_token_seconds=24 * 60 * 60) as site:
        people, statuses, rounds = enroll(site.server.identity, PEOPLE), Counter[int](), 6
        assert site.lost(people) == []
        site.proxy.refuse()
        for _ in range(rounds):
            site.clock.ahead += 60 * 60
            statuses.update(answer.status_code for answer in site.ask_all(people))
        site.proxy.accept()
        lost = site.lost(people)
    assert statuses == {200: rounds * PEOPLE}
    assert lost == []
    record(
        Figure(
            name="05-key-set-refused",
            fault="Key set: refused",
            done=f"{rounds} times an hour passes while nobody listens; each time {PEOPLE} requests",
            figure=f"requests served {statuses[200]} of {rounds * PEOPLE}; refreshes 0; lost sessions 0",
            test=request.node.nodeid,
        )
    )


@pytest.mark.verify
def test_a_content_network_keeps_the_key_set_while_keys_rotate(
    site: Site, request: pytest.FixtureRequest
) -> None:
    """It hands out what it fetched up to five minutes ago; each rotation is a planned one."""
    people, rotations, statuses = enroll(site.server.identity, PEOPLE), 50, Counter[int]()
    edge = EdgeCache(site.clock, seconds=300)
    site.proxy.chooses = lambda path: edge.fault if path.startswith("/sso/jwks/") else None
    assert site.lost(people) == []
    keys = f"http://127.0.0.1:{site.proxy.port}{jwks_path(site.server.client_id)}"
    for _ in range(rotations):
        assert httpx2.get(keys).status_code == 200  # another app, just before the rotation
        rotate_signing_key(site.server.identity)
        site.clock.ahead += 200
        statuses.update(answer.status_code for answer in site.ask_all(people, "/refresh", "POST"))
    lost = site.lost(people)
    assert edge.served_old > 2 * rotations / 3
    assert statuses == {200: rotations * PEOPLE}
    assert lost == []
    record(
        Figure(
            name="05-key-set-behind-a-cache",
            fault="Key set behind a cache that keeps it for 300 s",
            done=f"{rotations} planned rotations, one every 200 s; {PEOPLE} people refresh after each",
            figure=f"requests served {statuses[200]} of {rotations * PEOPLE}; the cache answered "
            f"{edge.served_old} times by itself; failed verifications 0; lost sessions {len(lost)}",
            test=request.node.nodeid,
        )
    )


@pytest.mark.parametrize("fault", EVERY_FAULT)
def test_an_app_that_starts_without_the_key_set_cannot_tell_and_signs_nobody_out(
    site: Site, fault: str
) -> None:
    people = enroll(site.server.identity, 3)
    before = [person.cookie for person in people]
    break_down(site, fault, "/sso/jwks/")
    assert [answer.status_code for answer in site.ask_all(people)] == [503] * 3
    assert [person.cookie for person in people] == before
    assert site.proxy.seen[AUTHENTICATE] == 0
    mend(site)
    wait_until(lambda: site.lost(people) == [], seconds=15)
