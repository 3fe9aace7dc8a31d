"""Users: making, finding, changing and deleting them, each change with its event."""

from collections.abc import Mapping
from typing import Any, Final

from vestibule.server.identity import events, hashing
from vestibule.server.identity.context import Identity
from vestibule.server.identity.emails import EmailAddress, lookup_key, parse_email
from vestibule.server.identity.errors import Invalid, NotFound
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.imported_hashes import import_hash
from vestibule.server.identity.new_passwords import check_password
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.identity.people import ProviderIdentity, User, user_data
from vestibule.server.identity.profile import merge_metadata, tidy_external_id, tidy_locale, tidy_name
from vestibule.server.identity.sessions import revoke_all
from vestibule.server.languages import find_language
from vestibule.server.store.transaction import Transaction
from vestibule.server.store.users import Taken

NAMES: Final = ("first_name", "last_name", "name")
SECRETS: Final = ("password", "password_hash", "password_hash_type", "password_salt_position")
CHANGEABLE: Final = frozenset(
    {*NAMES, *SECRETS, "email", "email_verified", "metadata", "external_id", "locale"}
)


def create_user(
    identity: Identity,
    *,
    email: str,
    password: str | None = None,
    password_hash: str | None = None,
    password_hash_type: str | None = None,
    password_salt_position: str | None = None,
    email_verified: bool = False,
    first_name: str | None = None,
    last_name: str | None = None,
    name: str | None = None,
    external_id: str | None = None,
    metadata: Mapping[str, str | None] | None = None,
    locale: str | None = None,
    user_id: str | None = None,
) -> User:
    """Raises Invalid: for a field, `password_strength_error`, `invalid_password_hash`, or
    `user_creation_error` when the address or the external id belongs to somebody."""
    address = _address(email)
    profile = {
        "first_name": tidy_name("first_name", first_name),
        "last_name": tidy_name("last_name", last_name),
        "name": tidy_name("name", name),
        "external_id": tidy_external_id(external_id),
        "metadata": merge_metadata({}, metadata),
        "locale": tidy_locale(locale),
        "email_verified": email_verified,
    }
    given = (password, password_hash, password_hash_type, password_salt_position)
    hashed = _hash_of(identity, address.address, dict(zip(SECRETS, given, strict=True)))
    try:
        with identity.store.transaction() as tx:
            return add_user(tx, identity, address=address, password_hash=hashed, user_id=user_id, **profile)
    except Taken as error:
        raise _taken(error, code="user_creation_error") from None


def add_user(
    tx: Transaction,
    identity: Identity,
    *,
    address: EmailAddress,
    password_hash: str | None = None,
    user_id: str | None = None,
    **profile: Any,
) -> User:
    """Inside a transaction, from values that were checked. Raises Taken."""
    now = identity.now
    user = tx.users.create(
        id=user_id or new_id("user", now),
        email=address.address,
        email_key=address.key,
        created_at=now,
        updated_at=now,
        **{"metadata": {}, "locale": _spoken(identity), **profile},
    )
    if password_hash is not None:
        tx.passwords.set(user.id, hash=password_hash, now=now)
    events.append(tx, identity, "user.created", user_data(user))
    return user


def _spoken(identity: Identity) -> str | None:
    """Who makes an account on a page of another language than the environment's is written to in that."""
    language = identity.language
    if language is None or language == find_language(identity.settings.locale):
        return None
    return language.tag


def find_user(identity: Identity, user_id: str) -> User | None:
    with identity.store.read() as tx:
        return tx.users.find(user_id)


def get_user(identity: Identity, user_id: str) -> User:
    user = find_user(identity, user_id)
    if user is None:
        raise NotFound.of("User", user_id)
    return user


def get_user_by_external_id(identity: Identity, external_id: str) -> User:
    with identity.store.read() as tx:
        user = tx.users.find_by_external_id(external_id) if external_id.isprintable() else None
    if user is None:
        raise NotFound.of("User", external_id)
    return user


def find_user_by_email(identity: Identity, email: str) -> User | None:
    key = lookup_key(email)
    if key is None:
        return None
    with identity.store.read() as tx:
        return tx.users.find_by_email_key(key)


def list_users(
    identity: Identity, page: Page, *, email: str | None = None, organization_id: str | None = None
) -> Slice[User]:
    key = None if email is None else lookup_key(email)
    if email is not None and key is None:
        return Slice((), None, None)
    with identity.store.read() as tx:
        return tx.users.list(page, email_key=key, organization_id=organization_id)


def list_identities(identity: Identity, user_id: str) -> list[ProviderIdentity]:
    with identity.store.read() as tx:
        if tx.users.find(user_id) is None:
            raise NotFound.of("User", user_id)
        return tx.identities.list(user_id)


