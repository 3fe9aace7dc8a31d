"""API keys that an app hands to its customers: of an organization, or of one member in it.

A key may do at most what its owner may do at that moment: a permission its owner has lost, it has lost too.
"""

import datetime as dt
import secrets
import string
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Conflict, Invalid, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.identity.profile import tidy_name
from vestibule.server.identity.secrets import digest
from vestibule.server.identity.tokens import find_access
from vestibule.server.store.owned_keys import OwnedKey
from vestibule.server.store.transaction import Transaction

PREFIXES: Final = {"staging": "vsk_test_", "production": "vsk_live_"}
ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM_LENGTH: Final = 43  # of 62 letters: 256 bits
CHECK_LENGTH: Final = 6
HINT: Final = 4
MAX_VALUE: Final = 200
MAX_PERMISSIONS: Final = 100
USE_IS_NOTED_EVERY: Final = dt.timedelta(minutes=1)


def new_value(environment: str) -> str:
    """Letters and digits, so that a double click marks it whole; the last six are a checksum, by which a
    scanner for leaked secrets tells a key from a coincidence."""
    random = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return PREFIXES[environment] + random + checksum(random)


def checksum(random: str) -> str:
    """CRC-32 in base 62."""
    number, letters = zlib.crc32(random.encode("ascii")), ""
    for _ in range(CHECK_LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters = ALPHABET[place] + letters
    return letters


def create_organization_key(
    identity: Identity,
    organization_id: str,
    *,
    name: str,
    permissions: Sequence[str] = (),
    expires_at: dt.datetime | None = None,
    key_id: str | None = None,
    value: str | None = None,
) -> tuple[OwnedKey, str]:
    """The key and its value, which cannot be had again. `key_id` and `value` are for one that
    exists elsewhere. Raises NotFound, Invalid.
    """
    with identity.store.transaction() as tx:
        if tx.organizations.find(organization_id) is None:
            raise NotFound.of("Organization", organization_id)
        allowed = _permissions_of_organization(tx, organization_id)
        owner = {"organization_id": organization_id, "user_id": None}
        given = {"name": name, "permissions": permissions, "expires_at": expires_at}
        return _create(tx, identity, owner, given, allowed, key_id=key_id, value=value)


def create_user_key(
    identity: Identity,
    user_id: str,
    *,
    organization_id: str,
    name: str,
    permissions: Sequence[str] = (),
    expires_at: dt.datetime | None = None,
    key_id: str | None = None,
    value: str | None = None,
) -> tuple[OwnedKey, str]:
    """The same for an active member of the organization. Raises NotFound, Invalid."""
    with identity.store.transaction() as tx:
        if tx.users.find(user_id) is None:
            raise NotFound.of("User", user_id)
        access = find_access(tx, user_id, organization_id)
        if access is None:
            message = "The user has no active membership in this organization."
            raise Invalid.field("organization_id", "organization_membership_not_found", message)
        owner = {"organization_id": organization_id, "user_id": user_id}
        given = {"name": name, "permissions": permissions, "expires_at": expires_at}
        return _create(tx, identity, owner, given, access.permissions, key_id=key_id, value=value)


def list_organization_keys(identity: Identity, organization_id: str, page: Page) -> Slice[OwnedKey]:
    """Its own, not those of its members. Raises NotFound."""
    with identity.store.read() as tx:
        if tx.organizations.find(organization_id) is None:
            raise NotFound.of("Organization", organization_id)
        return tx.owned_keys.list_of_organization(page, organization_id=organization_id)


def get_organization_key(identity: Identity, organization_id: str, key_id: str) -> OwnedKey:
    """One of its own. Raises NotFound, for those of its members too."""
    with identity.store.read() as tx:
        key = tx.owned_keys.find(key_id)
    if key is None or key.organization_id != organization_id or key.user_id is not None:
        raise NotFound.of("API key", key_id)
    return key


def list_user_keys(
    identity: Identity, user_id: str, page: Page, *, organization_id: str | None = None
) -> Slice[OwnedKey]:
    """Raises NotFound."""
    with identity.store.read() as tx:
        if tx.users.find(user_id) is None:
            raise NotFound.of("User", user_id)
        return tx.owned_keys.list_of_user(page, user_id=user_id, organization_id=organization_id)


def validate_key(identity: Identity, value: str) -> OwnedKey | None:
    """The key with what it may do now. None for one that is unknown, expired, deleted, or whose owner left:
    nothing tells these apart, not even the time it takes."""
    hashed = digest(value[: MAX_VALUE + 1])
    with identity.store.read() as tx:
        key = tx.owned_keys.find_live(hashed, now=identity.now)
        if key is None or _is_suspended(tx, key):
            return None
        allowed = _allowed_now(tx, key)
    _note_use(identity, key)
    return _with_permissions(key, [each for each in key.permissions if each in allowed])


def expire_key(
    identity: Identity, key_id: str, *, expires_at: dt.datetime | None, clear: bool = False
) -> OwnedKey:
    """At that time; at once when it is None or past; never when `clear`.

    Raises NotFound, Invalid, and Conflict `api_key_already_expired`.
    """
    now = identity.now
    until = None if clear else max(now, _in_utc(expires_at) or now)
    with identity.store.transaction() as tx:
        before = tx.owned_keys.find(key_id)
        if before is None:
            raise NotFound.of("API key", key_id)
        key = tx.owned_keys.expire(key_id, expires_at=until, now=now)
        if key is None:
            raise Conflict("The API key has expired already.", code="api_key_already_expired")
        previous = {"expires_at": before.expires_at}
        _append(tx, identity, "api_key.updated", key, previous_attributes=previous)
    return key


def delete_key(identity: Identity, key_id: str, *, user_id: str | None = None) -> None:
    """It stops working at once. Raises NotFound, with `user_id` for a key that is not theirs, too."""
    with identity.store.transaction() as tx:
        deleted = tx.owned_keys.delete(key_id, user_id=user_id)
        if deleted is None:
            raise NotFound.of("API key", key_id)
        _append(tx, identity, "api_key.revoked", deleted)


def owner_of(key: OwnedKey) -> dict[str, str]:
    """As the API shows it."""
    if key.user_id is None:
        return {"type": "organization", "id": key.organization_id}
    return {"type": "user", "id": key.user_id, "organization_id": key.organization_id}


def _create(
    tx: Transaction,
    identity: Identity,
    owner: Mapping[str, str | None],
    given: Mapping[str, Any],
    allowed: Collection[str],
    *,
    key_id: str | None,
    value: str | None,
) -> tuple[OwnedKey, str]:
    now = identity.now
    value = value or new_value(identity.settings.environment)
    prefix = PREFIXES[identity.settings.environment]
    if not value.startswith(prefix) or not len(prefix) + HINT < len(value) <= MAX_VALUE:
        raise Invalid.field("value", "invalid_value", f"An API key begins with {prefix}.")
    key = tx.owned_keys.create(
        id=key_id or new_id("api_key", now),
        **owner,
        name=_name(given["name"]),
        key_hash=digest(value),
        obfuscated_value=f"{prefix}...{value[-HINT:]}",
        permissions=_checked(given["permissions"], allowed),
        expires_at=_future(given["expires_at"], now),
        created_at=now,
        updated_at=now,
    )
    _append(tx, identity, "api_key.created", key)
    return key, value


def _name(given: str) -> str:
    name = tidy_name("name", given)
    if name is None:
        raise Invalid.field("name", "required", "name must not be empty.")
    return name


def _checked(wanted: Sequence[str], allowed: Collection[str]) -> list[str]:
    if len(wanted) > MAX_PERMISSIONS:
        message = f"At most {MAX_PERMISSIONS} permissions."
        raise Invalid.field("permissions", "too_many_permissions", message)
    for permission in wanted:
        if permission not in allowed:
            message = f"The owner does not have the permission {permission[:100]!r}."
            raise Invalid.field("permissions", "permission_not_available", message)
    return list(dict.fromkeys(wanted))


def _future(given: dt.datetime | None, now: dt.datetime) -> dt.datetime | None:
    given = _in_utc(given)
    if given is not None and given <= now:
        raise Invalid.field("expires_at", "expires_at_in_the_past", "expires_at must be in the future.")
    return given


def _in_utc(given: dt.datetime | None) -> dt.datetime | None:
    """Raises Invalid for the first and last hours of all dates, some of which are none in UTC."""
    try:
        return None if given is None else given.astimezone(dt.UTC)
    except OverflowError:
        message = "expires_at must be a date in UTC, too."
        raise Invalid.field("expires_at", "expires_at_invalid", message) from None


def _permissions_of_organization(tx: Transaction, organization_id: str) -> frozenset[str]:
    """What any of its roles gives: nobody in it can have more."""
    roles = tx.roles.list(organization_id=organization_id)
    return frozenset(permission for role in roles for permission in role.permissions)


def _allowed_now(tx: Transaction, key: OwnedKey) -> Collection[str]:
    if not key.permissions:
        return ()
    if key.user_id is None:
        return _permissions_of_organization(tx, key.organization_id)
    access = find_access(tx, key.user_id, key.organization_id)
    return () if access is None else access.permissions


def _is_suspended(tx: Transaction, key: OwnedKey) -> bool:
    owner = None if key.user_id is None else tx.users.find(key.user_id)
    return owner is not None and owner.suspended_at is not None


def _note_use(identity: Identity, key: OwnedKey) -> None:
    now = identity.now
    since = now - USE_IS_NOTED_EVERY
    if key.last_used_at is None or key.last_used_at <= since:
        with identity.store.transaction() as tx:
            tx.owned_keys.record_use(key.id, now=now, unless_since=since)


def _with_permissions(key: OwnedKey, permissions: list[str]) -> OwnedKey:
    return key if permissions == key.permissions else replace(key, permissions=permissions)


def _append(tx: Transaction, identity: Identity, event: str, key: OwnedKey, **more: Any) -> None:
    data = {
        "object": "api_key",
        "id": key.id,
        "owner": owner_of(key),
        "name": key.name,
        "obfuscated_value": key.obfuscated_value,
        "last_used_at": key.last_used_at,
        "expires_at": key.expires_at,
        "permissions": list(key.permissions),
        "created_at": key.created_at,
        "updated_at": key.updated_at,
        **more,
    }
    append(tx, identity, event, data, organization_id=key.organization_id)
