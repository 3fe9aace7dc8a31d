"""What nobody needs any more is deleted now and then, by whichever process comes first."""

import asyncio
import datetime as dt
import logging
from typing import Final

from vestibule.server.identity.activity import count_days
from vestibule.server.identity.context import Identity

EVERY_SECONDS: Final = 600
A_DAY: Final = dt.timedelta(days=1)
A_MONTH: Final = dt.timedelta(days=30)
"""Ended sessions can be listed for as long."""

ROUNDS: Final = "vestibule_housekeeping"

log = logging.getLogger("vestibule.server.housekeeping")


async def keep_house(identity: Identity, *, every_seconds: float = EVERY_SECONDS) -> None:
    """Until it is cancelled. A failure is noted and tried again: nothing else waits for this."""
    while True:
        await asyncio.sleep(every_seconds)
        try:
            await asyncio.to_thread(tidy, identity)
            identity.tally.count(ROUNDS, "done")
        except Exception:
            identity.tally.count(ROUNDS, "failed")
            log.exception("housekeeping_failed: trying again in %d seconds", every_seconds)


def tidy(identity: Identity) -> None:
    """Each table in a transaction of its own, so that nobody waits for all of them."""
    now = identity.now
    with identity.store.transaction() as tx:
        tx.idempotency.purge(now)
    with identity.store.transaction() as tx:
        tx.rates.purge(before=now - A_DAY)
    with identity.store.transaction() as tx:
        tx.logins.purge(expired_before=now - A_DAY)
    with identity.store.transaction() as tx:
        tx.codes.purge(expired_before=now - A_DAY)
        tx.device_codes.purge(expired_before=now - A_DAY)
    with identity.store.transaction() as tx:
        tx.sessions.purge(expired_before=now - A_MONTH)
        tx.browser_sessions.purge(expired_before=now - A_DAY)
    with identity.store.transaction() as tx:
        tx.pending.purge(expired_before=now - A_DAY)
        tx.verifications.purge(expired_before=now - A_MONTH)
        tx.resets.purge(expired_before=now - A_MONTH)
        tx.magic_codes.purge(expired_before=now - A_MONTH)
        tx.email_changes.purge(expired_before=now - A_MONTH)
        tx.factors.purge_challenges(expired_before=now - A_MONTH)
        tx.passkeys.purge_challenges(expired_before=now - A_DAY)
    with identity.store.transaction() as tx:
        tx.mails.purge(done_before=now - A_MONTH)
    with identity.store.transaction() as tx:
        tx.webhook_deliveries.purge(done_before=now - A_MONTH)
    count_days(identity)
