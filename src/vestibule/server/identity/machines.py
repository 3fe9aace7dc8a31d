"""Tokens for machines (RFC 6749 §4.4): nobody signs in, so there is no session, and nothing to refresh."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from vestibule.server.identity.applications import M2M
from vestibule.server.identity.clients import authenticate_confidential
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import OAuthDenied
from vestibule.server.identity.ids import ulid
from vestibule.server.identity.scopes import asked_scopes
from vestibule.server.identity.tokens import sign_access_token


@dataclass(frozen=True, slots=True)
class MachineToken:
    access_token: str = field(repr=False)
    expires_in: int
    scope: str


def client_credentials(
    identity: Identity, *, client_id: str | None, client_secret: str | None, scope: str | None = None
) -> MachineToken:
    """Raises OAuthDenied."""
    client = authenticate_confidential(identity, client_id, client_secret, applications=True)
    application = client.application
    if application is None or application.application_type != M2M:
        raise OAuthDenied("This client may not use client_credentials.", code="unauthorized_client")
    scopes = asked_scopes(scope, application.scopes)
    if scopes is None:
        raise OAuthDenied("This client does not have all of these scopes.", code="invalid_scope")
    now, seconds = identity.now, identity.settings.access_token_seconds
    claims: dict[str, Any] = {
        "iss": identity.settings.public_url,
        "sub": application.client_id,
        "aud": application.client_id,
        "client_id": application.client_id,
        "org_id": application.organization_id,
        "jti": ulid(now),
        "iat": int(now.timestamp()),
        "exp": int((now + dt.timedelta(seconds=seconds)).timestamp()),
        "scope": " ".join(scopes),
    }
    return MachineToken(sign_access_token(identity, claims), seconds, claims["scope"])
