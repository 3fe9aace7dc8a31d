"""The two addresses of the identity server a browser is sent to."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote_plus

from vestibule.errors import ConfigError


def authorization_url(
    base: str,
    *,
    client_id: str,
    redirect_uri: str,
    state: str | None = None,
    code_challenge: str | None = None,
    provider: str | None = "authkit",
    connection_id: str | None = None,
    organization_id: str | None = None,
    screen_hint: str | None = None,
    login_hint: str | None = None,
    domain_hint: str | None = None,
    prompt: str | None = None,
    max_age: int | None = None,
    acr_values: str | None = None,
    invitation_token: str | None = None,
    claim_nonce: str | None = None,
    provider_scopes: Sequence[str] = (),
    provider_query_params: Mapping[str, str | int | bool] | None = None,
) -> str:
    """Where sign-in begins. `max_age=0` asks for a fresh authentication and is not the same as None.

    Raises ConfigError for combinations the server refuses.
    """
    if provider is None and connection_id is None and organization_id is None:
        raise ConfigError("Sign-in needs a provider, a connection or an organization.")
    if screen_hint is not None and provider != "authkit":
        raise ConfigError("screen_hint goes with provider='authkit' only.")
    single = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "state": state,
        "code_challenge": code_challenge,
        "code_challenge_method": "S256" if code_challenge else None,
        "provider": provider,
        "connection_id": connection_id,
        "organization_id": organization_id,
        "screen_hint": screen_hint,
        "login_hint": login_hint,
        "domain_hint": domain_hint,
        "prompt": prompt,
        "max_age": None if max_age is None else str(max_age),
        "acr_values": acr_values,
        "invitation_token": invitation_token,
        "claim_nonce": claim_nonce,
    }
    pairs = [(key, value) for key, value in single.items() if value is not None]
    pairs += [("provider_scopes", scope) for scope in provider_scopes]
    pairs += [(f"provider_query_params[{key}]", _text(v)) for key, v in (provider_query_params or {}).items()]
    return f"{base.rstrip('/')}/user_management/authorize?{_query(sorted(pairs, key=lambda pair: pair[0]))}"


def logout_url(base: str, *, session_id: str, return_to: str | None = None) -> str:
    """The browser itself must go there: it ends the session at the identity server too."""
    pairs = [("session_id", session_id)]
    if return_to:
        pairs.append(("return_to", return_to))
    return f"{base.rstrip('/')}/user_management/sessions/logout?{_query(pairs)}"


def with_query(url: str, **params: str) -> str:
    """`url` with these parameters besides those it has."""
    before, hash_sign, fragment = url.partition("#")
    return f"{before}{'&' if '?' in before else '?'}{_query(list(params.items()))}{hash_sign}{fragment}"


def _query(pairs: list[tuple[str, str]]) -> str:
    return "&".join(f"{_encode(key)}={_encode(value)}" for key, value in pairs)


def _encode(text: str) -> str:
    return quote_plus(text, safe="()", errors="replace")


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
