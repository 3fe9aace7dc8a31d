"""Another e-mail address: it becomes the user's once a code that was sent there came back."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from vestibule.server.identity import codes, events, limits
from vestibule.server.identity.codes import EMAIL_CHANGE, Outcome
from vestibule.server.identity.context import Identity
from vestibule.server.identity.emails import EmailAddress, parse_email
from vestibule.server.identity.errors import Conflict, Denied, IdentityError, Invalid, NotFound, TooMany
from vestibule.server.identity.letters import queue
from vestibule.server.identity.people import User, user_data
from vestibule.server.store.transaction import Transaction
from vestibule.server.store.users import Taken

A_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class EmailChange:
    """On its way: the code is in the mail to `new_email` and nowhere else."""

    user: User
    new_email: str
    expires_at: dt.datetime
    created_at: dt.datetime


def send_change(identity: Identity, user_id: str, new_email: str, *, tells_taken: bool = True) -> EmailChange:
    """A code to the new address, a word to the old one, which stays the user's until the code is back.

    Without `tells_taken` an address that somebody has gets a code like any other: only who reads its mail
    learns, by confirming, that there is an account (EN-2).

    Raises NotFound, TooMany, Invalid `invalid_email`, Conflict `email_change_not_needed` or
    `email_not_available`.
    """
    address = _address(new_email)
    with identity.store.read() as tx:
        user = _existing(tx.users.find(user_id), user_id)
        _check_free(tx, user, address, tells_taken=tells_taken)
    limits.hit_all(
        identity,
        (f"email_change:{user_id}", limits.SENDS),
        (f"email_change:to:{address.key}", limits.SENDS),
        (f"email_change:day:{user_id}", limits.SENDS_A_DAY),
    )
    with identity.store.transaction() as tx:
        user = _existing(tx.users.lock(user_id), user_id)
        stored, code = codes.issue_code(tx, identity, user, purpose=EMAIL_CHANGE, email=address.address)
        minutes = codes.minutes(identity, EMAIL_CHANGE)
        queue(
            tx,
            identity,
            kind="email_change_code",
            recipient=stored.email,
            locale=user.locale,
            code=code,
            minutes=minutes,
        )
        queue(
            tx,
            identity,
            kind="email_change_requested",
            recipient=user.email,
            locale=user.locale,
            email=user.email,
            new_email=stored.email,
        )
    return EmailChange(user, stored.email, stored.expires_at, stored.created_at)


def confirm_change(identity: Identity, user_id: str, code: str) -> User:
    """The new address is theirs, and proven; the old one is told. Sessions go on.

    Raises NotFound; Denied `email_change_code_incorrect`, `email_change_code_expired`; Conflict
    `no_pending_email_change`, `email_change_code_previously_used`, `email_not_available`; TooMany
    `email_change_too_many_attempts`.
    """
    try:
        with identity.store.transaction() as tx:
            user = _existing(tx.users.lock(user_id), user_id)
            newest = tx.email_changes.find_newest(user_id)
            if newest is None:
                raise Conflict("No change of address is under way.", code="no_pending_email_change")
            outcome = codes.try_code(tx, identity, user, code, purpose=EMAIL_CHANGE)
            if outcome is Outcome.RIGHT:
                return _move(tx, identity, user, parse_email(newest.email))
    except Taken:
        raise _not_available() from None
    raise _refusal(outcome)


def _move(tx: Transaction, identity: Identity, user: User, address: EmailAddress) -> User:
    """Raises Taken: somebody else may have got the address while the code was on its way."""
    now = identity.now
    moved = tx.users.update(
        user.id, email=address.address, email_key=address.key, email_verified=True, updated_at=now
    )
    changed = _existing(moved, user.id)
    # Codes and links that went to the old address prove nothing about the new one (RS-1).
    for sent in (tx.verifications, tx.magic_codes, tx.resets, tx.email_changes):
        sent.expire_all(user.id, now=now)
    previous: dict[str, object] = {"email": user.email}
    if not user.email_verified:
        previous["email_verified"] = False
    events.append(tx, identity, "user.updated", user_data(changed), context={"previous_attributes": previous})
    queue(
        tx,
        identity,
        kind="email_changed",
        recipient=user.email,
        locale=user.locale,
        email=user.email,
        new_email=changed.email,
        when=now,
    )
    return changed


def find_change(identity: Identity, user_id: str) -> str | None:
    """The address that a code is on its way to, as long as one may still be typed."""
    with identity.store.read() as tx:
        newest = tx.email_changes.find_newest(user_id)
    if newest is None or newest.consumed_at is not None or newest.expires_at <= identity.now:
        return None
    return newest.email


def _check_free(tx: Transaction, user: User, address: EmailAddress, *, tells_taken: bool) -> None:
    if address.address == user.email:
        raise Conflict("This is the user's address already.", code="email_change_not_needed")
    owner = tx.users.find_by_email_key(address.key)
    if tells_taken and owner is not None and owner.id != user.id:
        raise _not_available()


def _not_available() -> Conflict:
    return Conflict("This email is not available.", code="email_not_available")


def _refusal(outcome: Outcome) -> IdentityError:
    match outcome:
        case Outcome.EXPIRED:
            return Denied("The code has expired: ask for a new one.", code="email_change_code_expired")
        case Outcome.USED:
            return Conflict("The code was used already.", code="email_change_code_previously_used")
        case Outcome.SPENT:
            error = TooMany("Too many wrong codes: ask for a new one.", retry_after=A_MINUTE)
            error.code = "email_change_too_many_attempts"
            return error
    return Denied("The code is not the one that was sent last.", code="email_change_code_incorrect")


def _address(email: str) -> EmailAddress:
    try:
        return parse_email(email)
    except ValueError as error:
        problem = {"field": "new_email", "code": "invalid_email", "message": str(error)}
        raise Invalid(str(error), code="invalid_email", errors=[problem]) from None


def _existing(found: User | None, user_id: str) -> User:
    if found is None:
        raise NotFound.of("User", user_id)
    return found
