"""People and organizations of another system, taken as they come: each row by itself, and twice does no harm.

What is here already, by id, external id or address, stays as it is; what it lacks is added: a password hash,
accounts at other providers, memberships.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Final, TypeAlias

from vestibule.server.identity.context import Identity
from vestibule.server.identity.emails import lookup_key
from vestibule.server.identity.errors import Conflict, Invalid, NotFound
from vestibule.server.identity.imported_hashes import import_hash
from vestibule.server.identity.memberships import create_membership
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.people import User
from vestibule.server.identity.permissions import ensure_permissions
from vestibule.server.identity.roles import create_role
from vestibule.server.identity.users import create_user
from vestibule.server.store.transaction import Transaction

MAX_KEY: Final = 320
ID: Final = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)


KINDS_BY_BEGINNING: Final = {
    "$2": "bcrypt",
    "$argon2": "argon2",
    "$pbkdf2-": "pbkdf2",
    "$scrypt$": "scrypt",
    "$firebase-scrypt$": "firebase-scrypt",
    "pbkdf2_": "pbkdf2",
    "bcrypt": "bcrypt",
    "argon2": "argon2",
    "scrypt$": "scrypt",
    "{SSHA256}": "ssha256",
    "{SSHA}": "ssha",
}


def hash_kind(text: str) -> str | None:
    """What a hash says of itself, in the words of `password_hash_type`."""
    return next((kind for start, kind in KINDS_BY_BEGINNING.items() if text.startswith(start)), None)


class Taken(StrEnum):
    """What became of a row that was not refused."""

    CREATED = "created"
    COMPLETED = "completed"
    PRESENT = "present"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingOrganization:
    name: str
    id: str | None = None
    external_id: str | None = None
    metadata: Mapping[str, str | None] = field(default_factory=dict)
    domains: tuple[tuple[str, str], ...] = ()
    """Each with its state, `pending` or `verified`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingRole:
    """Of the environment; one that exists gets no other permissions."""

    slug: str
    name: str
    description: str | None = None
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingMembership:
    """`user` and `organization` are ids, external ids, or an address."""

    user: str
    organization: str
    roles: tuple[str, ...] = ()
    status: str = "active"
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingHash:
    kind: str
    text: str = field(repr=False)
    salt_position: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingUser:
    """`identities` are pairs of provider and the person's id there. `member_of` names an organization that is
    made when there is none."""

    email: str
    id: str | None = None
    external_id: str | None = None
    email_verified: bool = False
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    locale: str | None = None
    metadata: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    password_hash: IncomingHash | None = None
    identities: tuple[tuple[str, str], ...] = ()
    member_of: IncomingOrganization | None = None
    roles: tuple[str, ...] = ()


Incoming: TypeAlias = IncomingUser | IncomingOrganization | IncomingMembership | IncomingRole


def take(identity: Identity, row: Incoming) -> Taken:
    """Raises IdentityError for a row that cannot be taken."""
    _check_types(row)
    _check_keys(row)
    if isinstance(row, IncomingUser):
        return _take_user(identity, row)
    if isinstance(row, IncomingOrganization):
        return _take_organization(identity, row)[1]
    if isinstance(row, IncomingRole):
        return _take_role(identity, row)
    return _take_membership(identity, row)


def _check_types(row: Incoming | IncomingHash) -> None:
    """A file may hold anything, and one row of it must not keep the others from coming."""
    for each in fields(row):
        value = getattr(row, each.name)
        if isinstance(value, IncomingHash | IncomingOrganization):
            _check_types(value)
        optional = each.type == str | None
        if (each.type is str or optional) and not (isinstance(value, str) or (optional and value is None)):
            raise Invalid.field(each.name, f"{each.name}_invalid", f"{each.name} is not text.")
        if isinstance(value, tuple) and not all(_is_key(text) for item in value for text in _texts(item)):
            message = f"In {each.name} is something empty, too long or not printable."
            raise Invalid.field(each.name, f"{each.name}_invalid", message)


def _texts(item: object) -> tuple[object, ...]:
    return item if isinstance(item, tuple) else (item,)


