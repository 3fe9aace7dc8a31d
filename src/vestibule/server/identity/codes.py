"""The codes of e-mail verification: six digits, five tries, ten minutes, and only the newest counts."""

import datetime as dt
import hashlib
import hmac
import re
import secrets
from enum import StrEnum
from typing import Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.people import User
from vestibule.server.identity.secrets import seal_at_rest
from vestibule.server.store.transaction import Transaction
from vestibule.server.store.verifications import StoredVerification

DIGITS: Final = re.compile(r"[0-9]{6}", re.ASCII)


class Outcome(StrEnum):
    """What came of a code that somebody typed."""

    RIGHT = "right"
    WRONG = "wrong"
    USED = "used"
    EXPIRED = "expired"
    SPENT = "spent"


def issue_code(tx: Transaction, identity: Identity, user: User) -> tuple[StoredVerification, str]:
    """A new code, which ends every older one (EV-3)."""
    now = identity.now
    tx.verifications.expire_all(user.id, now=now)
    verification_id, code = new_id("email_verification", now), f"{secrets.randbelow(1_000_000):06d}"
    stored = tx.verifications.create(
        id=verification_id,
        user_id=user.id,
        email=user.email,
        code_sealed=seal_at_rest(code, identity.settings.secret),
        code_hash=_code_hash(identity, verification_id, code),
        expires_at=now + dt.timedelta(seconds=identity.settings.verification_seconds),
        created_at=now,
        updated_at=now,
    )
    return stored, code


def try_code(tx: Transaction, identity: Identity, user: User, code: str) -> Outcome:
    """Spends one of the five tries before it compares; the transaction must stand whatever comes out."""
    typed, now = code.strip(), identity.now
    if DIGITS.fullmatch(typed) is None:
        return Outcome.WRONG
    newest = tx.verifications.find_newest(user.id)
    if newest is None or newest.email != user.email:
        return Outcome.WRONG
    if newest.consumed_at is not None:
        return Outcome.USED
    if newest.expires_at <= now:
        return Outcome.EXPIRED
    if not tx.verifications.spend_try(newest.id, now=now):
        return Outcome.SPENT
    if not hmac.compare_digest(newest.code_hash, _code_hash(identity, newest.id, typed)):
        return Outcome.WRONG
    return Outcome.RIGHT if tx.verifications.consume(newest.id, now=now) else Outcome.USED


def _code_hash(identity: Identity, verification_id: str, code: str) -> bytes:
    # Keyed: a million codes are hashed in a second, so a plain digest would hide nothing.
    text = f"email_verification:{verification_id}:{code}"
    return hmac.digest(identity.settings.secret.encode(), text.encode(), hashlib.sha256)