def update_user(identity: Identity, user_id: str, *, changes: Mapping[str, Any]) -> User:
    """`changes` holds only what is to change. Metadata is merged, null removes. A new address is unverified
    unless `email_verified` says otherwise; a new password ends every session.

    Raises NotFound, and Invalid with the codes of `create_user`, `email_not_available`,
    `external_id_already_used` or `invalid_email`.
    """
    user = get_user(identity, user_id)
    values, address = _checked(changes)
    email = user.email if address is None else address.address
    hashed = _hash_of(identity, email, {key: changes.get(key) for key in SECRETS})
    try:
        with identity.store.transaction() as tx:
            current = tx.users.lock(user_id)
            if current is None:
                raise NotFound.of("User", user_id)
            if "metadata" in changes:
                values["metadata"] = merge_metadata(current.metadata, changes["metadata"])
            return _apply(tx, identity, current, values, address=address, hashed=hashed)
    except Taken as error:
        code = "email_not_available" if error.column == "email_key" else "external_id_already_used"
        raise _taken(error, code=code) from None


def _checked(changes: Mapping[str, Any]) -> tuple[dict[str, Any], EmailAddress | None]:
    unknown = sorted(set(changes) - CHANGEABLE)
    if unknown:
        raise Invalid.field(unknown[0], "unknown_field", f"{unknown[0]} cannot be changed.")
    values: dict[str, Any] = {field: tidy_name(field, changes[field]) for field in NAMES if field in changes}
    if "external_id" in changes:
        values["external_id"] = tidy_external_id(changes["external_id"])
    if "locale" in changes:
        values["locale"] = tidy_locale(changes["locale"])
    if changes.get("email_verified") is not None:
        values["email_verified"] = bool(changes["email_verified"])
    given = changes.get("email")
    return values, None if given is None else _address(given, code="invalid_email")


def _apply(
    tx: Transaction,
    identity: Identity,
    current: User,
    values: dict[str, Any],
    *,
    address: EmailAddress | None,
    hashed: str | None,
) -> User:
    now = identity.now
    if address is not None and address.address != current.email:
        values = {"email_verified": False, **values, "email": address.address, "email_key": address.key}
        # Codes and links that went to the old address prove nothing about the new one (RS-1).
        for sent in (tx.verifications, tx.magic_codes, tx.email_changes, tx.resets):
            sent.expire_all(current.id, now=now)
    if hashed is not None:
        tx.passwords.set(current.id, hash=hashed, now=now)
        tx.resets.expire_all(current.id, now=now)
        revoke_all(tx, identity, current.id)
    user = tx.users.update(current.id, **values, updated_at=now)
    if user is None:
        raise NotFound.of("User", current.id)
    before, after = user_data(current), user_data(user)
    previous = {key: before[key] for key in before if before[key] != after[key] and key != "updated_at"}
    events.append(tx, identity, "user.updated", after, context={"previous_attributes": previous})
    return user


def record_sign_in(tx: Transaction, identity: Identity, user_id: str) -> User:
    """Whoever signs in needs no link to get in: those that are still out end (RS-1)."""
    user = tx.users.record_sign_in(user_id, now=identity.now)
    if user is None:
        raise NotFound.of("User", user_id)
    tx.resets.expire_all(user_id, now=identity.now)
    return user


def delete_user(identity: Identity, user_id: str) -> None:
    """Takes their sessions, codes, memberships and mail addresses along; events stay."""
    with identity.store.transaction() as tx:
        if tx.users.lock(user_id) is None:
            raise NotFound.of("User", user_id)
        revoke_all(tx, identity, user_id)
        deleted = tx.users.delete(user_id)
        if deleted is not None:
            events.append(tx, identity, "user.deleted", user_data(deleted))


def _hash_of(identity: Identity, email: str, given: Mapping[str, Any]) -> str | None:
    """The hash to keep for a password, or for one that was hashed elsewhere."""
    password, hashed, kind, salt_position = (given[key] for key in SECRETS)
    if password is not None:
        for key in SECRETS[1:3]:
            if given[key] is not None:
                raise Invalid(f"Give password or {key}, not both.", code=f"password_and_{key}_provided")
    if salt_position is not None and hashed is None:
        code = "password_salt_position_requires_password_hash"
        raise Invalid("password_salt_position is for a password_hash.", code=code)
    if password is not None:
        check_password(identity, password, email=email)
        return hashing.hash_password(password)
    if hashed is None and kind is None:
        return None
    if not isinstance(hashed, str) or not isinstance(kind, str):
        raise Invalid("password_hash and password_hash_type go together.", code="invalid_password_hash")
    return import_hash(hashed, kind, salt_position=salt_position)


def _address(given: Any, *, code: str = Invalid.default_code) -> EmailAddress:
    try:
        if not isinstance(given, str):
            raise ValueError("email must be a string.")
        return parse_email(given)
    except ValueError as error:
        errors = [{"field": "email", "code": "invalid_email", "message": str(error)}]
        raise Invalid(str(error), code=code, errors=errors) from None


def _taken(error: Taken, *, code: str) -> Invalid:
    if error.column == "email_key":
        problem = {"field": "email", "code": "email_not_available", "message": "This email is not available."}
    elif error.column == "external_id":
        message = "Another user has this external id."
        problem = {"field": "external_id", "code": "external_id_already_used", "message": message}
    else:
        problem = {"field": "id", "code": "id_already_used", "message": "Another user has this id."}
    return Invalid(problem["message"], code=code, errors=[problem])
