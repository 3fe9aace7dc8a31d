"""The two requests to the token endpoint: a code for a session, a refresh token for the next one."""

import json
import uuid
from functools import cache
from hashlib import sha256

from vestibule.flow import HttpRequest

REFRESH_DEADLINE = 3.0
EXCHANGE_DEADLINE = 10.0
# RFC 7240 §4.3: a server that cannot answer in time should not use the token up for nobody.
PATIENCE = {"Prefer": f"wait={REFRESH_DEADLINE:.0f}"}


def exchange_request(
    base: str,
    *,
    client_id: str,
    client_secret: str | None = None,
    code: str,
    code_verifier: str,
    ip_address: str | None = None,
    user_agent: str | None = None,
    idempotency_key: str | None = None,
) -> HttpRequest:
    """A public client has no secret. A lost answer is asked for once more under the same key."""
    body = {
        "grant_type": "authorization_code",
        "client_id": client_id,
        "client_secret": client_secret,
        "code": code,
        "code_verifier": code_verifier,
        "ip_address": ip_address,
        "user_agent": user_agent,
    }
    return HttpRequest(
        "POST",
        _endpoint(base),
        headers=_headers(client_secret, idempotency_key),
        body=_json(body),
        attempts=2,
        deadline=EXCHANGE_DEADLINE,
    )


def refresh_request(
    base: str,
    *,
    client_id: str,
    client_secret: str | None = None,
    refresh_token: str,
    organization_id: str | None = None,
    ip_address: str | None = None,
    user_agent: str | None = None,
    idempotency_key: str | None = None,
) -> HttpRequest:
    """A refresh token works once: equal refreshes in flight are one request, and a lost reply is
    asked for again at once, within the server's replay window."""
    body = {
        "grant_type": "refresh_token",
        "client_id": client_id,
        "client_secret": client_secret,
        "refresh_token": refresh_token,
        "organization_id": organization_id,
        "ip_address": ip_address,
        "user_agent": user_agent,
    }
    return HttpRequest(
        "POST",
        _endpoint(base),
        headers={**_headers(client_secret, idempotency_key), **PATIENCE},
        body=_json(body),
        share=refresh_share(refresh_token, organization_id),
        attempts=3,
        deadline=REFRESH_DEADLINE,
    )


def refresh_share(refresh_token: str, organization_id: str | None) -> str:
    """One refresh per token and organization; a hash, because keys end up in logs."""
    key = f"{refresh_token}\0{organization_id or ''}"
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _endpoint(base: str) -> str:
    return f"{base.rstrip('/')}/user_management/authenticate"


def _headers(client_secret: str | None, idempotency_key: str | None) -> dict[str, str]:
    headers = {
        "Accept": "application/json, text/plain, */*",
        "Content-Type": "application/json",
        "User-Agent": f"vestibule/{_version()}",
    }
    if client_secret is not None:
        headers["Authorization"] = f"Bearer {client_secret}"
    headers["Idempotency-Key"] = idempotency_key or f"retry-{uuid.uuid4()}"
    return headers


def _json(members: dict[str, str | None]) -> bytes:
    present = {key: value for key, value in members.items() if value is not None}
    return json.dumps(present, separators=(",", ":")).encode()


@cache
def _version() -> str:
    from importlib.metadata import distributions  # as long to import as all of this module's neighbors

    # A copied or zipped source tree has no metadata, and its refreshes must work too.
    found = next(iter(distributions(name="vestibule")), None)
    return found.version if found else "0"
