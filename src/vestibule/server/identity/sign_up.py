"""Signing up on the hosted pages: an address with an account gets the same answers as one without."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from vestibule.server.identity import events, hashing, limits
from vestibule.server.identity.codes import DIGITS, Outcome
from vestibule.server.identity.context import Identity
from vestibule.server.identity.emails import EmailAddress, parse_email
from vestibule.server.identity.errors import Denied, Invalid
from vestibule.server.identity.events import NOBODY, Caller
from vestibule.server.identity.letters import queue
from vestibule.server.identity.new_passwords import check_password
from vestibule.server.identity.people import User
from vestibule.server.identity.profile import tidy_name
from vestibule.server.identity.users import add_user
from vestibule.server.identity.verification import (
    REFUSALS,
    admit_send,
    confirm_verification,
    mail_code,
)
from vestibule.server.store.transaction import Transaction
from vestibule.server.store.users import Taken
from vestibule.server.store.verifications import TRIES

FOREVER: Final = dt.timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class SignUp:
    """Kept by the page for the next step.

    `user_id` is None when the address had an account. Nobody may see that, so it never leaves the server.
    """

    email: str
    user_id: str | None


def sign_up(
    identity: Identity,
    *,
    email: str,
    password: str,
    first_name: str | None = None,
    last_name: str | None = None,
    caller: Caller = NOBODY,
) -> SignUp:
    """Makes an account and mails a code; where there is an account already, mails its owner instead.

    Raises Invalid for the address, the names, or a weak password, and TooMany.
    """
    address = _address(email)
    names = {
        "first_name": tidy_name("first_name", first_name),
        "last_name": tidy_name("last_name", last_name),
    }
    check_password(identity, password, email=address.address)
    if caller.ip_address is not None:
        place = limits.place_of(caller.ip_address)
        limits.hit_all(identity, (f"sign-up:address:{place}", limits.TRIES_PER_ADDRESS))
    admit_send(identity, address.address)
    hashed = hashing.hash_password(password)
    try:
        with identity.store.transaction() as tx:
            user = add_user(tx, identity, address=address, password_hash=hashed, **names)
            mail_code(tx, identity, user)
            return SignUp(user.email, user.id)
    except Taken:
        with identity.store.transaction() as tx:
            _tell_the_owner(tx, identity, address)
        return SignUp(address.address, None)


def confirm(identity: Identity, signed_up: SignUp, code: str, *, caller: Caller = NOBODY) -> User:
    """Raises as `confirm_verification`, in the same cases for an account that was there before."""
    if signed_up.user_id is not None:
        return confirm_verification(identity, signed_up.user_id, code, caller=caller)
    address = _address(signed_up.email)
    with identity.store.read() as tx:
        tx.users.find_by_email_key(address.key)  # as long a look as at a new account
    with identity.store.transaction() as tx:
        outcome = _pretend_to_try(tx, identity, address, code)
        refused, message = REFUSALS[outcome]
        events.append_authentication(
            tx,
            identity,
            "email_verification",
            caller=caller,
            user_id=None,
            email=address.address,
            error=(refused, message),
        )
    raise Denied(message, code=refused)


def resend(identity: Identity, signed_up: SignUp) -> None:
    """Another code, or another mail to the owner. Raises TooMany."""
    address = _address(signed_up.email)
    admit_send(identity, address.address)
    with identity.store.transaction() as tx:
        user = None if signed_up.user_id is None else tx.users.lock(signed_up.user_id)
        if user is None:
            _tell_the_owner(tx, identity, address)
        elif not user.email_verified:
            mail_code(tx, identity, user)


def _tell_the_owner(tx: Transaction, identity: Identity, address: EmailAddress) -> None:
    _begin_pretending(tx, identity, address)
    owner = tx.users.find_by_email_key(address.key)
    if owner is None:
        return
    base = identity.settings.public_url
    queue(
        tx,
        identity,
        kind="already_registered",
        recipient=owner.email,
        locale=owner.locale,
        email=owner.email,
        sign_in_link=f"{base}/sign-in",
        reset_link=f"{base}/forgot-password",
    )


def _begin_pretending(tx: Transaction, identity: Identity, address: EmailAddress) -> None:
    """As though a code had been sent now: the count begins at one and says since when."""
    key = _pretence(address)
    tx.rates.forget(key)
    tx.rates.hit(key, now=identity.now, window=FOREVER)


def _pretend_to_try(tx: Transaction, identity: Identity, address: EmailAddress, code: str) -> Outcome:
    """What `try_code` would say of a wrong code: five times wrong, then spent, and expired in time."""
    if DIGITS.fullmatch(code.strip()) is None:
        return Outcome.WRONG
    counted = tx.rates.hit(_pretence(address), now=identity.now, window=FOREVER)
    if counted.count == 1:  # it is so long ago that nobody remembers
        return Outcome.EXPIRED
    if counted.started_at + dt.timedelta(seconds=identity.settings.verification_seconds) <= identity.now:
        return Outcome.EXPIRED
    return Outcome.SPENT if counted.count - 1 > TRIES else Outcome.WRONG


def _pretence(address: EmailAddress) -> bytes:
    return limits.key_hash(f"sign-up:pretence:{address.key}")


def _address(email: str) -> EmailAddress:
    try:
        return parse_email(email)
    except ValueError as error:
        raise Invalid.field("email", "invalid_email", str(error)) from None
