"""App and server disagree about the time: what is accepted, what is refreshed, what is refused."""

from pathlib import Path

import pytest

from tests.faults.figures import Figure, record
from tests.faults.ledger import enroll
from tests.faults.site import site_in
from vestibule.wire.paths import AUTHENTICATE

SERVED, REFRESHED, REFUSED = "served", "served after a refresh", "refused: signed out"

# A token lives for 300 s to the second, is refreshed 30 s before its end, and may be 300 s younger than now.
EXPECTED = {
    -330: REFUSED,
    -300: SERVED,
    -61: SERVED,
    -59: SERVED,
    -30: SERVED,
    30: SERVED,
    59: SERVED,
    61: SERVED,
    280: REFRESHED,
    300: REFUSED,
}


@pytest.mark.parametrize(("skew", "expected"), EXPECTED.items())
def test_what_a_wrong_clock_does(
    tmp_path: Path, skew: int, expected: str, request: pytest.FixtureRequest
) -> None:
    with site_in(tmp_path, app_clock=lambda clock: lambda: clock() + skew) as site:
        (person,) = enroll(site.server.identity, 1)
        before = site.proxy.seen[AUTHENTICATE]
        answer = site.ask(person)
        refreshes = site.proxy.seen[AUTHENTICATE] - before
        found = {200: REFRESHED if refreshes else SERVED, 401: REFUSED}.get(answer.status_code, answer.text)
        assert found == expected
        assert bool(person.cookie) is (expected is not REFUSED)
    record(
        Figure(
            name=f"14-clock-{skew + 1000:04}",
            fault=f"The app's clock is {abs(skew)} s {'ahead' if skew > 0 else 'behind'}",
            done="a session that was signed in this moment, tokens of 300 s",
            figure=found,
            test=request.node.nodeid,
        )
    )
