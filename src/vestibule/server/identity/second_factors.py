"""Showing a second factor: the code of an authenticator app, or a recovery code in its place."""

from collections.abc import Sequence
from typing import Final

from vestibule.server.identity import events, limits
from vestibule.server.identity.codes import Outcome
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, NotFound
from vestibule.server.identity.events import NOBODY, Caller
from vestibule.server.identity.factors import use_code
from vestibule.server.identity.limits import Limit
from vestibule.server.identity.people import User
from vestibule.server.identity.recovery_codes import looks_like_recovery_code, use_recovery_code
from vestibule.server.store.factors import Factor
from vestibule.server.store.transaction import Transaction

TOTP: Final = "totp"
RECOVERY_CODE: Final = "recovery_code"
TRIES: Final = Limit(5, 60)
TRIES_A_DAY: Final = Limit(100, 86_400)  # NIST SP 800-63B-4 §3.2.2: no more than 100 failures in a row

REFUSALS: Final = {
    Outcome.WRONG: ("invalid_one_time_code", "The code is not right."),
    Outcome.USED: ("one_time_code_previously_used", "The code was used already: wait for the next one."),
    Outcome.EXPIRED: ("one_time_code_expired", "The challenge has expired: ask for another one."),
    Outcome.SPENT: (
        "one_time_code_too_many_attempts",
        "Too many wrong codes for this challenge: ask for another one.",
    ),
}


def verify_second_factor(identity: Identity, user_id: str, typed: str, *, caller: Caller = NOBODY) -> str:
    """How it was shown: `totp` or `recovery_code`. Any confirmed factor of the user will do.

    Raises TooMany before anything is looked at, and Denied for codes that are wrong or used.
    """
    admit(identity, user_id)
    with identity.store.transaction() as tx:
        user = tx.users.lock(user_id)
        if user is None:
            raise NotFound.of("User", user_id)
        outcome, how = try_typed(tx, identity, user_id, tx.factors.list_verified(user_id), typed)
        note(tx, identity, outcome, user=user, caller=caller)
    if outcome is not Outcome.RIGHT:
        raise refusal(outcome)
    return how


def admit(identity: Identity, owner: str) -> None:
    """Counts one more try of `owner`, whoever makes it and by whichever way. Raises TooMany."""
    limits.hit_all(identity, (_key(owner), TRIES), (_day_key(owner), TRIES_A_DAY))


def try_typed(
    tx: Transaction, identity: Identity, user_id: str, factors: Sequence[Factor], typed: str
) -> tuple[Outcome, str]:
    """The caller's transaction must stand, right or wrong."""
    if looks_like_recovery_code(typed):
        used = use_recovery_code(tx, identity, user_id, typed)
        return (Outcome.RIGHT if used else Outcome.WRONG), RECOVERY_CODE
    outcome = Outcome.WRONG
    for factor in factors:
        tried = use_code(tx, identity, factor, typed)
        if tried is Outcome.RIGHT:
            return tried, TOTP
        outcome = Outcome.USED if tried is Outcome.USED else outcome
    return outcome, TOTP


def note(
    tx: Transaction, identity: Identity, outcome: Outcome, *, user: User, caller: Caller = NOBODY
) -> None:
    """The event; and the tries before a right one are forgotten."""
    if outcome is Outcome.RIGHT:
        # In the order in which they are counted: else two requests would wait for each other.
        for hashed in sorted(limits.key_hash(key) for key in (_key(user.id), _day_key(user.id))):
            tx.rates.forget(hashed)
    events.append_authentication(
        tx,
        identity,
        "mfa",
        caller=caller,
        user_id=user.id,
        email=user.email,
        error=REFUSALS.get(outcome),
    )


def refusal(outcome: Outcome) -> Denied:
    code, message = REFUSALS[outcome]
    return Denied(message, code=code)


def _key(owner: str) -> str:
    return f"second-factor:{owner}"


def _day_key(owner: str) -> str:
    return f"second-factor:day:{owner}"
