"""Feature flags: on for everybody, or for some users and organizations. Access tokens say which are on."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Conflict, Invalid, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.identity.profile import tidy_name
from vestibule.server.store.flags import Flag, Kind
from vestibule.server.store.transaction import Transaction

SLUG: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
CHANGEABLE: Final = ("name", "description", "tags", "enabled", "default_value")


def create_flag(
    identity: Identity,
    *,
    slug: str,
    name: str | None = None,
    description: str | None = None,
    tags: Sequence[str] = (),
    enabled: bool = False,
    default_value: bool = False,
    flag_id: str | None = None,
) -> Flag:
    """`default_value` holds for whoever is no target, once it is `enabled`. Raises Invalid, Conflict."""
    if not SLUG.fullmatch(slug):
        text = "slug may have 64 lower-case letters, digits, hyphens and underscores."
        raise Invalid.field("slug", "invalid_slug", text)
    now = identity.now
    values = _tidy({"name": name or slug, "description": description, "tags": tags})
    with identity.store.transaction() as tx:
        created = tx.flags.create(
            id=flag_id or new_id("flag", now),
            slug=slug,
            **values,
            enabled=enabled,
            default_value=default_value,
            created_at=now,
            updated_at=now,
        )
        if not created:
            raise Conflict("There is a feature flag with this slug or id.", code="feature_flag_exists")
        flag = _existing(tx.flags.find(slug), slug)
        _append(tx, identity, "flag.created", flag)
    return flag


def get_flag(identity: Identity, slug: str) -> Flag:
    with identity.store.read() as tx:
        return _existing(tx.flags.find(slug), slug)


def list_flags(identity: Identity, page: Page) -> Slice[Flag]:
    with identity.store.read() as tx:
        return tx.flags.list(page)


def list_flags_of_organization(identity: Identity, page: Page, *, organization_id: str) -> Slice[Flag]:
    """Those that are on for it."""
    with identity.store.read() as tx:
        if tx.organizations.find(organization_id) is None:
            raise NotFound.of("Organization", organization_id)
        return tx.flags.list_of_organization(page, organization_id=organization_id)


def list_flags_of_user(identity: Identity, page: Page, *, user_id: str) -> Slice[Flag]:
    """Those that are on for somebody, by themselves or through an organization."""
    with identity.store.read() as tx:
        if tx.users.find(user_id) is None:
            raise NotFound.of("User", user_id)
        return tx.flags.list_of_user(page, user_id=user_id)


def update_flag(identity: Identity, slug: str, *, changes: Mapping[str, Any]) -> Flag:
    """Tokens follow at the next refresh. Raises NotFound, Invalid."""
    values = _tidy({name: changes[name] for name in CHANGEABLE if name in changes})
    with identity.store.transaction() as tx:
        before = _existing(tx.flags.find(slug), slug)
        flag = _existing(tx.flags.update(slug, **values, updated_at=identity.now), slug)
        previous = {name: getattr(before, name) for name in values if getattr(before, name) != values[name]}
        _append(tx, identity, "flag.updated", flag, previous_attributes={"data": previous})
    return flag


def delete_flag(identity: Identity, slug: str) -> None:
    with identity.store.transaction() as tx:
        deleted = _existing(tx.flags.delete(slug), slug)
        _append(tx, identity, "flag.deleted", deleted)


def add_target(identity: Identity, slug: str, target_id: str) -> None:
    """A user or an organization, for whom the flag is on while it is enabled. Raises NotFound."""
    with identity.store.transaction() as tx:
        flag = _existing(tx.flags.find(slug), slug)
        kind = _kind_of(tx, target_id)
        before = _targets(tx, flag)
        if tx.flags.add_target(flag.id, kind, target_id):
            _append_rule(tx, identity, flag, before)


def remove_target(identity: Identity, slug: str, target_id: str) -> None:
    """Raises NotFound, also for what was no target."""
    with identity.store.transaction() as tx:
        flag = _existing(tx.flags.find(slug), slug)
        before = _targets(tx, flag)
        if not tx.flags.remove_target(flag.id, target_id):
            raise NotFound.of("Feature flag target", target_id)
        _append_rule(tx, identity, flag, before)


def list_targets(
    identity: Identity, slug: str, *, most: int
) -> tuple[Sequence[tuple[str, str]], Sequence[tuple[str, str]]]:
    """Users by id and address, and organizations by id and name; the first of each. Raises NotFound."""
    with identity.store.read() as tx:
        flag = _existing(tx.flags.find(slug), slug)
        users = tx.flags.list_users(flag.id, limit=most)
        organizations = tx.flags.list_organizations(flag.id, limit=most)
    return [each[1:] for each in users], [each[1:] for each in organizations]


def list_rules(identity: Identity) -> dict[str, dict[str, Any]]:
    """Every flag with its targets, by slug: what a client needs to decide by itself."""
    targets: dict[str, dict[str, list[dict[str, Any]]]] = {}
    with identity.store.read() as tx:
        flags = tx.flags.list_all()
        for kind, found in (
            ("users", tx.flags.list_users()),
            ("organizations", tx.flags.list_organizations()),
        ):
            for flag_id, target_id, _ in found:
                of_flag = targets.setdefault(flag_id, {"users": [], "organizations": []})
                of_flag[kind].append({"id": target_id, "enabled": True})
    return {
        flag.slug: {
            "slug": flag.slug,
            "enabled": flag.enabled,
            "default_value": flag.default_value,
            "targets": targets.get(flag.id, {"users": [], "organizations": []}),
        }
        for flag in flags
    }


def _tidy(given: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(given)
    if "name" in values:
        values["name"] = tidy_name("name", values["name"])
        if values["name"] is None:
            raise Invalid.field("name", "required", "name must not be empty.")
    if "description" in values:
        values["description"] = tidy_name("description", values["description"])
    if "tags" in values:
        values["tags"] = list(dict.fromkeys(values["tags"]))
    return values


def _kind_of(tx: Transaction, target_id: str) -> Kind:
    if tx.users.find(target_id) is not None:
        return "user"
    if tx.organizations.find(target_id) is not None:
        return "organization"
    raise NotFound(f"There is no user and no organization '{target_id[:100]}'.")


def _targets(tx: Transaction, flag: Flag) -> dict[str, list[dict[str, str]]]:
    return {
        "organizations": [
            {"id": each, "name": name} for _, each, name in tx.flags.list_organizations(flag.id)
        ],
        "users": [{"id": each, "email": email} for _, each, email in tx.flags.list_users(flag.id)],
    }


def _access_type(flag: Flag, targets: Mapping[str, Sequence[Any]]) -> str:
    if flag.default_value:
        return "all"
    return "some" if any(targets.values()) else "none"


def _append_rule(
    tx: Transaction, identity: Identity, flag: Flag, before: dict[str, list[dict[str, str]]]
) -> None:
    now = _targets(tx, flag)
    _append(
        tx,
        identity,
        "flag.rule_updated",
        flag,
        access_type=_access_type(flag, now),
        configured_targets=now,
        previous_attributes={
            "data": {},
            "context": {"access_type": _access_type(flag, before), "configured_targets": before},
        },
    )


def _append(tx: Transaction, identity: Identity, event: str, flag: Flag, **context: Any) -> None:
    environment = tx.environment.find()
    if environment is None:
        raise NotFound("There is no environment.")
    data = {
        "object": "feature_flag",
        "id": flag.id,
        "environment_id": environment.id,
        "slug": flag.slug,
        "name": flag.name,
        "description": flag.description,
        "owner": None,
        "tags": list(flag.tags),
        "enabled": flag.enabled,
        "default_value": flag.default_value,
        "created_at": flag.created_at,
        "updated_at": flag.updated_at,
    }
    actor = {"id": environment.id, "source": "api", "name": environment.name}
    append(tx, identity, event, data, context={"client_id": environment.client_id, "actor": actor, **context})


def _existing(found: Flag | None, slug: str) -> Flag:
    if found is None:
        raise NotFound.of("Feature flag", slug)
    return found
