"""Where sign-ins and sign-outs may lead: registered addresses, and nothing that merely resembles one."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from vestibule.server.identity.addresses import check_registrable, origin_of, parse_address
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import get_environment
from vestibule.server.identity.errors import Conflict, Invalid, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.models import Environment, RedirectUri
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.identity.responding import add_query
from vestibule.server.languages import mark
from vestibule.server.store.redirect_uris import Kind

BARE_PATH: Final = re.compile(r"/(?![/\\])[!-\[\]-~]*", re.ASCII)  # printable ASCII but the backslash
MAX_PATH: Final = 2_000


def create_redirect_uri(
    identity: Identity,
    uri: str,
    *,
    kind: Kind = "callback",
    default: bool = False,
    uri_id: str | None = None,
) -> RedirectUri:
    """The first of its kind becomes the default. Raises Invalid, Conflict."""
    check_registrable(uri, field="uri", staging=identity.settings.environment == "staging")
    now = identity.now
    uri_id = uri_id or new_id("redir", now)
    with identity.store.transaction() as tx:
        tx.environment.lock()  # one default, whoever else registers at the same moment
        first = not any(known.kind == kind for known in tx.redirect_uris.all())
        created = tx.redirect_uris.create(
            id=uri_id, kind=kind, uri=uri, is_default=False, created_at=now, updated_at=now
        )
        if not created:
            raise Conflict("This redirect URI is registered already.", code="duplicate_redirect_uri")
        if first or default:
            tx.redirect_uris.set_default(kind, uri_id, now=now)
        found = _existing(tx.redirect_uris.find(uri_id), uri_id)
        append(tx, identity, "redirect_uri.created", _data(found))
    identity.keyring.forget()
    return found


def ensure_redirect_uri(
    identity: Identity, uri: str, *, kind: Kind = "callback", uri_id: str | None = None
) -> RedirectUri:
    """Registers it unless it is registered."""
    try:
        return create_redirect_uri(identity, uri, kind=kind, uri_id=uri_id)
    except Conflict:
        with identity.store.read() as tx:
            return _existing(tx.redirect_uris.find_uri(kind, uri), uri)


def list_redirect_uris(identity: Identity, page: Page, *, kind: Kind = "callback") -> Slice[RedirectUri]:
    with identity.store.read() as tx:
        return tx.redirect_uris.list(page, kind=kind)


def set_default(identity: Identity, uri_id: str) -> RedirectUri:
    with identity.store.transaction() as tx:
        tx.environment.lock()
        found = _existing(tx.redirect_uris.find(uri_id), uri_id)
        if found.is_default:
            return found
        tx.redirect_uris.set_default(
            "sign_out" if found.kind == "sign_out" else "callback", uri_id, now=identity.now
        )
        changed = _existing(tx.redirect_uris.find(uri_id), uri_id)
        append(tx, identity, "redirect_uri.updated", _data(changed))
        return changed


def delete_redirect_uri(identity: Identity, uri_id: str, *, kind: Kind = "callback") -> None:
    """The default is replaced before it can be deleted, unless it is the last of its kind. Nothing but a
    sign-in needs a default."""
    with identity.store.transaction() as tx:
        tx.environment.lock()
        same = [known for known in tx.redirect_uris.all() if known.kind == kind]
        found = _existing(next((known for known in same if known.id == uri_id), None), uri_id)
        if found.is_default and len(same) > 1 and kind == "callback":
            raise Conflict("Make another redirect URI the default first.", code="default_redirect_uri")
        tx.redirect_uris.delete(uri_id)
        append(tx, identity, "redirect_uri.deleted", _data(found))
    identity.keyring.forget()


def check_redirect_uri(identity: Identity, uri: str, registered: Iterable[str] | None = None) -> str:
    """The address itself when it is registered, with the environment or as one of `registered`. Raises
    Invalid otherwise: nobody may be sent there."""
    if registered is None:
        with identity.store.read() as tx:
            registered = [known.uri for known in tx.redirect_uris.all() if known.kind == "callback"]
    if not is_registered(uri, registered):
        raise Invalid.field(
            "redirect_uri",
            "invalid_redirect_uri",
            mark(
                "This redirect URI is not registered: add it, exactly as the app sends it, "
                "to the redirect URIs."
            ),
        )
    return uri


def is_registered(uri: str, registered: Iterable[str]) -> bool:
    """Equal to a registered one; or one on a loopback but for the port; or what a wildcard stands for."""
    asked = parse_address(uri)
    if asked is None or asked.is_wildcard:
        return False
    known = (parse_address(text) for text in registered)
    return any(address is not None and address.is_reached_by(asked) for address in known)


def redirect_origins(identity: Identity) -> Sequence[str]:
    """The origins hosted pages may lead back to, for their `form-action`: those of redirect URIs, loopback
    ones with any port, and that of the page where the app begins a sign-in."""
    with identity.store.read() as tx:
        uris = [known.uri for known in tx.redirect_uris.all()]
        place = tx.environment.find()
    origins = set()
    if place is not None and (begins := origin_of(place.initiate_login_url or "")) is not None:
        origins.add(begins)
    for uri in uris:
        address = parse_address(uri)
        if address is not None:
            origins.add(f"{address.scheme}://{address.host}:*" if address.is_loopback else address.origin)
    return sorted(origins)


def origins_of_uri(uri: str) -> Sequence[str]:
    """Of the one address that this sign-in leads back to, for the same."""
    origin = origin_of(uri)
    return [] if origin is None else [origin]


def sign_out_target(identity: Identity, return_to: str | None) -> str | None:
    """A registered `return_to`, else the sign-out redirect, else the homepage. None: the page that says
    which setting is missing. A bare path counts as a place in the app."""
    environment = get_environment(identity)
    with identity.store.read() as tx:
        known = tx.redirect_uris.all()
    places = [uri.uri for uri in known if uri.kind == "sign_out"]
    fallback = environment.sign_out_redirect or environment.app_homepage_url
    if return_to and len(return_to) <= MAX_PATH and BARE_PATH.fullmatch(return_to):
        origin = _app_origin(environment, known)
        return fallback if origin is None else origin + return_to
    if return_to and identity.settings.path and origin_of(return_to) == identity.settings.origin:
        return return_to  # embedded, the app's pages have the origin of the server's
    own = [place for place in (environment.sign_out_redirect, environment.app_homepage_url) if place]
    if return_to and is_registered(return_to, [*places, *own]):
        return return_to
    return fallback


def with_state(target: str, state: str, *, asked_for: str | None) -> str:
    """OpenID Connect RP-Initiated Logout §3: the state goes back to the address that was asked for."""
    return add_query(target, {"state": state}) if state and target == asked_for else target


def _app_origin(environment: Environment, known: Sequence[RedirectUri]) -> str | None:
    default = next((uri.uri for uri in known if uri.kind == "callback" and uri.is_default), None)
    for place in (environment.sign_out_redirect, environment.app_homepage_url, default):
        origin = origin_of(place) if place else None
        if origin is not None:
            return origin
    return None


def _data(uri: RedirectUri) -> dict[str, Any]:
    return {
        "object": "redirect_uri",
        "id": uri.id,
        "kind": uri.kind,
        "uri": uri.uri,
        "default": uri.is_default,
        "created_at": uri.created_at,
        "updated_at": uri.updated_at,
    }


def _existing(found: RedirectUri | None, uri_id: str) -> RedirectUri:
    if found is None:
        raise NotFound.of("Redirect URI", uri_id)
    return found
