"""Passkeys (WebAuthn level 3): made by somebody who is signed in, used instead of a password.

Signing in names nobody: the key itself says whose it is, so there is nothing to ask about accounts.
"""

import datetime as dt
import logging
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from vestibule.server.identity import limits
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, Invalid, NotFound
from vestibule.server.identity.events import NOBODY, Caller, append, append_authentication
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.logins import Login
from vestibule.server.identity.notices import PASSKEY_ADDED, PASSKEY_REMOVED, tell
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.identity.passkey_options import creation_options, request_options
from vestibule.server.identity.passkey_responses import (
    Assertion,
    Attestation,
    Refused,
    RelyingParty,
    read_assertion,
    read_attestation,
    verify_assertion,
    verify_attestation,
)
from vestibule.server.identity.people import User
from vestibule.server.identity.policies import effective_policy
from vestibule.server.identity.profile import tidy_name
from vestibule.server.identity.secrets import digest, new_token
from vestibule.server.store.passkeys import Passkey, PasskeyChallenge
from vestibule.server.store.transaction import Transaction

FIVE_MINUTES: Final = dt.timedelta(minutes=5)
MAX_PASSKEYS: Final = 20
UNNAMED: Final = "Passkey"
Purpose = Literal["register", "sign_in"]

# One text for every cause: the answer says nothing about keys and accounts.
REFUSED: Final = "This passkey could not be used."


log = logging.getLogger("vestibule.server.passkeys")


@dataclass(frozen=True, slots=True)
class PasskeyProof:
    """`user_verified`: the authenticator asked for a fingerprint, a face or a PIN: a second factor."""

    user: User
    user_verified: bool


class Ceremony(Protocol):
    """What a challenge is bound to: a sign-in under way, or the session of somebody who is in already."""

    @property
    def token(self) -> str: ...


def begin_registration(identity: Identity, user: User, login: Ceremony) -> dict[str, Any]:
    """The options for `navigator.credentials.create`, as JSON has them."""
    challenge = new_token()
    with identity.store.transaction() as tx:
        known = tx.passkeys.list_all(user.id)
        policy = effective_policy(tx, None)
        _create_challenge(tx, identity, challenge, "register", login, user.id)
    return creation_options(
        RelyingParty.of(identity.settings),
        user,
        challenge=challenge,
        user_verification=policy.passkey_user_verification,
        known=known,
    )


def finish_registration(
    identity: Identity, user_id: str, login: Ceremony, credential: str, *, name: str = UNNAMED
) -> Passkey:
    """Raises Denied `passkey_refused`, `passkey_exists` or `too_many_passkeys`."""
    try:
        given = read_attestation(credential)
        _take(identity, given.challenge, "register", login, user_id=user_id)
        with identity.store.read() as tx:
            required = effective_policy(tx, None).passkey_user_verification == "required"
        made = verify_attestation(given, RelyingParty.of(identity.settings), verified=required)
    except Refused as refused:
        log.info("passkey_refused: %s, when one was made for %s", refused.reason, user_id)
        raise Denied(REFUSED, code="passkey_refused") from None
    with identity.store.transaction() as tx:
        return _keep(tx, identity, user_id, made, name)


def begin_sign_in(
    identity: Identity, login: Login, *, user_id: str | None = None, verified: bool = False
) -> dict[str, Any]:
    """The options for `navigator.credentials.get`: the same for everybody, except where the sign-in knows
    already who it is and only their keys will do. `verified` asks the key to ask who is there."""
    challenge = new_token()
    with identity.store.transaction() as tx:
        keys = [] if user_id is None else tx.passkeys.list_all(user_id)
        policy = effective_policy(tx, None)
        _create_challenge(tx, identity, challenge, "sign_in", login, user_id)
    return request_options(
        RelyingParty.of(identity.settings),
        challenge=challenge,
        user_verification="required" if verified else policy.passkey_user_verification,
        allowed=keys,
    )


def finish_sign_in(
    identity: Identity,
    login: Login,
    credential: str,
    *,
    user_id: str | None = None,
    caller: Caller = NOBODY,
) -> PasskeyProof:
    """`user_id` is whom the options named. Raises TooMany; Denied `passkey_refused`, whatever the cause."""
    _admit(identity, caller)
    owner: User | None = None
    try:
        given = read_assertion(credential)
        challenge = _take(identity, given.challenge, "sign_in", login, user_id=user_id)
        passkey, owner = _find(identity, given, challenge)
        return _use(identity, given, passkey, owner, caller)
    except Refused as refused:
        with identity.store.transaction() as tx:
            append_authentication(
                tx,
                identity,
                "passkey",
                caller=caller,
                user_id=refused.user_id,
                email=None if owner is None else owner.email,
                error=(refused.reason, "The passkey was refused."),
            )
        raise Denied(REFUSED, code="passkey_refused") from None


def list_passkeys(identity: Identity, user_id: str, page: Page) -> Slice[Passkey]:
    with identity.store.read() as tx:
        if tx.users.find(user_id) is None:
            raise NotFound.of("User", user_id)
        return tx.passkeys.list(page, user_id=user_id)


def get_passkey(identity: Identity, user_id: str, passkey_id: str) -> Passkey:
    """Raises NotFound, for another user's as for one that does not exist."""
    with identity.store.read() as tx:
        passkey = tx.passkeys.find(passkey_id)
    if passkey is None or passkey.user_id != user_id:
        raise NotFound.of("Passkey", passkey_id)
    return passkey


