"""Password resets: a link that proves the address, once, for a quarter of an hour."""

import datetime as dt
from typing import Final

from vestibule.server.identity import events, hashing, limits
from vestibule.server.identity.context import Identity
from vestibule.server.identity.emails import lookup_key
from vestibule.server.identity.errors import Invalid, NotFound
from vestibule.server.identity.events import NOBODY, Caller
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.letters import RESET_REQUEST, queue, queue_request
from vestibule.server.identity.new_passwords import check_password
from vestibule.server.identity.passwords import account_key
from vestibule.server.identity.people import PasswordReset, User, user_data
from vestibule.server.identity.secrets import digest, new_token, open_at_rest, seal_at_rest
from vestibule.server.identity.sessions import revoke_all
from vestibule.server.store.resets import StoredReset
from vestibule.server.store.transaction import Transaction

OVER: Final = (
    "This link to choose a new password was used, has expired, or a newer one was sent: ask for another."
)


def request_reset(identity: Identity, email: str, *, caller: Caller = NOBODY) -> None:
    """The hosted page's way, the same for every address. Raises TooMany, and Invalid for what is none."""
    key = lookup_key(email)
    if key is None:
        raise Invalid.field("email", "invalid_email", "This is not an e-mail address.")
    _admit(identity, key, caller)
    with identity.store.transaction() as tx:
        queue_request(tx, identity, kind=RESET_REQUEST, request=key)


def create_reset(identity: Identity, email: str) -> PasswordReset:
    """The API's way: the app asks and is told. Raises NotFound, TooMany."""
    key = lookup_key(email)
    with identity.store.read() as tx:
        user = None if key is None else tx.users.find_by_email_key(key)
    if key is None or user is None:
        raise NotFound.of("User", email)
    _admit(identity, key, NOBODY)
    with identity.store.transaction() as tx:
        reset = mail_reset(tx, identity, key)
    if reset is None:
        raise NotFound.of("User", email)
    return reset


def mail_reset(tx: Transaction, identity: Identity, email_key: str) -> PasswordReset | None:
    """Ends older links and mails a new one; None when nobody has this address."""
    user = tx.users.find_by_email_key(email_key)
    if user is None:
        return None
    now, token = identity.now, new_token()
    tx.resets.expire_all(user.id, now=now)
    stored = tx.resets.create(
        id=new_id("password_reset", now),
        user_id=user.id,
        email=user.email,
        token_sealed=seal_at_rest(token, identity.settings.secret),
        token_hash=digest(token),
        expires_at=now + dt.timedelta(seconds=identity.settings.password_reset_seconds),
        created_at=now,
    )
    reset = _shown(identity, stored, token)
    events.append(tx, identity, "password_reset.created", _data(stored))
    minutes = max(1, identity.settings.password_reset_seconds // 60)
    link = reset.password_reset_url
    queue(
        tx,
        identity,
        kind="reset_password",
        recipient=user.email,
        locale=user.locale,
        email=user.email,
        link=link,
        minutes=minutes,
    )
    return reset


def get_reset(identity: Identity, reset_id: str) -> PasswordReset:
    with identity.store.read() as tx:
        stored = tx.resets.find(reset_id)
    if stored is None:
        raise NotFound.of("Password reset", reset_id)
    return _shown(identity, stored, open_at_rest(stored.token_sealed, identity.settings.secret))


def check_reset(identity: Identity, token: str) -> str:
    """The address a link is for, before a new password is asked. Raises as `confirm_reset`."""
    return _find_open(identity, token).email


def confirm_reset(identity: Identity, token: str, new_password: str) -> User:
    """Sets the password, verifies the address, ends every session and every other link.

    Raises NotFound for an unknown token, Invalid `password_reset_error` for one that is over, and Invalid
    `password_strength_error`, after which the link still works.
    """
    reset = _find_open(identity, token)
    check_password(identity, new_password, email=reset.email)
    hashed = hashing.hash_password(new_password)
    with identity.store.transaction() as tx:
        consumed = tx.resets.consume(digest(token), now=identity.now)
        user = None if consumed is None else tx.users.lock(consumed.user_id)
        if consumed is None or user is None or user.email != consumed.email:
            raise _over()
        return _change_password(tx, identity, consumed, user, hashed)


def _change_password(
    tx: Transaction, identity: Identity, reset: StoredReset, user: User, hashed: str
) -> User:
    now = identity.now
    tx.passwords.set(user.id, hash=hashed, now=now)
    tx.resets.expire_all(user.id, now=now)
    tx.verifications.expire_all(user.id, now=now)
    tx.magic_codes.expire_all(user.id, now=now)
    revoke_all(tx, identity, user.id)
    if not user.email_verified:
        user = tx.users.verify_email(user.id, email=user.email, now=now) or user
        context = {"previous_attributes": {"email_verified": False}}
        events.append(tx, identity, "user.updated", user_data(user), context=context)
    events.append(tx, identity, "password_reset.succeeded", _data(reset))
    key = lookup_key(user.email)
    if key is not None:
        tx.rates.forget(limits.key_hash(account_key(key)))
    queue(
        tx,
        identity,
        kind="password_changed",
        recipient=user.email,
        locale=user.locale,
        email=user.email,
        when=now,
        reset_link=f"{identity.settings.public_url}/forgot-password",
    )
    return user


def _find_open(identity: Identity, token: str) -> StoredReset:
    with identity.store.read() as tx:
        stored = tx.resets.find_by_token(digest(token))
    if stored is None:
        raise NotFound("Password reset token not found.")
    if stored.consumed_at is not None or stored.expires_at <= identity.now:
        raise _over()
    return stored


def _over() -> Invalid:
    errors = [{"code": "password_reset_token_expired", "field": "token", "message": OVER}]
    return Invalid(OVER, code="password_reset_error", errors=errors)


def _admit(identity: Identity, email_key: str, caller: Caller) -> None:
    keys = [
        (f"reset:{email_key}", limits.SENDS),
        (f"reset:day:{email_key}", limits.SENDS_A_DAY),
    ]
    if caller.ip_address is not None:
        keys.append((f"reset:address:{limits.place_of(caller.ip_address)}", limits.TRIES_PER_ADDRESS))
    limits.hit_all(identity, *keys)


def _shown(identity: Identity, stored: StoredReset, token: str) -> PasswordReset:
    return PasswordReset(
        id=stored.id,
        user_id=stored.user_id,
        email=stored.email,
        expires_at=stored.expires_at,
        created_at=stored.created_at,
        password_reset_token=token,
        password_reset_url=f"{identity.settings.public_url}/reset-password?token={token}",
    )


def _data(stored: StoredReset) -> dict[str, object]:
    return {
        "object": "password_reset",
        "id": stored.id,
        "user_id": stored.user_id,
        "email": stored.email,
        "expires_at": stored.expires_at,
        "created_at": stored.created_at,
    }
