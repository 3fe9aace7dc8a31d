"""The app, as its own server knows it: registered by its own settings, with a key that nobody has to keep."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

from vestibule.errors import ConfigError
from vestibule.server.identity.api_keys import PREFIXES, ensure_api_key
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import ensure_environment, update_environment
from vestibule.server.identity.errors import IdentityError
from vestibule.server.identity.keys import current_key, ensure_signing_key
from vestibule.server.identity.redirect_uris import ensure_redirect_uri, set_default

KEY_NAME: Final = "The app the server is in"


@dataclass(frozen=True, slots=True)
class Place:
    """Addresses of the app."""

    callback: str
    home: str
    sign_in: str


@dataclass(frozen=True, slots=True)
class Registered:
    client_id: str
    api_key: str = field(repr=False)


def register(identity: Identity, place: Place) -> Registered:
    """In every process at its start. Raises ConfigError."""
    environment = ensure_environment(identity)
    ensure_signing_key(identity)
    current_key(identity)  # another secret than the database was written under ends here
    wanted = {
        "app_homepage_url": place.home,
        "sign_out_redirect": place.home,
        "initiate_login_url": place.sign_in,
    }
    try:
        register_callback(identity, place.callback)
        if any(getattr(environment, name) != address for name, address in wanted.items()):
            update_environment(identity, **wanted)
    except IdentityError as error:
        raise ConfigError(f"The server cannot send anybody to {place.callback}: {error.message}") from None
    key = _own_key(identity)
    ensure_api_key(identity, KEY_NAME, key)
    return Registered(environment.client_id, key)


def register_callback(identity: Identity, uri: str) -> None:
    known = ensure_redirect_uri(identity, uri)
    if not known.is_default:
        set_default(identity, known.id)


def _own_key(identity: Identity) -> str:
    """Made from the secret, so that every process of the app has the same one and none is stored."""
    made = hmac.digest(identity.settings.secret.encode(), b"the key of the app itself", hashlib.sha256)
    text = base64.urlsafe_b64encode(made).rstrip(b"=").decode()
    return PREFIXES[identity.settings.environment] + text
