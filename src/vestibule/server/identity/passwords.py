"""Signing in with a password: the same answer and the same time, whether or not there is such an account."""

import logging
from typing import Final

from vestibule.crypto.password_hash import MAX_PASSWORD
from vestibule.server.identity import events, hashing, limits
from vestibule.server.identity.context import Identity
from vestibule.server.identity.emails import lookup_key
from vestibule.server.identity.errors import Denied, TooMany
from vestibule.server.identity.events import NOBODY, Caller
from vestibule.server.identity.password_policy import is_common
from vestibule.server.identity.people import User

MAX_KEY: Final = 320
INCORRECT: Final = ("invalid_credentials", "The email or password is incorrect.")

log = logging.getLogger("vestibule.server.passwords")


def verify_password(
    identity: Identity,
    email: str,
    password: str,
    *,
    caller: Caller = NOBODY,
    known_device: bool = False,
) -> User:
    """Raises Denied `invalid_credentials`, or TooMany before any password is looked at.

    `known_device`: this browser signed in as this user before. Its tries are counted apart, so that whoever
    uses up the account's tries from elsewhere does not lock the owner out.
    """
    key = lookup_key(email)
    account = _account(key or email.casefold()[:MAX_KEY], known_device=known_device)
    _admit(identity, account, email, caller)
    with identity.store.read() as tx:
        user = None if key is None else tx.users.find_by_email_key(key)
        stored = None if user is None else tx.passwords.find(user.id)
    if (
        len(password) > MAX_PASSWORD
        or not hashing.matches(stored, password)
        or user is None
        or stored is None
    ):
        _record_failure(identity, email, user, caller, INCORRECT)
        raise Denied(INCORRECT[1], code=INCORRECT[0])
    _upgrade(identity, user, stored, password)
    _record_success(identity, user, account, caller)
    if is_common(password):
        log.warning("password_too_common: %s signed in with a password that attackers try first", user.id)
    return user


def account_key(email_key: str) -> str:
    """Under which tries to sign in are counted."""
    return _account(email_key, known_device=False)


def _account(email_key: str, *, known_device: bool) -> str:
    return f"password:{'known' if known_device else 'any'}:{email_key}"


def _admit(identity: Identity, account: str, email: str, caller: Caller) -> None:
    keys = [(account, limits.SIGN_INS_PER_ACCOUNT)]
    if caller.ip_address is not None:
        keys.append((f"password:address:{limits.place_of(caller.ip_address)}", limits.TRIES_PER_ADDRESS))
    try:
        limits.hit_all(identity, *keys)
    except TooMany as error:
        _record_failure(identity, email, None, caller, (error.code, error.message))
        raise


def _upgrade(identity: Identity, user: User, stored: str, password: str) -> None:
    if not hashing.is_outdated(stored):
        return
    better = hashing.hash_password(password)
    with identity.store.transaction() as tx:
        tx.passwords.replace(user.id, old=stored, new=better, now=identity.now)


def _record_success(identity: Identity, user: User, account: str, caller: Caller) -> None:
    with identity.store.transaction() as tx:
        events.append_authentication(
            tx, identity, "password", caller=caller, user_id=user.id, email=user.email
        )
        tx.rates.forget(limits.key_hash(account))


def _record_failure(
    identity: Identity, email: str, user: User | None, caller: Caller, error: tuple[str, str]
) -> None:
    with identity.store.transaction() as tx:
        events.append_authentication(
            tx,
            identity,
            "password",
            caller=caller,
            user_id=None if user is None else user.id,
            email=email,
            error=error,
        )
