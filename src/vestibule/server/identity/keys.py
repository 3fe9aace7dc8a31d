"""Signing keys: made here, sealed at rest, published before they sign and a while after."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from vestibule.crypto.signing import (
    create_signing_key,
    dump_signing_key,
    key_id,
    load_signing_key,
    public_jwk,
    self_signed_certificate,
)
from vestibule.errors import ConfigError
from vestibule.server.identity.context import Identity
from vestibule.server.identity.models import SigningKey
from vestibule.server.identity.secrets import open_at_rest, seal_at_rest
from vestibule.server.store.transaction import Transaction

# Every app has fetched the key set again by then: caches live ten minutes at most.
PUBLISHED_AHEAD: Final = dt.timedelta(minutes=30)
# A token signed at the last moment is good for as long as any token, and clocks differ.
PUBLISHED_AFTER: Final = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Signer:
    kid: str
    key: RSAPrivateKey = field(repr=False)


def ensure_signing_key(identity: Identity) -> SigningKey:
    """The key that signs now; made when there is none. Any number of processes may call this."""
    with identity.store.read() as tx:
        found = tx.signing_keys.find_signing(identity.now)
    if found is not None:
        return found
    values = _new_key(identity)
    with identity.store.transaction() as tx:
        tx.environment.lock()
        found = tx.signing_keys.find_signing(identity.now)
        return found or _create(tx, identity, values, signs_from=identity.now)


def rotate_signing_key(identity: Identity, *, immediately: bool = False) -> SigningKey:
    """A new key, which signs once every app has had the time to learn it.

    `immediately` is for a key that leaked: it is taken back, and with it all tokens it signed, so every app
    has to refresh once. A key sealed under another secret is replaced at once too, but its tokens stay good.
    """
    values = _new_key(identity)
    now = identity.now
    with identity.store.transaction() as tx:
        tx.environment.lock()
        present = tx.signing_keys.find_signing(now)
        at_once = immediately or present is None or not _opens(identity, present)
        created = _create(tx, identity, values, signs_from=now if at_once else now + PUBLISHED_AHEAD)
        if immediately:
            tx.signing_keys.withdraw_others(created.kid, now=now)
        else:
            _retire_others(tx, identity, created)
    identity.keyring.forget()
    return created


def _retire_others(tx: Transaction, identity: Identity, created: SigningKey) -> None:
    lifetime = dt.timedelta(seconds=identity.settings.access_token_seconds)
    published_until = created.signs_from + lifetime + PUBLISHED_AFTER
    tx.signing_keys.retire_others(
        created.kid, signs_until=created.signs_from, published_until=published_until
    )


def list_signing_keys(identity: Identity) -> Sequence[SigningKey]:
    with identity.store.read() as tx:
        return tx.signing_keys.list()


def jwks(identity: Identity) -> dict[str, Any]:
    """The key set (RFC 7517 §5), read once in five seconds."""

    def load() -> dict[str, Any]:
        now = identity.now
        keys = list_signing_keys(identity)
        return {
            "keys": [
                key.public_jwk for key in keys if key.published_until is None or key.published_until > now
            ]
        }

    return cast("dict[str, Any]", identity.keyring.remember("jwks", identity.now.timestamp(), load))


def current_key(identity: Identity) -> Signer:
    """Raises ConfigError when the secret that sealed the key has changed."""

    def load() -> Signer:
        stored = ensure_signing_key(identity)
        return cast("Signer", identity.keyring.keep(stored.kid, lambda: _open(identity, stored)))

    return cast("Signer", identity.keyring.remember("signer", identity.now.timestamp(), load))


def _open(identity: Identity, stored: SigningKey) -> Signer:
    pem = open_at_rest(stored.private_sealed, identity.settings.secret)
    return Signer(stored.kid, load_signing_key(pem))


def _new_key(identity: Identity) -> dict[str, Any]:
    """Made outside any transaction: it takes a while."""
    key = create_signing_key()
    certificate = self_signed_certificate(key, name="Vestibule", not_before=identity.now)
    return {
        "kid": key_id(key),
        "private_sealed": seal_at_rest(dump_signing_key(key), identity.settings.secret),
        "public_jwk": public_jwk(key, certificate=certificate),
    }


def _create(
    tx: Transaction, identity: Identity, values: dict[str, Any], *, signs_from: dt.datetime
) -> SigningKey:
    return tx.signing_keys.create(**values, signs_from=signs_from, created_at=identity.now)


def _opens(identity: Identity, key: SigningKey) -> bool:
    try:
        open_at_rest(key.private_sealed, identity.settings.secret)
    except ConfigError:
        return False
    return True
