"""API keys: shown once, kept as a digest, revoked for good."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from vestibule.errors import ConfigError
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Invalid, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.models import ApiKey
from vestibule.server.identity.secrets import digest, new_token
from vestibule.server.store.transaction import Transaction

PREFIXES: Final = {"staging": "sk_test_", "production": "sk_live_"}
HINT: Final = 4
MAX_KEY: Final = 200
LONGEST_NAME: Final = 100
USE_IS_NOTED_EVERY: Final = dt.timedelta(hours=1)


def create_api_key(
    identity: Identity, name: str, *, value: str | None = None, key_id: str | None = None
) -> tuple[ApiKey, str]:
    """The key and its value, which cannot be had again. `value` and `key_id` are for one from elsewhere."""
    value = value or PREFIXES[identity.settings.environment] + new_token()
    with identity.store.transaction() as tx:
        key = _create(tx, identity, name, value, key_id=key_id)
        append(tx, identity, "environment_api_key.created", _data(key))
    return key, value


def check_name(name: str) -> str:
    """Raises Invalid. Whoever looks at a list of keys has to know what each is for."""
    text = " ".join(name.split())
    if not text or len(text) > LONGEST_NAME or not text.isprintable():
        message = f"Name it after what uses it, with up to {LONGEST_NAME} characters."
        raise Invalid.field("name", "invalid_name", message)
    return text


def ensure_api_key(identity: Identity, name: str, value: str) -> ApiKey:
    """The key with this value, made where there is none. Safe in several processes at once.

    Raises ConfigError when somebody has revoked it.
    """
    now = identity.now
    with identity.store.transaction() as tx:
        tx.environment.lock()
        found = tx.api_keys.find(digest(value), now=now)
        if found is not None:
            return found
        if any(known.hint == value[-HINT:] and known.name == name for known in tx.api_keys.list()):
            raise ConfigError(
                f"The API key {name!r} was revoked: set another VESTIBULE_SERVER_SECRET, then run "
                "`vestibule keys rotate` for signing keys under it",
                code="api_key_revoked",
            )
        key = _create(tx, identity, name, value)
        append(tx, identity, "environment_api_key.created", _data(key))
        return key


def find_api_key(identity: Identity, value: str) -> ApiKey | None:
    """None for one that is unknown, revoked, replaced, or of the other kind of environment."""
    if len(value) > MAX_KEY or not value.startswith(PREFIXES[identity.settings.environment]):
        return None
    with identity.store.read() as tx:
        key = tx.api_keys.find(digest(value), now=identity.now)
    if key is not None:
        _note_use(identity, key)
    return key


def _note_use(identity: Identity, key: ApiKey) -> None:
    now = identity.now
    if key.last_used_at is None or now - key.last_used_at >= USE_IS_NOTED_EVERY:
        with identity.store.transaction() as tx:
            tx.api_keys.record_use(key.id, now=now)


def list_api_keys(identity: Identity) -> Sequence[ApiKey]:
    with identity.store.read() as tx:
        return tx.api_keys.list()


def get_api_key(identity: Identity, key_id: str) -> ApiKey:
    """Ended ones too. Raises NotFound."""
    found = next((key for key in list_api_keys(identity) if key.id == key_id), None)
    if found is None:
        raise NotFound.of("API key", key_id)
    return found


def revoke_api_key(identity: Identity, key_id: str) -> ApiKey:
    with identity.store.transaction() as tx:
        revoked = tx.api_keys.revoke(key_id, now=identity.now)
        if revoked is None:
            raise NotFound.of("API key", key_id)
        append(tx, identity, "environment_api_key.revoked", _data(revoked))
    return revoked


def replace_api_key(identity: Identity, key_id: str, *, overlap: dt.timedelta) -> tuple[ApiKey, str]:
    """A new key of the same name. The old one works on for `overlap`, so that no app is caught between two.

    Raises NotFound when the old one has ended.
    """
    value = PREFIXES[identity.settings.environment] + new_token()
    now = identity.now
    with identity.store.transaction() as tx:
        old = tx.api_keys.expire(key_id, expires_at=now + overlap, now=now)
        if old is None:
            raise NotFound.of("API key", key_id)
        key = _create(tx, identity, old.name, value)
        append(tx, identity, "environment_api_key.replaced", {**_data(old), "replaced_by": key.id})
    return key, value


def _create(
    tx: Transaction, identity: Identity, name: str, value: str, *, key_id: str | None = None
) -> ApiKey:
    now = identity.now
    return tx.api_keys.create(
        id=key_id or new_id("api_key", now),
        name=name,
        key_hash=digest(value),
        hint=value[-HINT:],
        created_at=now,
    )


def _data(key: ApiKey) -> dict[str, Any]:
    return {
        "object": "environment_api_key",
        "id": key.id,
        "name": key.name,
        "hint": key.hint,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "created_at": key.created_at,
    }
