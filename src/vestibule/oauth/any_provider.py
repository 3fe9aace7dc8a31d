"""Providers by their name, by their issuer or by the words of the table, and the environment's part."""

from collections.abc import Mapping, Sequence

from vestibule.oauth.client import Client, SigningKey, completed, register
from vestibule.oauth.provider import ClientAuth, ProfileMap, Provider, TokenEndpoint, UserEndpoint
from vestibule.oauth.providers import get_provider

Scopes = Sequence[str] | None
Params = Mapping[str, str] | None


def oidc(
    issuer: str,
    *,
    id: str,
    name: str | None = None,
    client_id: str = "",
    client_secret: str = "",
    key: SigningKey | None = None,
    scopes: Scopes = ("openid", "profile", "email"),
    params: Params = None,
    token_auth: ClientAuth | None = None,
    key_hosts: Sequence[str] = (),
    id_token_algorithms: Sequence[str] = ("RS256", "PS256", "ES256"),
    links_by_email: bool = True,
    required_claims: Mapping[str, str] | None = None,
    profile: ProfileMap | None = None,
) -> Client:
    """Any OpenID Connect issuer, by its discovery document. `links_by_email=False` where people choose the
    address that it calls verified; `key_hosts`: other hosts that its keys may be on."""
    provider = Provider(
        id=id,
        name=name or id,
        kind="oidc",
        namespace=issuer,
        issuer=issuer,
        key_hosts=tuple(key_hosts),
        id_token_algorithms=tuple(id_token_algorithms),
        required_claims=dict(required_claims or {}),
        tokens=TokenEndpoint(auth=token_auth),
        profile=profile or ProfileMap(),
        links_by_email=links_by_email,
    )
    return register(
        provider, client_id=client_id, client_secret=client_secret, key=key, scopes=scopes, params=params
    )


def oauth2(
    *,
    id: str,
    authorize_url: str,
    tokens: TokenEndpoint,
    user: UserEndpoint,
    profile: ProfileMap,
    name: str | None = None,
    client_id: str = "",
    client_secret: str = "",
    scopes: Scopes = (),
    scope_separator: str = " ",
    params: Params = None,
    revoke_url: str = "",
) -> Client:
    """Any other provider, by the words of the table. `profile` says where the subject is, and what proves
    an address, if anything does."""

    provider = Provider(
        id=id,
        name=name or id,
        namespace=id,
        authorize_url=authorize_url,
        scope_separator=scope_separator,
        tokens=tokens,
        user=user,
        profile=profile,
        revoke_url=revoke_url,
    )
    return register(provider, client_id=client_id, client_secret=client_secret, scopes=scopes, params=params)


def provider_client(
    name: str,
    *,
    client_id: str = "",
    client_secret: str = "",
    key: SigningKey | None = None,
    scopes: Scopes = None,
    params: Params = None,
    id: str | None = None,
    **slots: str,
) -> Client:
    """By the name of any provider of the table, those that are not tried yet too. Raises ConfigError
    `provider_unknown`."""
    return register(
        get_provider(name),
        client_id=client_id,
        client_secret=client_secret,
        key=key,
        scopes=scopes,
        params=params,
        id=id,
        slots=slots,
    )


def from_environment(given: str | Client, environ: Mapping[str, str]) -> Client:
    """A name, or a client of which something was left out, with the rest from the environment."""
    return completed(provider_client(given) if isinstance(given, str) else given, environ)
