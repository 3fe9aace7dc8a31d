"""What a callback must pass before its code is worth anything."""

import hmac
from collections.abc import Mapping

from vestibule.errors import ProviderError
from vestibule.oauth.answers import refusal
from vestibule.oauth.discovery import Endpoints
from vestibule.oauth.id_token import TENANT
from vestibule.oauth.provider import Provider
from vestibule.oauth.transaction import Transaction, expired, mismatch


def check_callback(
    params: Mapping[str, str],
    transaction: Transaction,
    provider: Provider,
    endpoints: Endpoints,
    *,
    at: str,
    now: float,
) -> str:
    """The code. `at`: the id of the client whose callback was asked. LoginError codes, in the order of the
    checks: `state_mismatch state_expired provider_mismatch issuer_missing issuer_mismatch`, what the
    provider says, `code_missing`."""
    state = params.get("state", "")
    if not hmac.compare_digest(_bytes(state), _bytes(transaction.state)):
        raise mismatch()
    if transaction.is_over(now):
        raise expired()
    if transaction.provider != at:
        raise ProviderError(
            f"This sign-in was begun at {transaction.provider!r}, and ends at {at!r}.",
            provider=provider.id,
            side="app",
            code="provider_mismatch",
            hint="Give each provider a callback address of its own. If it has one, this may be an attack.",
        )
    _check_issuer(params.get("iss"), provider, endpoints)
    if params.get("error"):
        raise refusal(provider, params["error"], params.get("error_description", ""), at_callback=True)
    if not params.get("code"):
        raise ProviderError(
            "The callback has no code.",
            provider=provider.id,
            side="app",
            code="code_missing",
            hint="Look for what drops the query string, such as a rewriting proxy.",
        )
    return params["code"]


def _check_issuer(issuer: str | None, provider: Provider, endpoints: Endpoints) -> None:
    """RFC 9207: whoever answers says who they are, so that no provider is taken for another."""
    # Microsoft's tenant is known from the ID token only, and it sends no `iss`.
    known = [each for each in endpoints.issuers if TENANT not in each]
    if issuer is None and endpoints.says_issuer:
        raise ProviderError(
            f"{provider.name} promises to say who it is, and this callback does not.",
            provider=provider.id,
            side="provider",
            code="issuer_missing",
            hint="Look for what drops `iss` from the query string. If nothing does, this may be an attack.",
        )
    if issuer is not None and known and issuer not in known:
        raise ProviderError(
            f"This callback comes from {issuer[:200]!r}, not from {provider.name}.",
            provider=provider.id,
            side="app",
            code="issuer_mismatch",
            hint="Set the issuer exactly as the provider writes it. If it is, this may be an attack.",
        )


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
