"""The environment: who this server is to its one app, and where people go from here."""

from typing import Any, Final, cast

from vestibule.errors import ConfigError
from vestibule.server.identity.addresses import check_web_address
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.models import Environment
from vestibule.server.store.transaction import Transaction

ADDRESSES: Final = ("sign_out_redirect", "app_homepage_url", "initiate_login_url")
FIRST_ROLES: Final = (("member", "Member"), ("admin", "Admin"))


def ensure_environment(
    identity: Identity, *, client_id: str | None = None, name: str = "Vestibule"
) -> Environment:
    """Creates it in a new database, with the roles `member` and `admin`. Safe in several processes at once.

    Raises ConfigError when the database belongs to the other kind of environment.
    """
    kind = identity.settings.environment
    with identity.store.transaction() as tx:
        now = identity.now
        created = tx.environment.create(
            kind=kind,
            client_id=client_id or new_id("client", now),
            name=name,
            created_at=now,
            updated_at=now,
        )
        if created:
            _create_first_roles(tx, identity)
        found = tx.environment.find()
    if found is None or found.kind != kind:
        raise ConfigError(
            f"This database is not a {kind} environment: set VESTIBULE_SERVER_ENVIRONMENT to what it was "
            "made for, or name another VESTIBULE_SERVER_DATABASE",
            code="environment_mismatch",
        )
    return found


def _create_first_roles(tx: Transaction, identity: Identity) -> None:
    now = identity.now
    for slug, name in FIRST_ROLES:
        tx.roles.create(
            id=new_id("role", now), slug=slug, name=name, permissions=(), created_at=now, updated_at=now
        )


def get_environment(identity: Identity) -> Environment:
    with identity.store.read() as tx:
        return _existing(tx.environment.find())


def get_client_id(identity: Identity) -> str:
    """Of the environment's one app. It never changes, so it is read once in a while only."""

    def load() -> str:
        return get_environment(identity).client_id

    return cast("str", identity.keyring.remember("client_id", identity.now.timestamp(), load))


def update_environment(identity: Identity, **changes: Any) -> Environment:
    """`name` and the three addresses; None removes an address. Raises Invalid."""
    unknown = changes.keys() - {*ADDRESSES, "name"}
    if unknown:
        raise Invalid.field(min(unknown), "unknown_field", f"An environment has no {min(unknown)}.")
    staging = identity.settings.environment == "staging"
    for field in ADDRESSES:
        if changes.get(field) is not None:
            changes[field] = check_web_address(changes[field], field=field, staging=staging)
    with identity.store.transaction() as tx:
        before = _existing(tx.environment.lock())
        changed = sorted(field for field in changes if getattr(before, field) != changes[field])
        if not changed:
            return before
        after = tx.environment.update(**changes, updated_at=identity.now)
        append(tx, identity, "environment.updated", {**_data(after), "changed": changed})
    identity.keyring.forget()
    return after


def _data(place: Environment) -> dict[str, Any]:
    return {
        "object": "environment",
        "kind": place.kind,
        "client_id": place.client_id,
        "name": place.name,
        "sign_out_redirect": place.sign_out_redirect,
        "app_homepage_url": place.app_homepage_url,
        "initiate_login_url": place.initiate_login_url,
        "updated_at": place.updated_at,
    }


def _existing(found: Environment | None) -> Environment:
    if found is None:
        raise ConfigError("The database is empty: run `vestibule migrate`", code="environment_missing")
    return found
