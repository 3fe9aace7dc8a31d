"""Codes in mails: six digits, five tries, ten minutes, and only the newest counts."""

import datetime as dt
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.people import User
from vestibule.server.identity.secrets import seal_at_rest
from vestibule.server.store.mailed_codes import MailedCodes, StoredCode
from vestibule.server.store.transaction import Transaction

DIGITS: Final = re.compile(r"[0-9]{6}", re.ASCII)
TEN_MINUTES: Final = 600  # OWASP ASVS 6.5.5: what lets somebody in lives no longer


class Outcome(StrEnum):
    """What came of a code that somebody typed."""

    RIGHT = "right"
    WRONG = "wrong"
    USED = "used"
    EXPIRED = "expired"
    SPENT = "spent"


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a code is for. `name` begins its id and is hashed with it: it is good for nothing else."""

    name: str
    codes: Callable[[Transaction], MailedCodes] = field(repr=False)
    to_own_address: bool = True
    at_most_seconds: int | None = TEN_MINUTES


VERIFICATION: Final = Purpose("email_verification", lambda tx: tx.verifications, at_most_seconds=None)
MAGIC: Final = Purpose("magic_auth", lambda tx: tx.magic_codes)
EMAIL_CHANGE: Final = Purpose("email_change", lambda tx: tx.email_changes, to_own_address=False)


def issue_code(
    tx: Transaction,
    identity: Identity,
    user: User,
    *,
    purpose: Purpose = VERIFICATION,
    email: str | None = None,
    **more: Any,
) -> tuple[StoredCode, str]:
    """A new code, which ends every older one of its purpose (EV-3). It goes to the user's own address, unless
    `email` names the one that is to be theirs."""
    now, codes = identity.now, purpose.codes(tx)
    codes.expire_all(user.id, now=now)
    code_id, code = new_id(purpose.name, now), f"{secrets.randbelow(1_000_000):06d}"
    stored = codes.create(
        id=code_id,
        user_id=user.id,
        email=email or user.email,
        code_sealed=seal_at_rest(code, identity.settings.secret),
        code_hash=_code_hash(identity, purpose, code_id, code),
        expires_at=now + dt.timedelta(seconds=lifetime(identity, purpose)),
        created_at=now,
        updated_at=now,
        **more,
    )
    return stored, code


def try_code(
    tx: Transaction, identity: Identity, user: User, code: str, *, purpose: Purpose = VERIFICATION
) -> Outcome:
    """Spends one of the five tries before it compares; the transaction must stand whatever comes out."""
    typed, now, codes = code.strip(), identity.now, purpose.codes(tx)
    if DIGITS.fullmatch(typed) is None:
        return Outcome.WRONG
    newest = codes.find_newest(user.id)
    if newest is None or (purpose.to_own_address and newest.email != user.email):
        return Outcome.WRONG
    if newest.consumed_at is not None:
        return Outcome.USED
    if newest.expires_at <= now:
        return Outcome.EXPIRED
    if not codes.spend_try(newest.id, now=now):
        return Outcome.SPENT
    if not hmac.compare_digest(newest.code_hash, _code_hash(identity, purpose, newest.id, typed)):
        return Outcome.WRONG
    return Outcome.RIGHT if codes.consume(newest.id, now=now) else Outcome.USED


def lifetime(identity: Identity, purpose: Purpose) -> int:
    seconds = identity.settings.verification_seconds
    return seconds if purpose.at_most_seconds is None else min(seconds, purpose.at_most_seconds)


def minutes(identity: Identity, purpose: Purpose) -> int:
    """For the mail."""
    return max(1, lifetime(identity, purpose) // 60)


def _code_hash(identity: Identity, purpose: Purpose, code_id: str, code: str) -> bytes:
    # Keyed: a million codes are hashed in a second, so a plain digest would hide nothing.
    text = f"{purpose.name}:{code_id}:{code}"
    return hmac.digest(identity.settings.secret.encode(), text.encode(), hashlib.sha256)