def _is_key(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_KEY and value.isprintable()


def _check_keys(row: Incoming) -> None:
    """What is looked for before anything else checks it."""
    names = ("id", "external_id", "user", "organization")
    given = {name: value for name in names if isinstance(value := getattr(row, name, None), str)}
    for name, value in given.items():
        if not _is_key(value):
            raise Invalid.field(name, f"{name}_invalid", f"{name} is empty, too long or not printable.")
    identifier = given.get("id")
    if identifier is not None and ID.fullmatch(identifier) is None:
        raise Invalid.field("id", "id_invalid", "An id is of letters, digits, - and _.")


def _take_user(identity: Identity, row: IncomingUser) -> Taken:
    present = _find_user(identity, row)
    if present is None:
        done, user = Taken.CREATED, _create_user(identity, row)
    else:
        done, user = _complete_user(identity, present, row), present
    added = _link(identity, user, row)
    if row.member_of is not None:
        organization_id, _ = _take_organization(identity, row.member_of)
        joined = _join(identity, user.id, organization_id, row.roles)
        added = added or joined is Taken.CREATED
    return Taken.COMPLETED if added and done is Taken.PRESENT else done


def _find_user(identity: Identity, row: IncomingUser) -> User | None:
    """Raises Invalid when id, external id and address are those of different people."""
    key = lookup_key(row.email)
    with identity.store.read() as tx:
        found = {
            user.id: user
            for user in (
                tx.users.find(row.id) if row.id else None,
                tx.users.find_by_external_id(row.external_id) if row.external_id else None,
                tx.users.find_by_email_key(key) if key else None,
            )
            if user is not None
        }
    if len(found) > 1:
        message = "The address, id and external id of this row are those of different people here."
        raise Invalid(message, code="import_ambiguous")
    return next(iter(found.values()), None)


def _create_user(identity: Identity, row: IncomingUser) -> User:
    hashed = row.password_hash
    return create_user(
        identity,
        user_id=row.id,
        email=row.email,
        external_id=row.external_id,
        email_verified=row.email_verified,
        first_name=row.first_name,
        last_name=row.last_name,
        name=row.name,
        locale=row.locale,
        metadata=row.metadata or None,
        password_hash=None if hashed is None else hashed.text,
        password_hash_type=None if hashed is None else hashed.kind,
        password_salt_position=None if hashed is None else hashed.salt_position,
    )


def _complete_user(identity: Identity, user: User, row: IncomingUser) -> Taken:
    if row.password_hash is None:
        return Taken.PRESENT
    given = row.password_hash
    stored = import_hash(given.text, given.kind, salt_position=given.salt_position)
    with identity.store.transaction() as tx:
        if not tx.passwords.add(user.id, hash=stored, now=identity.now):
            return Taken.PRESENT
    return Taken.COMPLETED


def _link(identity: Identity, user: User, row: IncomingUser) -> bool:
    added = False
    if row.identities:
        with identity.store.transaction() as tx:
            for provider, idp_id in row.identities:
                made = tx.identities.create(
                    provider=provider, idp_id=idp_id, user_id=user.id, now=identity.now
                )
                added = added or made
    return added


def _take_organization(identity: Identity, row: IncomingOrganization) -> tuple[str, Taken]:
    with identity.store.read() as tx:
        present = _find_organization(tx, row.id) or _find_organization(tx, row.external_id)
    if present is not None:
        return present, Taken.PRESENT
    made = create_organization(
        identity,
        name=row.name,
        external_id=row.external_id,
        metadata=row.metadata or None,
        domain_data=[{"domain": domain, "state": state} for domain, state in row.domains],
        organization_id=row.id,
    )
    return made.id, Taken.CREATED


def _take_role(identity: Identity, row: IncomingRole) -> Taken:
    ensure_permissions(identity, row.permissions)
    try:
        create_role(
            identity,
            slug=row.slug,
            name=row.name,
            description=row.description,
            permissions=row.permissions,
        )
    except Conflict:
        return Taken.PRESENT
    return Taken.CREATED


def _take_membership(identity: Identity, row: IncomingMembership) -> Taken:
    with identity.store.read() as tx:
        user = (
            tx.users.find(row.user)
            or tx.users.find_by_external_id(row.user)
            or tx.users.find_by_email_key(lookup_key(row.user) or "")
        )
        organization_id = _find_organization(tx, row.organization)
    if user is None:
        raise NotFound.of("User", row.user)
    if organization_id is None:
        raise NotFound.of("Organization", row.organization)
    return _join(identity, user.id, organization_id, row.roles, status=row.status, membership_id=row.id)


def _join(
    identity: Identity,
    user_id: str,
    organization_id: str,
    roles: tuple[str, ...],
    *,
    status: str = "active",
    membership_id: str | None = None,
) -> Taken:
    try:
        create_membership(
            identity,
            user_id=user_id,
            organization_id=organization_id,
            roles=roles or None,
            status=status,
            membership_id=membership_id,
        )
    except Conflict:
        return Taken.PRESENT
    return Taken.CREATED


def _find_organization(tx: Transaction, given: str | None) -> str | None:
    found = (tx.organizations.find(given) or tx.organizations.find_by_external_id(given)) if given else None
    return None if found is None else found.id
