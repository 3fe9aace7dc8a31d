"""Challenges: one question for the code of one factor. Open for ten minutes, five tries, answered once."""

import datetime as dt
from typing import Final

from vestibule.server.identity import second_factors
from vestibule.server.identity.codes import Outcome
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, Invalid, NotFound, TooMany
from vestibule.server.identity.events import NOBODY, Caller
from vestibule.server.identity.factors import Enrolled, add_totp, existing_factor, use_code
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.pending import Pending, find_pending, no_such_pending
from vestibule.server.identity.people import User
from vestibule.server.identity.recovery_codes import looks_like_recovery_code
from vestibule.server.identity.secrets import digest
from vestibule.server.store.factors import Challenge, Factor
from vestibule.server.store.transaction import Transaction

TEN_MINUTES: Final = dt.timedelta(minutes=10)


def enroll_for_user(
    identity: Identity,
    user_id: str,
    *,
    issuer: str | None = None,
    account: str | None = None,
    secret: str | None = None,
) -> tuple[Enrolled, Challenge]:
    """And the challenge that confirms it. Raises NotFound, Invalid."""
    with identity.store.transaction() as tx:
        enrolled = add_totp(tx, identity, user_id=user_id, issuer=issuer, account=account, secret=secret)
        return enrolled, _create(tx, identity, enrolled.factor)


def create_challenge(identity: Identity, factor_id: str) -> Challenge:
    with identity.store.transaction() as tx:
        return _create(tx, identity, existing_factor(tx, factor_id))


def verify_challenge(
    identity: Identity, challenge_id: str, code: str, *, caller: Caller = NOBODY
) -> tuple[Challenge, bool]:
    """Whether the code was right. A right one confirms its factor and closes the challenge.

    Raises NotFound; Invalid `authentication_challenge_previously_verified` or `_expired`; Denied
    `one_time_code_too_many_attempts`.
    """
    factor = _find_factor(identity, challenge_id)
    try:
        second_factors.admit(identity, factor.user_id or factor.id)
    except TooMany as error:
        raise Denied(error.message, code="one_time_code_too_many_attempts") from None
    with identity.store.transaction() as tx:
        user = None if factor.user_id is None else tx.users.lock(factor.user_id)
        closed = _spend_try(tx, identity, challenge_id)
        outcome = closed or _answer(tx, identity, challenge_id, factor, code)
        if user is not None:
            second_factors.note(tx, identity, outcome, user=user, caller=caller)
        challenge = _existing(tx, challenge_id)
    if closed is not None:
        raise _is_closed(closed)
    return challenge, outcome is Outcome.RIGHT


def verify_pending(
    identity: Identity, pending_token: str, challenge_id: str, typed: str, *, caller: Caller = NOBODY
) -> tuple[User, Pending, str]:
    """The step of a sign-in that owes a second factor: whose it is, what was proven before, and how this was.

    A factor nobody has confirmed yet counts only while its owner has no other: else a password would be
    enough to bring a factor of one's own. Raises Denied, NotFound, TooMany.
    """
    pending = find_pending(identity, pending_token, reason=("mfa_challenge", "mfa_enrollment"))
    second_factors.admit(identity, pending.user_id)
    with identity.store.transaction() as tx:
        user = tx.users.lock(pending.user_id)
        factor = _factor_of(tx, pending, challenge_id)
        if user is None or factor is None:
            raise NotFound.of("Authentication challenge", challenge_id)
        closed, how = _spend_try(tx, identity, challenge_id), second_factors.TOTP
        if closed is None and looks_like_recovery_code(typed):
            outcome, how = second_factors.try_typed(tx, identity, user.id, (), typed)
        else:
            outcome = closed or _answer(tx, identity, challenge_id, factor, typed)
        if outcome is Outcome.RIGHT:
            _use_up(tx, identity, challenge_id, pending_token)
        second_factors.note(tx, identity, outcome, user=user, caller=caller)
    if outcome is not Outcome.RIGHT:
        raise second_factors.refusal(outcome)
    return user, pending, how


def _factor_of(tx: Transaction, pending: Pending, challenge_id: str) -> Factor | None:
    """None for somebody else's challenge, as for one that does not exist."""
    challenge = tx.factors.find_challenge(challenge_id)
    factor = None if challenge is None else tx.factors.find(challenge.factor_id)
    if factor is None or factor.user_id != pending.user_id:
        return None
    confirmed = factor.verified_at is not None
    may_confirm = pending.reason == "mfa_enrollment" and not tx.factors.list_verified(pending.user_id)
    return factor if confirmed or may_confirm else None


def _answer(tx: Transaction, identity: Identity, challenge_id: str, factor: Factor, code: str) -> Outcome:
    outcome = use_code(tx, identity, factor, code)
    if outcome is Outcome.RIGHT and tx.factors.consume_challenge(challenge_id, now=identity.now) is None:
        return Outcome.USED
    return outcome


def _use_up(tx: Transaction, identity: Identity, challenge_id: str, pending_token: str) -> None:
    tx.factors.consume_challenge(challenge_id, now=identity.now)
    if tx.pending.consume(digest(pending_token), now=identity.now) is None:
        raise no_such_pending()


def _spend_try(tx: Transaction, identity: Identity, challenge_id: str) -> Outcome | None:
    """None when the code may be looked at."""
    now = identity.now
    if tx.factors.spend_try(challenge_id, now=now):
        return None
    challenge = _existing(tx, challenge_id)
    if challenge.verified_at is not None:
        return Outcome.USED
    return Outcome.EXPIRED if challenge.expires_at <= now else Outcome.SPENT


def _is_closed(outcome: Outcome) -> Denied | Invalid:
    if outcome is Outcome.SPENT:
        return second_factors.refusal(outcome)
    if outcome is Outcome.USED:
        message = "The authentication challenge was verified already."
        return Invalid(message, code="authentication_challenge_previously_verified")
    return Invalid("The authentication challenge has expired.", code="authentication_challenge_expired")


def _create(tx: Transaction, identity: Identity, factor: Factor) -> Challenge:
    now = identity.now
    return tx.factors.create_challenge(
        id=new_id("auth_challenge", now),
        factor_id=factor.id,
        expires_at=now + TEN_MINUTES,
        created_at=now,
        updated_at=now,
    )


def _find_factor(identity: Identity, challenge_id: str) -> Factor:
    with identity.store.read() as tx:
        return existing_factor(tx, _existing(tx, challenge_id).factor_id)


def _existing(tx: Transaction, challenge_id: str) -> Challenge:
    challenge = tx.factors.find_challenge(challenge_id)
    if challenge is None:
        raise NotFound.of("Authentication challenge", challenge_id)
    return challenge
