"""Recovery codes: the way in for somebody whose phone is gone. Ten, each good once, shown only when made."""

import base64
import datetime as dt
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Any, Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.notices import RECOVERY_CODE_USED, RECOVERY_CODES_MADE, tell
from vestibule.server.store.transaction import Transaction

COUNT: Final = 10
CODE_BYTES: Final = 10  # 80 bits: nobody guesses one, and 16 letters can still be typed
GROUP: Final = 4
CODE: Final = re.compile(r"[A-Z2-7]{16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Remaining:
    """`created_at` is None when the user never had any."""

    count: int
    created_at: dt.datetime | None


def create_recovery_codes(identity: Identity, user_id: str) -> list[str]:
    """The ones before are void. Raises NotFound, Denied `no_authentication_factor`."""
    with identity.store.transaction() as tx:
        if tx.users.lock(user_id) is None:
            raise NotFound.of("User", user_id)
        if not tx.factors.list_verified(user_id):
            message = "The user has no confirmed authentication factor that codes could stand in for."
            raise Denied(message, code="no_authentication_factor")
        tell(tx, identity, user_id, RECOVERY_CODES_MADE)
        return replace_codes(tx, identity, user_id)


def replace_codes(tx: Transaction, identity: Identity, user_id: str) -> list[str]:
    codes = [base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode("ascii") for _ in range(COUNT)]
    now = identity.now
    tx.recovery_codes.replace(user_id, [_hash(identity, user_id, code) for code in codes], now=now)
    append(tx, identity, "recovery_codes.created", _data(user_id, now) | {"count": COUNT})
    return [_spaced(code) for code in codes]


def count_recovery_codes(identity: Identity, user_id: str) -> Remaining:
    """How many are left. Raises NotFound for an unknown user."""
    with identity.store.read() as tx:
        if tx.users.find(user_id) is None:
            raise NotFound.of("User", user_id)
        return Remaining(tx.recovery_codes.count_unused(user_id), tx.recovery_codes.find_created_at(user_id))


def looks_like_recovery_code(typed: str) -> bool:
    return CODE.fullmatch(_bare(typed)) is not None


def use_recovery_code(tx: Transaction, identity: Identity, user_id: str, typed: str) -> bool:
    """True once for each code; False for one that is wrong, used or of an older set."""
    code, now = _bare(typed), identity.now
    if CODE.fullmatch(code) is None:
        return False
    if not tx.recovery_codes.use(_hash(identity, user_id, code), user_id=user_id, now=now):
        return False
    remaining = tx.recovery_codes.count_unused(user_id)
    append(tx, identity, "recovery_code.used", _data(user_id, now) | {"remaining": remaining})
    tell(tx, identity, user_id, RECOVERY_CODE_USED, left=remaining)
    return True


def _hash(identity: Identity, user_id: str, code: str) -> bytes:
    # Keyed, so that who has the table alone cannot even try.
    text = f"recovery_code:{user_id}:{code}"
    return hmac.digest(identity.settings.secret.encode(), text.encode(), hashlib.sha256)


def _bare(typed: str) -> str:
    return typed.replace("-", "").replace(" ", "").strip().upper()


def _spaced(code: str) -> str:
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP)).lower()


def _data(user_id: str, now: dt.datetime) -> dict[str, Any]:
    return {"object": "recovery_codes", "user_id": user_id, "created_at": now}
