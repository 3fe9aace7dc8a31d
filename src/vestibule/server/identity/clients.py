"""The app at the token endpoint: who it says it is, and the proof it brings."""

from dataclasses import dataclass, field

from vestibule.server.identity.api_keys import find_api_key
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import get_client_id
from vestibule.server.identity.errors import OAuthDenied


@dataclass(frozen=True, slots=True)
class Client:
    """`confidential`: it proved that it knows the secret. A public client has nothing but its verifiers."""

    client_id: str
    confidential: bool = field(default=False)


def authenticate_client(
    identity: Identity, client_id: str | None, client_secret: str | None = None
) -> Client:
    """The secret is an API key. A wrong one is refused even where none was needed. Raises OAuthDenied."""
    if client_id != get_client_id(identity):
        raise OAuthDenied("This client_id is not the one of this environment.", code="invalid_client")
    if not client_secret:
        return Client(client_id)
    if find_api_key(identity, client_secret) is None:
        raise OAuthDenied("The client secret is not a valid API key.", code="invalid_client")
    return Client(client_id, confidential=True)


def authenticate_confidential(identity: Identity, client_id: str | None, client_secret: str | None) -> Client:
    """For grants that only an app's server may use. Raises OAuthDenied."""
    client = authenticate_client(identity, client_id, client_secret)
    if not client.confidential:
        raise OAuthDenied("This grant needs the client secret.", code="invalid_client")
    return client
