"""The origins whose pages may read answers of this server: those that are registered, and no others."""

from collections.abc import Collection
from typing import Any, Final, cast

from vestibule.server.identity.addresses import Address, parse_address
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Conflict, Invalid, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.models import CorsOrigin
from vestibule.server.identity.paging import Page, Slice

REMEMBERED: Final = "cors_origins"
DEFAULT_PORTS: Final = {"http": "80", "https": "443"}


def create_cors_origin(identity: Identity, origin: str, *, origin_id: str | None = None) -> CorsOrigin:
    """Raises Invalid unless it is spelled as browsers send it; Conflict when it is registered already."""
    _check(identity, origin)
    now = identity.now
    created = CorsOrigin(
        id=origin_id or new_id("cors_origin", now), origin=origin, created_at=now, updated_at=now
    )
    with identity.store.transaction() as tx:
        if not tx.cors_origins.create(id=created.id, origin=origin, created_at=now, updated_at=now):
            raise Conflict("This origin is registered already.", code="duplicate_cors_origin")
        append(tx, identity, "cors_origin.created", _data(created))
    identity.keyring.forget()
    return created


def ensure_cors_origin(identity: Identity, origin: str, *, origin_id: str | None = None) -> None:
    """Registers it unless it is registered. Raises Invalid."""
    try:
        create_cors_origin(identity, origin, origin_id=origin_id)
    except Conflict:
        return


def list_cors_origins(identity: Identity, page: Page) -> Slice[CorsOrigin]:
    with identity.store.read() as tx:
        return tx.cors_origins.list(page)


def delete_cors_origin(identity: Identity, origin_id: str) -> None:
    with identity.store.transaction() as tx:
        origin = tx.cors_origins.delete(origin_id)
        if origin is None:
            raise NotFound.of("CORS origin", origin_id)
        append(tx, identity, "cors_origin.deleted", _data(origin))
    identity.keyring.forget()


def _data(origin: CorsOrigin) -> dict[str, Any]:
    return {
        "object": "cors_origin",
        "id": origin.id,
        "origin": origin.origin,
        "created_at": origin.created_at,
        "updated_at": origin.updated_at,
    }


def is_allowed_origin(identity: Identity, origin: str) -> bool:
    """Exactly a registered one. In staging, the port of a loopback origin does not matter, and the loopback
    addresses that sign-ins lead back to count as well: development servers choose their ports at will."""
    registered = registered_origins(identity)
    if origin in registered:
        return True
    asked = _parse(origin)
    if asked is None or identity.settings.environment != "staging" or not asked.is_loopback:
        return False
    known = (parse_address(each) for each in (*registered, *_callback_origins(identity)))
    return any((each.scheme, each.host) == (asked.scheme, asked.host) for each in known if each is not None)


def registered_origins(identity: Identity) -> Collection[str]:
    """Another process learns of a change within seconds."""

    def load() -> frozenset[str]:
        with identity.store.read() as tx:
            return frozenset(tx.cors_origins.all())

    found = identity.keyring.remember(REMEMBERED, identity.now.timestamp(), load)
    return cast("frozenset[str]", found)


def _callback_origins(identity: Identity) -> Collection[str]:
    def load() -> frozenset[str]:
        with identity.store.read() as tx:
            uris = [known.uri for known in tx.redirect_uris.all() if known.kind == "callback"]
        return frozenset(address.origin for uri in uris if (address := parse_address(uri)) is not None)

    found = identity.keyring.remember("callback_origins", identity.now.timestamp(), load)
    return cast("frozenset[str]", found)


def _check(identity: Identity, origin: str) -> None:
    address = _parse(origin)
    if address is None:
        raise _refused(
            "Write the origin as browsers send it, without a final slash: https://app.example.com."
        )
    if address.port == DEFAULT_PORTS[address.scheme]:
        raise _refused("Leave out the port: browsers do not name it when it is the usual one.")
    staging = identity.settings.environment == "staging"
    if address.scheme != "https" and not staging and not address.is_loopback:
        raise _refused("An origin must be https in production; http is for loopback only.")


def _parse(text: str) -> Address | None:
    address = parse_address(text)
    if address is None or address.is_wildcard or address.origin != text:
        return None
    return address


def _refused(message: str) -> Invalid:
    return Invalid.field("origin", "invalid_origin", message)
