"""How the server is: what an operator should look at, and what is as it should be."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from vestibule.errors import ConfigError
from vestibule.server.identity.context import Identity
from vestibule.server.identity.keys import current_key, list_signing_keys
from vestibule.server.store.vitals import DatabaseFacts, Queue

LIMITS_OF_THE_LAST: Final = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Vitals:
    """`key_age` None: no key signs that the secret opens. `clock_off`: seconds, None on one machine."""

    database: DatabaseFacts
    mails: Queue
    webhooks: Queue
    limits: int
    key_age: dt.timedelta | None
    clock_off: float | None


def read_vitals(identity: Identity) -> Vitals:
    now = identity.now
    with identity.store.read() as tx:
        database = tx.vitals.database()
        mails, webhooks = tx.vitals.mails(), tx.vitals.webhooks()
        limits = tx.vitals.limits(since=now - LIMITS_OF_THE_LAST)
    off = None if database.clock is None else abs((database.clock - identity.now).total_seconds())
    return Vitals(database, mails, webhooks, limits, _key_age(identity), off)


def _key_age(identity: Identity) -> dt.timedelta | None:
    try:
        kid = current_key(identity).kid
    except ConfigError:
        return None
    signs_from = next(key.signs_from for key in list_signing_keys(identity) if key.kid == kid)
    return identity.now - signs_from
