"""What customers are given: feature flags, and keys to the app's own API."""

from typing import Any

from vestibule.server.identity.context import Identity
from vestibule.server.identity.flags import add_target, create_flag
from vestibule.server.identity.owned_keys import create_organization_key, create_user_key
from vestibule.server.identity.secrets import digest
from vestibule.server.identity.seeds.entries import Entry, SeedInvalid, stable_id
from vestibule.server.identity.seeds.environment import seed_environment_key
from vestibule.server.identity.seeds.references import (
    find_organization,
    find_user,
    the_organization_of,
    user_of,
)


def seed_flag(identity: Identity, entry: Entry) -> None:
    """`targets` are users and organizations, by id, address or name."""
    slug = entry.need("slug")
    if entry.text("type") not in (None, "boolean"):
        raise SeedInvalid(f"{entry.place}.type", "must be boolean: there are no other flags here")
    values: dict[str, Any] = {
        "name": entry.text("name"),
        "description": entry.text("description"),
        "tags": entry.texts("tags"),
        "enabled": entry.flag("enabled"),
        "default_value": entry.flag("default_value"),
        "flag_id": entry.text("id") or stable_id("flag", slug),
    }
    targets = entry.texts("targets")
    with identity.store.read() as tx:
        present = tx.flags.find(slug)
    if present is None:
        create_flag(identity, slug=slug, **values)
    for target in targets:
        add_target(identity, slug, find_organization(identity, target) or find_user(identity, target))


def seed_api_key(identity: Identity, entry: Entry) -> None:
    """Of the environment; or of an organization, or a member of one."""
    user_id = user_of(identity, entry)
    if user_id is None and not entry.has("organization_id", "organization"):
        seed_environment_key(identity, entry)
        return
    organization_id, value = the_organization_of(identity, entry), entry.need("value")
    name = entry.text("name") or "Seed"
    given: dict[str, Any] = {
        "name": name,
        "permissions": entry.texts("permissions"),
        "expires_at": entry.moment("expires_at"),
        "key_id": entry.text("id") or stable_id("api_key", organization_id, user_id, name),
        "value": value,
    }
    with identity.store.read() as tx:
        if tx.owned_keys.find_by_hash(digest(value)) is not None:
            return
        taken = tx.owned_keys.find(given["key_id"]) is not None
    if taken:
        raise SeedInvalid(entry.place, "has the name or id of another API key: give it an id of its own")
    if user_id is None:
        create_organization_key(identity, organization_id, **given)
    else:
        create_user_key(identity, user_id, organization_id=organization_id, **given)
