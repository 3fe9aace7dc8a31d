"""Seeds: a known set of people and organizations for development and tests. Seeding again adds nothing."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import ensure_environment
from vestibule.server.identity.errors import IdentityError
from vestibule.server.identity.keys import ensure_signing_key
from vestibule.server.identity.seeds import customers, environment, organizations, people
from vestibule.server.identity.seeds.entries import Entry, SeedInvalid, listed

Seeder: TypeAlias = Callable[[Identity, Entry], None]

SINGLE: Final[Mapping[str, Seeder]] = {
    "environment": environment.seed_environment,
    "config": environment.seed_config,
    "jwt_template": environment.seed_jwt_template,
    "policy": environment.seed_policy,
    "branding": environment.seed_branding,
}
# In this order, whatever the order in the file: each may name what comes before it.
SEVERAL: Final[Mapping[str, Seeder]] = {
    "redirect_uris": environment.seed_redirect_uri,
    "sign_out_uris": environment.seed_sign_out_uri,
    "cors_origins": environment.seed_cors_origin,
    "permissions": environment.seed_permission,
    "organizations": organizations.seed_organization,
    "roles": environment.seed_role,
    "users": people.seed_user,
    "memberships": people.seed_membership,
    "groups": people.seed_group,
    "invitations": people.seed_invitation,
    "feature_flags": customers.seed_flag,
    "api_keys": customers.seed_api_key,
    "policies": environment.seed_policy,
    "webhook_endpoints": organizations.seed_webhook_endpoint,
}
ALSO_CALLED: Final = {"featureFlags": "feature_flags"}


def seed(identity: Identity, data: Mapping[str, Any]) -> None:
    """What exists already, by id, address or slug, stays as it is; but roles get the permissions given.

    Raises ConfigError (SeedInvalid) that names the entry which cannot be seeded.
    """
    parts = {ALSO_CALLED.get(name, name): value for name, value in data.items()}
    for name in parts:
        if name not in SINGLE and name not in SEVERAL:
            known = ", ".join([*SINGLE, *SEVERAL])
            raise SeedInvalid(repr(name), f"is not a part of a seed: there may be {known}")
    ensure_environment_of(identity, parts)
    for place, seeder, given in _entries(parts):
        _apply(identity, seeder, place, given)


def ensure_environment_of(identity: Identity, parts: Mapping[str, Any]) -> None:
    """First of all, and with the client ID that the seed gives a new one."""
    _apply(identity, environment.seed_environment, "environment", parts.get("environment") or {})
    ensure_environment(identity)
    ensure_signing_key(identity)


def _entries(parts: Mapping[str, Any]) -> Iterator[tuple[str, Seeder, Any]]:
    for name, seeder in SINGLE.items():
        given = parts.get(name)
        if given is not None and name != "environment":
            yield name, seeder, {"content": given} if isinstance(given, str) else given
    for name, seeder in SEVERAL.items():
        for number, given in enumerate(listed(name, parts.get(name))):
            yield f"{name}[{number}]", seeder, {"name": given} if isinstance(given, str) else given


def _apply(identity: Identity, seeder: Seeder, place: str, given: Any) -> None:
    entry = Entry(place, given)
    try:
        seeder(identity, entry)
        entry.finish()
    except IdentityError as error:
        details = [each.get("message", "") for each in getattr(error, "errors", ())]
        raise SeedInvalid(
            place, f"cannot be: {' '.join(filter(None, [*details] or [error.message]))}"
        ) from None
    except (TypeError, ValueError) as error:
        raise SeedInvalid(place, f"cannot be read: {error}") from None
