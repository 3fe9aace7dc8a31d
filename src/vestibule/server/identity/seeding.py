"""Seeds: a known set of people and organizations for development and tests. Seeding again adds nothing."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from vestibule.errors import ConfigError
from vestibule.server.identity.api_keys import create_api_key, find_api_key
from vestibule.server.identity.context import Identity
from vestibule.server.identity.cors_origins import ensure_cors_origin
from vestibule.server.identity.environment import ensure_environment, update_environment
from vestibule.server.identity.errors import Conflict, IdentityError, NotFound
from vestibule.server.identity.keys import ensure_signing_key
from vestibule.server.identity.memberships import create_membership
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.permissions import create_permission, ensure_permissions
from vestibule.server.identity.redirect_uris import ensure_redirect_uri, set_default
from vestibule.server.identity.roles import create_role, get_role, set_permissions
from vestibule.server.identity.users import create_user, find_user_by_email

Entry = dict[str, Any]


def seed(identity: Identity, data: Mapping[str, Any]) -> None:
    """What exists already, by id, address or slug, stays as it is; but roles get the permissions given.

    Raises ConfigError that names the entry which cannot be seeded.
    """
    unknown = sorted(set(data) - {"environment", *SEEDERS})
    if unknown:
        known = ", ".join(["environment", *SEEDERS])
        raise ConfigError(f"The seed has a part {unknown[0]!r}: it may have {known}", code="seed_invalid")
    _apply("environment", _seed_environment, identity, data.get("environment", {}))
    ensure_signing_key(identity)
    for part, seeder in SEEDERS.items():
        for place, entry in enumerate(data.get(part, ())):
            _apply(f"{part}[{place}]", seeder, identity, entry)


def _apply(place: str, seeder: Callable[[Identity, Entry], None], identity: Identity, entry: Any) -> None:
    try:
        seeder(identity, dict(entry))
    except IdentityError as error:
        raise ConfigError(f"The seed's {place}: {error.message}", code="seed_invalid") from None
    except KeyError as error:
        raise ConfigError(f"The seed's {place} lacks {error}", code="seed_invalid") from None
    except (TypeError, ValueError) as error:
        raise ConfigError(f"The seed's {place} cannot be read: {error}", code="seed_invalid") from None


def _seed_environment(identity: Identity, entry: Entry) -> None:
    ensure_environment(identity, client_id=entry.pop("client_id", None))
    if entry:
        update_environment(identity, **entry)


def _seed_api_key(identity: Identity, entry: Entry) -> None:
    if find_api_key(identity, entry["value"]) is None:
        create_api_key(identity, entry.get("name", "Seed"), value=entry["value"])


def _seed_redirect_uri(identity: Identity, entry: Entry) -> None:
    uri = ensure_redirect_uri(identity, entry["uri"])
    if entry.get("default"):
        set_default(identity, uri.id)


def _seed_sign_out_uri(identity: Identity, entry: Entry) -> None:
    ensure_redirect_uri(identity, entry["uri"], kind="sign_out")


def _seed_cors_origin(identity: Identity, entry: Entry) -> None:
    ensure_cors_origin(identity, entry["origin"])


def _seed_permission(identity: Identity, entry: Entry) -> None:
    try:
        create_permission(
            identity,
            permission_id=entry.pop("id", None),
            **entry | {"name": entry.get("name", entry["slug"])},
        )
    except Conflict:
        return


def _seed_role(identity: Identity, entry: Entry) -> None:
    permissions = tuple(entry.pop("permissions", ()))
    ensure_permissions(identity, permissions)
    try:
        create_role(identity, **entry | {"name": entry.get("name", entry["slug"])}, permissions=permissions)
    except Conflict:
        where = {"organization_id": entry.get("organization_id")}
        if get_role(identity, entry["slug"], **where).permissions != tuple(sorted(set(permissions))):
            set_permissions(identity, entry["slug"], permissions=permissions, **where)


def _seed_organization(identity: Identity, entry: Entry) -> None:
    try:
        create_organization(identity, organization_id=entry.pop("id"), **entry)
    except Conflict:
        return


def _seed_user(identity: Identity, entry: Entry) -> None:
    if find_user_by_email(identity, entry["email"]) is None:
        create_user(identity, user_id=entry.pop("id", None), **entry)


def _seed_membership(identity: Identity, entry: Entry) -> None:
    user_id = entry.get("user_id") or _user_id(identity, entry["email"])
    roles = entry.get("roles") or entry.get("role_slugs")
    single = entry.get("role") or entry.get("role_slug")
    try:
        create_membership(
            identity,
            user_id=user_id,
            organization_id=entry["organization_id"],
            roles=roles or ([single] if single else None),
            status=entry.get("status", "active"),
            membership_id=entry.get("id"),
        )
    except Conflict:
        return


def _user_id(identity: Identity, email: str) -> str:
    user = find_user_by_email(identity, email)
    if user is None:
        raise NotFound.of("User", email)
    return user.id


SEEDERS: Final[Mapping[str, Callable[[Identity, Entry], None]]] = {
    "api_keys": _seed_api_key,
    "redirect_uris": _seed_redirect_uri,
    "sign_out_uris": _seed_sign_out_uri,
    "cors_origins": _seed_cors_origin,
    "permissions": _seed_permission,
    "roles": _seed_role,
    "organizations": _seed_organization,
    "users": _seed_user,
    "memberships": _seed_membership,
}
