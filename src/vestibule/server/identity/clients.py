"""The app at the token endpoint: who it says it is, and the proof it brings."""

from dataclasses import dataclass, field

from vestibule.server.identity.api_keys import find_api_key
from vestibule.server.identity.applications import M2M
from vestibule.server.identity.client_secrets import is_secret_of
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import get_client_id
from vestibule.server.identity.errors import OAuthDenied
from vestibule.server.store.applications import Application


@dataclass(frozen=True, slots=True)
class Client:
    """`confidential`: it proved that it knows the secret. A public client has nothing but its verifiers.
    `application` is None for the environment's own app."""

    client_id: str
    confidential: bool = field(default=False)
    application: Application | None = None

    @property
    def is_foreign(self) -> bool:
        """Not trusted with more than people allowed it."""
        return self.application is not None and not self.application.is_first_party


def authenticate_client(
    identity: Identity, client_id: str | None, client_secret: str | None = None, *, applications: bool = False
) -> Client:
    """The secret of the environment's own app is an API key. A wrong one is refused even where none was
    needed. `applications`: whether any other client may come, too. Raises OAuthDenied."""
    if client_id != get_client_id(identity):
        found = _find_application(identity, client_id) if applications else None
        if found is None:
            raise OAuthDenied("This client_id is not the one of this environment.", code="invalid_client")
        return _authenticate_application(identity, found, client_secret)
    if not client_secret:
        return Client(client_id)
    if find_api_key(identity, client_secret) is None:
        raise OAuthDenied("The client secret is not a valid API key.", code="invalid_client")
    return Client(client_id, confidential=True)


def authenticate_confidential(
    identity: Identity, client_id: str | None, client_secret: str | None, *, applications: bool = False
) -> Client:
    """For grants that only an app's server may use. Raises OAuthDenied."""
    client = authenticate_client(identity, client_id, client_secret, applications=applications)
    if not client.confidential:
        raise OAuthDenied("This grant needs the client secret.", code="invalid_client")
    return client


def check_for_people(client: Client) -> None:
    """Raises OAuthDenied for a machine, which nobody signs in to."""
    if client.application is not None and client.application.application_type == M2M:
        raise OAuthDenied("This client may use client_credentials only.", code="unauthorized_client")


def _find_application(identity: Identity, client_id: str | None) -> Application | None:
    if not client_id or "\x00" in client_id:
        return None
    with identity.store.read() as tx:
        return tx.applications.find_client(client_id)


def _authenticate_application(
    identity: Identity, application: Application, client_secret: str | None
) -> Client:
    if client_secret:
        if not is_secret_of(identity, application, client_secret):
            raise OAuthDenied("The client secret is not one of this client's.", code="invalid_client")
        return Client(application.client_id, confidential=True, application=application)
    if not application.uses_pkce:
        raise OAuthDenied("This client has to send its secret.", code="invalid_client")
    return Client(application.client_id, application=application)
