"""Why an ID token or a profile was not taken, in words for whoever has to mend it."""

from collections.abc import Mapping

from vestibule.errors import ProviderError, TokenError
from vestibule.oauth.answers import Side
from vestibule.oauth.provider import Provider

# By the code of the check: our code, the side, and what to do.
ID_TOKEN: dict[str, tuple[str, Side, str]] = {
    "token_malformed": ("id_token_malformed", "provider", "Report it to the provider."),
    "token_algorithm": (
        "id_token_algorithm",
        "app",
        "If the provider is right, add its algorithm to id_token_algorithms; never one that begins with HS "
        "unless it signs with the client secret.",
    ),
    "token_key": (
        "id_token_key",
        "provider",
        "It may have changed its keys a moment ago: try again in half a minute.",
    ),
    "token_signature": ("id_token_signature", "provider", "Look at proxies in between. It may be an attack."),
    "token_issuer": (
        "id_token_issuer",
        "app",
        "Set the issuer (or tenant, or domain) exactly as the provider writes it.",
    ),
    "token_audience": ("id_token_audience", "app", "Compare client_id with what stands at the provider."),
    "token_expired": ("id_token_expired", "app", "Compare the clock of this machine."),
    "token_not_yet_valid": ("id_token_not_yet_valid", "app", "Compare the clock of this machine."),
    "token_nonce": ("id_token_nonce", "provider", "Start again, in one tab. It may be an attack."),
    "token_at_hash": ("id_token_at_hash", "provider", "Report it to the provider. It may be an attack."),
    "token_auth_time": (
        "id_token_auth_time",
        "person",
        "Sign in at the provider again. If it does not ask, it does not support max_age.",
    ),
    "token_claims": ("id_token_claims", "provider", "Report it to the provider."),
}


def id_token_refusal(provider: Provider, error: TokenError) -> ProviderError:
    code, side, hint = ID_TOKEN[error.code]
    return ProviderError(
        f"{provider.name} sent an ID token that cannot be taken: {error.message}.",
        provider=provider.id,
        side=side,
        code=code,
        hint=hint,
    )


def no_id_token(provider: Provider) -> ProviderError:
    return ProviderError(
        f"{provider.name} sent no ID token.",
        provider=provider.id,
        side="app",
        code="id_token_missing",
        hint="Ask for the scope openid.",
    )


def no_subject(provider: Provider, why: str) -> ProviderError:
    return ProviderError(
        f"{provider.name} does not say whose account it is: {why}.",
        provider=provider.id,
        side="provider",
        code="provider_profile",
        hint="Look at the scopes, and at what the app may read there.",
    )


def check_required(provider: Provider, claims: Mapping[str, object]) -> None:
    """Raises for somebody of another organization than the one that is let in."""
    for name, value in provider.required_claims.items():
        if claims.get(name) != value:
            raise ProviderError(
                f"This {provider.name} account is not one of {value}.",
                provider=provider.id,
                side="person",
                code="provider_account",
                hint="Use another account.",
            )