def rename_passkey(identity: Identity, user_id: str, passkey_id: str, name: str) -> Passkey:
    """Raises Invalid; NotFound, for another user's as for one that does not exist."""
    tidy = tidy_name("name", name)
    if tidy is None:
        raise Invalid.field("name", "required", "name must not be empty.")
    with identity.store.transaction() as tx:
        passkey = tx.passkeys.rename(passkey_id, user_id=user_id, name=tidy, now=identity.now)
        if passkey is None:
            raise NotFound.of("Passkey", passkey_id)
        append(tx, identity, "passkey.updated", _data(passkey))
    return passkey


def delete_passkey(identity: Identity, user_id: str, passkey_id: str) -> None:
    """Raises NotFound, for another user's as for one that does not exist."""
    with identity.store.transaction() as tx:
        passkey = tx.passkeys.delete(passkey_id, user_id=user_id)
        if passkey is None:
            raise NotFound.of("Passkey", passkey_id)
        append(tx, identity, "passkey.deleted", _data(passkey))
        tell(tx, identity, user_id, PASSKEY_REMOVED)


def _admit(identity: Identity, caller: Caller) -> None:
    if caller.ip_address is not None:
        place = limits.place_of(caller.ip_address)
        limits.hit_all(identity, (f"passkey:address:{place}", limits.TRIES_PER_ADDRESS))


def _create_challenge(
    tx: Transaction,
    identity: Identity,
    challenge: str,
    purpose: Purpose,
    login: Ceremony,
    user_id: str | None,
) -> None:
    now = identity.now
    tx.passkeys.create_challenge(
        challenge_hash=digest(challenge),
        purpose=purpose,
        login_hash=digest(login.token),
        user_id=user_id,
        expires_at=now + FIVE_MINUTES,
        created_at=now,
    )


def _take(
    identity: Identity, challenge: str, purpose: Purpose, login: Ceremony, *, user_id: str | None
) -> PasskeyChallenge:
    """Gone before anything is computed, so that it cannot be tried again, let alone at the same time."""
    with identity.store.transaction() as tx:
        taken = tx.passkeys.take_challenge(digest(challenge))
    if taken is None or taken.expires_at <= identity.now:
        raise Refused("challenge_unknown")
    if taken.purpose != purpose or taken.login_hash != digest(login.token) or taken.user_id != user_id:
        raise Refused("challenge_of_another_ceremony")
    return taken


def _find(identity: Identity, given: Assertion, challenge: PasskeyChallenge) -> tuple[Passkey, User]:
    """WebAuthn §7.2 step 6: the key, its owner and the one it says it is of are the same person."""
    with identity.store.read() as tx:
        passkey = tx.passkeys.find_by_credential(given.credential_id)
        owner = None if passkey is None else tx.users.find(passkey.user_id)
    if passkey is None or owner is None:
        raise Refused("passkey_unknown")
    named = challenge.user_id
    # Of somebody who was named, a key may leave it out: some old ones do not keep it.
    expected = (owner.id,) if named is None else (owner.id, "")
    if owner.id != (named or owner.id) or given.user_handle not in expected:
        raise Refused("passkey_of_another_user", user_id=owner.id)
    return passkey, owner


def _use(identity: Identity, given: Assertion, passkey: Passkey, owner: User, caller: Caller) -> PasskeyProof:
    with identity.store.read() as tx:
        required = effective_policy(tx, None).passkey_user_verification == "required"
    party = RelyingParty.of(identity.settings)
    shown = verify_assertion(given, party, passkey.public_key, verified=required, user_id=owner.id)
    with identity.store.transaction() as tx:
        used = tx.passkeys.use(
            passkey.id, sign_count=shown.sign_count, backed_up=shown.backed_up, now=identity.now
        )
        if used is not None:
            append_authentication(tx, identity, "passkey", caller=caller, user_id=owner.id, email=owner.email)
    if used is None:
        raise Refused("counter_went_back", user_id=owner.id)
    return PasskeyProof(owner, shown.user_verified)


def _keep(tx: Transaction, identity: Identity, user_id: str, made: Attestation, name: str) -> Passkey:
    if tx.users.lock(user_id) is None:
        raise NotFound.of("User", user_id)
    if tx.passkeys.count(user_id) >= MAX_PASSKEYS:
        raise Denied("This account has as many passkeys as it may have.", code="too_many_passkeys")
    now = identity.now
    passkey_id = new_id("passkey", now)
    created = tx.passkeys.create(
        id=passkey_id,
        user_id=user_id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=list(made.transports),
        aaguid=made.aaguid,
        backed_up=made.backed_up,
        name=name,
        created_at=now,
        updated_at=now,
    )
    passkey = tx.passkeys.find(passkey_id)
    if not created or passkey is None:
        raise Denied("This passkey belongs to an account already.", code="passkey_exists")
    append(tx, identity, "passkey.created", _data(passkey))
    tell(tx, identity, user_id, PASSKEY_ADDED)
    return passkey


def _data(passkey: Passkey) -> dict[str, Any]:
    return {
        "object": "passkey",
        "id": passkey.id,
        "user_id": passkey.user_id,
        "name": passkey.name,
        "created_at": passkey.created_at,
        "updated_at": passkey.updated_at,
    }
