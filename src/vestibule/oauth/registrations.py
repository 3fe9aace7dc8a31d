"""`github(...)`, `google(...)` and the rest: how an app says at which provider it is registered."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from vestibule.oauth.client import Client, Named, SigningKey, named, register
from vestibule.oauth.providers import developer as dev
from vestibule.oauth.providers import social, tenants, work

Scopes = Sequence[str] | None
Params = Mapping[str, str] | None

bitbucket: Final[Named] = named(dev.BITBUCKET)
atlassian: Final[Named] = named(dev.ATLASSIAN)
figma: Final[Named] = named(dev.FIGMA)
clickup: Final[Named] = named(dev.CLICKUP)
dribbble: Final[Named] = named(dev.DRIBBBLE)
huggingface: Final[Named] = named(dev.HUGGINGFACE)
x: Final[Named] = named(social.X)
discord: Final[Named] = named(social.DISCORD)
spotify: Final[Named] = named(social.SPOTIFY)
twitch: Final[Named] = named(social.TWITCH)
strava: Final[Named] = named(social.STRAVA)
pinterest: Final[Named] = named(social.PINTEREST)
linkedin: Final[Named] = named(work.LINKEDIN)
slack: Final[Named] = named(work.SLACK)
notion: Final[Named] = named(work.NOTION)
dropbox: Final[Named] = named(work.DROPBOX)
hubspot: Final[Named] = named(work.HUBSPOT)
mailchimp: Final[Named] = named(work.MAILCHIMP)


def github(
    *,
    client_id: str = "",
    client_secret: str = "",
    scopes: Scopes = None,
    params: Params = None,
    id: str | None = None,
    host: str | None = None,
) -> Client:
    """GitHub; with `host`, an Enterprise server."""
    slots = {"host": _host(host), "api": f"{_host(host)}/api/v3"} if host else {}
    return register(
        dev.GITHUB,
        client_id=client_id,
        client_secret=client_secret,
        scopes=scopes,
        params=params,
        id=id,
        slots=slots,
    )


def gitlab(
    *,
    client_id: str = "",
    client_secret: str = "",
    scopes: Scopes = None,
    params: Params = None,
    id: str | None = None,
    host: str | None = None,
) -> Client:
    """GitLab; with `host`, one of your own."""
    return register(
        dev.GITLAB,
        client_id=client_id,
        client_secret=client_secret,
        scopes=scopes,
        params=params,
        id=id,
        slots={"host": _host(host)},
    )


def google(
    *,
    client_id: str = "",
    client_secret: str = "",
    scopes: Scopes = None,
    params: Params = None,
    id: str | None = None,
    hosted_domain: str | None = None,
    offline: bool = False,
) -> Client:
    """`hosted_domain` lets people of one Workspace in. `offline` asks for a refresh token."""
    more = dict(params or {})
    if offline:
        more |= {"access_type": "offline", "prompt": "consent"}
    provider = work.GOOGLE
    if hosted_domain:
        more["hd"] = hosted_domain
        provider = replace(provider, required_claims={"hd": hosted_domain})
    return register(
        provider, client_id=client_id, client_secret=client_secret, scopes=scopes, params=more, id=id
    )


def microsoft(
    *,
    client_id: str = "",
    client_secret: str = "",
    key: SigningKey | None = None,
    scopes: Scopes = None,
    params: Params = None,
    id: str | None = None,
    tenant: str | None = None,
) -> Client:
    """`tenant`: the number of one, or `common` (the default), `organizations` or `consumers`. `key` signs
    instead of a secret."""
    return register(
        work.MICROSOFT,
        client_id=client_id,
        client_secret=client_secret,
        key=key,
        scopes=scopes,
        params=params,
        id=id,
        slots={"tenant": (tenant or "").lower()},
    )


def apple(
    *,
    client_id: str = "",
    client_secret: str = "",
    team_id: str = "",
    key_id: str = "",
    private_key: str = "",
    scopes: Scopes = None,
    params: Params = None,
    id: str | None = None,
) -> Client:
    """`client_id` is the Services ID, `private_key` the text of the `.p8` file. `client_secret`: one that was
    signed elsewhere, instead of the three."""
    given = all((team_id, key_id, private_key))
    key = SigningKey(pem=private_key, kid=key_id, team_id=team_id) if given else None
    return register(
        work.APPLE,
        client_id=client_id,
        client_secret=client_secret,
        key=key,
        scopes=scopes,
        params=params,
        id=id,
    )


def facebook(
    *,
    client_id: str = "",
    client_secret: str = "",
    scopes: Scopes = None,
    params: Params = None,
    id: str | None = None,
    version: str | None = None,
) -> Client:
    """`version` is that of the Graph API, such as v24.0."""
    return register(
        social.FACEBOOK,
        client_id=client_id,
        client_secret=client_secret,
        scopes=scopes,
        params=params,
        id=id,
        slots={"version": version or ""},
    )


def okta(
    *,
    client_id: str = "",
    client_secret: str = "",
    key: SigningKey | None = None,
    scopes: Scopes = None,
    params: Params = None,
    id: str | None = None,
    domain: str | None = None,
    authorization_server: str | None = None,
) -> Client:
    """`authorization_server`: such as `default`; without, the organization itself is the issuer."""
    path = f"/oauth2/{authorization_server}" if authorization_server else ""
    return register(
        tenants.OKTA,
        client_id=client_id,
        client_secret=client_secret,
        key=key,
        scopes=scopes,
        params=params,
        id=id,
        slots={"domain": _host(domain), "server_path": path},
    )


def auth0(
    *,
    client_id: str = "",
    client_secret: str = "",
    scopes: Scopes = None,
    params: Params = None,
    id: str | None = None,
    domain: str | None = None,
    audience: str | None = None,
) -> Client:
    """`audience`: the API that access tokens are for."""
    more = {**(params or {}), **({"audience": audience} if audience else {})}
    return register(
        tenants.AUTH0,
        client_id=client_id,
        client_secret=client_secret,
        scopes=scopes,
        params=more,
        id=id,
        slots={"domain": _host(domain)},
    )


def keycloak(
    *,
    client_id: str = "",
    client_secret: str = "",
    key: SigningKey | None = None,
    scopes: Scopes = None,
    params: Params = None,
    id: str | None = None,
    base_url: str | None = None,
    realm: str | None = None,
) -> Client:
    """`base_url` is the address without `/realms/…`."""
    return register(
        tenants.KEYCLOAK,
        client_id=client_id,
        client_secret=client_secret,
        key=key,
        scopes=scopes,
        params=params,
        id=id,
        slots={"base_url": _address(base_url), "realm": realm or ""},
    )


def authentik(
    *,
    client_id: str = "",
    client_secret: str = "",
    scopes: Scopes = None,
    params: Params = None,
    id: str | None = None,
    base_url: str | None = None,
    application_slug: str | None = None,
) -> Client:
    """`base_url` is the address without `/application/…`."""
    return register(
        tenants.AUTHENTIK,
        client_id=client_id,
        client_secret=client_secret,
        scopes=scopes,
        params=params,
        id=id,
        slots={"base_url": _address(base_url), "application_slug": application_slug or ""},
    )


def cognito(
    *,
    client_id: str = "",
    client_secret: str = "",
    scopes: Scopes = None,
    params: Params = None,
    id: str | None = None,
    region: str | None = None,
    user_pool_id: str | None = None,
) -> Client:
    """Amazon Cognito. A client without a secret is a public one."""
    return register(
        tenants.COGNITO,
        client_id=client_id,
        client_secret=client_secret,
        scopes=scopes,
        params=params,
        id=id,
        slots={"region": region or "", "user_pool_id": user_pool_id or ""},
    )


def _host(domain: str | None) -> str:
    """People paste addresses."""
    return (domain or "").strip().removeprefix("https://").rstrip("/")


def _address(url: str | None) -> str:
    return (url or "").strip().rstrip("/")
