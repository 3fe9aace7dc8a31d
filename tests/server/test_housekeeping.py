import asyncio
import datetime as dt
import logging
from pathlib import Path

import pytest

from tests.clocks import Clock
from vestibule.server.housekeeping import keep_house, tidy
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import ensure_environment
from vestibule.server.identity.logins import begin_login, get_login
from vestibule.server.identity.secrets import digest
from vestibule.server.settings import Settings
from vestibule.server.store.store import Store

KEY = digest("key")
BROWSER = "b" * 43
SECRET = "kZ3v9Qh1-for-these-tests-and-nothing-else"


def claim(identity: Identity) -> bool:
    """Whether the key was free."""
    now = identity.now
    with identity.store.transaction() as tx:
        expires_at, never = now + dt.timedelta(hours=24), now - dt.timedelta(days=1_000)
        found = tx.idempotency.claim(KEY, KEY, now=now, expires_at=expires_at, takeover_before=never)
    return found is None


def test_what_is_over_goes_and_what_is_not_stays(identity: Identity, clock: Clock) -> None:
    ensure_environment(identity)
    assert claim(identity)
    old = begin_login(identity, None, BROWSER)
    clock.advance(hours=23)
    tidy(identity)
    assert not claim(identity)
    clock.advance(hours=3)
    young = begin_login(identity, None, BROWSER)
    tidy(identity)
    assert claim(identity)
    assert get_login(identity, young.token, browser_token=BROWSER) is not None
    with identity.store.read() as tx:
        assert tx.logins.find(digest(old.token), browser_hash=digest(BROWSER), now=young.created_at) is None


def test_trouble_is_noted_and_the_next_round_comes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    url = f"sqlite:///{tmp_path / 'never-migrated.db'}"
    store = Store(url)
    identity = Identity(store, Settings(public_url="http://localhost", secret=SECRET, database=url))

    async def some_rounds() -> None:
        house = asyncio.create_task(keep_house(identity, every_seconds=0))
        async with asyncio.timeout(30):
            while caplog.text.count("housekeeping_failed") < 2:  # noqa: ASYNC110 - a log has no event
                await asyncio.sleep(0.01)
        house.cancel()
        await asyncio.wait([house])
        assert house.cancelled()

    with caplog.at_level(logging.ERROR, logger="vestibule.server.housekeeping"):
        asyncio.run(some_rounds())
    store.close()
