"""What differs between kinds of provider: addresses, words, and the row of the table that speaks to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias
from urllib.parse import urlencode

from vestibule.oauth import Client, EmailList, Provider, UserEndpoint, github, google, oidc

Kind: TypeAlias = Literal["github", "google", "oidc"]
Endpoint: TypeAlias = Literal["discovery", "authorize", "tokens", "user", "emails", "keys", "revoke"]

DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """`homes`: where the endpoints are in the world, or would be; `paths`: below an address of one's own.
    `rotates`: a refresh token works once. `words`: its own ones for errors."""

    kind: Kind
    name: str
    url: str
    paths: Mapping[Endpoint, str]
    homes: Mapping[Endpoint, str] = field(default_factory=dict)
    rotates: bool = False
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_oidc(self) -> bool:
        return "keys" in self.paths

    def addresses(self, url: str) -> dict[Endpoint, str]:
        """At home its own, even though nobody goes there over a network."""
        # Some issuers end in a slash.
        below = {endpoint: url.rstrip("/") + path for endpoint, path in self.paths.items()}
        return {**below, **(self.homes if url == self.url else {})}

    def is_offline(self, scopes: tuple[str, ...], query: Mapping[str, str]) -> bool:
        """Whether a refresh token comes with the tokens."""
        asked = query.get("access_type") == "offline" if self.kind == "google" else "offline_access" in scopes
        return self.is_oidc and asked

    def discovery(self, url: str) -> dict[str, object]:
        at = self.addresses(url)
        return {
            "issuer": url,
            "authorization_endpoint": at["authorize"],
            "token_endpoint": at["tokens"],
            "userinfo_endpoint": at["user"],
            "jwks_uri": at["keys"],
            "revocation_endpoint": at["revoke"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def client(self, url: str, settings: Mapping[str, Any]) -> Client:
        """At home the very row that an app uses; elsewhere that row with other addresses."""
        if self.kind == "oidc":
            return oidc(url, **{"id": "acme", "name": self.name, **settings})
        made = google(**settings) if self.kind == "google" else github(**settings)
        if url == self.url:
            return made
        if self.kind == "google":
            return replace(made, template=replace(made.template, issuer=url, issuers=(), key_hosts=()))
        return replace(made, template=_moved(made.template, self.addresses(url)))

    def refusal(self, error: str, description: str, status: int) -> tuple[int, dict[str, object]]:
        """GitHub's errors come with status 200."""
        body: dict[str, object] = {"error": self.words.get(error, error), "error_description": description}
        return (200 if self.kind == "github" else status), body

    def encode(self, body: Mapping[str, object], accept: str) -> tuple[str, bytes] | None:
        """GitHub's tokens come as a form to who does not ask for JSON."""
        if self.kind == "github" and "json" not in accept:
            return "application/x-www-form-urlencoded", urlencode(body).encode()
        return None


def _moved(row: Provider, at: Mapping[Endpoint, str]) -> Provider:
    """GitHub's row, as it has no discovery document, with these addresses."""
    return replace(
        row,
        slots={},
        authorize_url=at["authorize"],
        tokens=replace(row.tokens, url=at["tokens"]),
        user=UserEndpoint(url=at["user"], emails=EmailList(url=at["emails"])),
    )


DIALECTS: Mapping[Kind, Dialect] = {
    "github": Dialect(
        kind="github",
        name="GitHub",
        url="https://github.com",
        paths={
            "authorize": "/login/oauth/authorize",
            "tokens": "/login/oauth/access_token",
            "user": "/api/v3/user",
            "emails": "/api/v3/user/emails",
        },
        homes={"user": "https://api.github.com/user", "emails": "https://api.github.com/user/emails"},
        words={
            "invalid_client": "incorrect_client_credentials",
            "invalid_grant": "bad_verification_code",
        },
    ),
    "google": Dialect(
        kind="google",
        name="Google",
        url="https://accounts.google.com",
        paths={
            "discovery": DISCOVERY,
            "authorize": "/o/oauth2/v2/auth",
            "tokens": "/token",
            "user": "/v1/userinfo",
            "keys": "/oauth2/v3/certs",
            "revoke": "/revoke",
        },
        homes={
            "tokens": "https://oauth2.googleapis.com/token",
            "user": "https://openidconnect.googleapis.com/v1/userinfo",
            "keys": "https://www.googleapis.com/oauth2/v3/certs",
            "revoke": "https://oauth2.googleapis.com/revoke",
        },
    ),
    "oidc": Dialect(
        kind="oidc",
        name="Acme",
        url="https://id.acme.test",
        paths={
            "discovery": DISCOVERY,
            "authorize": "/authorize",
            "tokens": "/token",
            "user": "/userinfo",
            "keys": "/jwks",
            "revoke": "/revoke",
        },
        rotates=True,
        words={"redirect_uri_mismatch": "invalid_grant"},
    ),
}
