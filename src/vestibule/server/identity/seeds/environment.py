"""The environment itself: addresses, keys, roles, what tokens say and who may sign in how."""

from contextlib import suppress
from typing import Any, Literal

from vestibule.server.identity.api_keys import create_api_key
from vestibule.server.identity.branding import update_branding
from vestibule.server.identity.context import Identity
from vestibule.server.identity.cors_origins import ensure_cors_origin
from vestibule.server.identity.environment import (
    ADDRESSES,
    ensure_environment,
    get_environment,
    update_environment,
)
from vestibule.server.identity.errors import Conflict
from vestibule.server.identity.jwt_template import put_jwt_template
from vestibule.server.identity.models import RedirectUri
from vestibule.server.identity.permissions import create_permission, ensure_permissions
from vestibule.server.identity.policies import get_policy, set_policy
from vestibule.server.identity.redirect_uris import ensure_redirect_uri, set_default
from vestibule.server.identity.roles import create_role, get_role, set_permissions
from vestibule.server.identity.secrets import digest
from vestibule.server.identity.seeds.entries import Entry, SeedInvalid, stable_id
from vestibule.server.identity.seeds.references import organization_of


def seed_environment(identity: Identity, entry: Entry) -> None:
    ensure_environment(identity, client_id=entry.text("client_id"))
    changes: dict[str, Any] = {}
    for name in ("name", *ADDRESSES):
        value = entry.text(name)
        if value is not None:
            changes[name] = value
    entry.finish()
    _update(identity, changes)


def _update(identity: Identity, changes: dict[str, Any]) -> None:
    """A change to what it is already would be one more moment at which it was changed."""
    present = get_environment(identity)
    if any(getattr(present, name) != value for name, value in changes.items()):
        update_environment(identity, **changes)


def seed_config(identity: Identity, entry: Entry) -> None:
    """As the seed of WorkOS's own command has it."""
    for uri in entry.texts("redirect_uris"):
        ensure_redirect_uri(identity, uri, uri_id=stable_id("redir", "callback", uri))
    for origin in entry.texts("cors_origins"):
        ensure_cors_origin(identity, origin, origin_id=stable_id("cors_origin", origin))
    homepage = entry.text("homepage_url")
    if homepage is not None:
        _update(identity, {"app_homepage_url": homepage})


def seed_redirect_uri(identity: Identity, entry: Entry) -> None:
    uri = _redirect_uri(identity, entry, "callback")
    if entry.flag("default") and not uri.is_default:
        set_default(identity, uri.id)


def seed_sign_out_uri(identity: Identity, entry: Entry) -> None:
    _redirect_uri(identity, entry, "sign_out")


def _redirect_uri(identity: Identity, entry: Entry, kind: Literal["callback", "sign_out"]) -> RedirectUri:
    uri = entry.need("uri", "name")
    uri_id = entry.text("id") or stable_id("redir", kind, uri)
    return ensure_redirect_uri(identity, uri, kind=kind, uri_id=uri_id)


def seed_cors_origin(identity: Identity, entry: Entry) -> None:
    origin = entry.need("origin", "name")
    ensure_cors_origin(identity, origin, origin_id=entry.text("id") or stable_id("cors_origin", origin))


def seed_jwt_template(identity: Identity, entry: Entry) -> None:
    content = entry.need("content")
    with identity.store.read() as tx:
        present = tx.jwt_templates.find()
    if present is None or present.content != content:
        put_jwt_template(identity, content)


def seed_environment_key(identity: Identity, entry: Entry) -> None:
    value, name = entry.need("value"), entry.text("name") or "Seed"
    key_id = entry.text("id") or stable_id("api_key", name)
    with identity.store.read() as tx:
        present = tx.api_keys.find(digest(value), now=identity.now)
        ids = {each.id for each in tx.api_keys.list()}
    if present is None and key_id in ids:
        raise SeedInvalid(entry.place, "has the name or id of another API key: give it an id of its own")
    if present is None:
        create_api_key(identity, name, value=value, key_id=key_id)


def seed_permission(identity: Identity, entry: Entry) -> None:
    """One that only a role named is made without it too."""
    name = entry.text("name")
    slug = entry.text("slug") or name
    if slug is None:
        raise SeedInvalid(entry.place, "lacks 'slug'")
    description = entry.text("description")
    permission_id = entry.text("id") or stable_id("perm", slug)
    with suppress(Conflict):
        create_permission(
            identity,
            slug=slug,
            name=name or slug,
            description=description,
            permission_id=permission_id,
        )


def seed_role(identity: Identity, entry: Entry) -> None:
    """One that exists gets the permissions given."""
    slug, permissions = entry.need("slug"), entry.texts("permissions")
    where = {"organization_id": organization_of(identity, entry)}
    role_id = entry.text("id") or stable_id("role", where["organization_id"], slug)
    ensure_permissions(identity, permissions)
    try:
        create_role(
            identity,
            slug=slug,
            name=entry.text("name") or slug,
            description=entry.text("description"),
            permissions=permissions,
            role_id=role_id,
            **where,
        )
    except Conflict:
        if get_role(identity, slug, **where).permissions != tuple(sorted(set(permissions))):
            set_permissions(identity, slug, permissions=permissions, **where)


def seed_policy(identity: Identity, entry: Entry) -> None:
    organization_id = organization_of(identity, entry)
    changes: dict[str, Any] = {"methods": list(methods)} if (methods := entry.texts("methods")) else {}
    changes |= entry.rest()
    present = get_policy(identity, organization_id)
    if any(_plain(getattr(present, name, None)) != _plain(value) for name, value in changes.items()):
        set_policy(identity, organization_id, **changes)


def seed_branding(identity: Identity, entry: Entry) -> None:
    """What is as it should be already is left alone by the rule itself."""
    update_branding(identity, **entry.rest())


def _plain(value: Any) -> Any:
    return frozenset(value) if isinstance(value, list | tuple | set) else value
