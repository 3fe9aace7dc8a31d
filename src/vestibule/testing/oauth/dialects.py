"""What differs between kinds of provider: addresses, words, and the row of the table that speaks to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias
from urllib.parse import urlencode

from vestibule.oauth import Client, github, google, oidc

Kind: TypeAlias = Literal["github", "google", "oidc"]
Endpoint: TypeAlias = Literal["discovery", "authorize", "tokens", "user", "emails", "keys", "revoke"]

DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """`rotates`: a refresh token works once. `words`: its own ones for errors."""

    kind: Kind
    name: str
    url: str
    paths: Mapping[Endpoint, str]
    rotates: bool = False
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_oidc(self) -> bool:
        return "keys" in self.paths

    def endpoint_at(self, path: str) -> Endpoint | None:
        return next((endpoint for endpoint, each in self.paths.items() if each == path), None)

    def is_offline(self, scopes: tuple[str, ...], query: Mapping[str, str]) -> bool:
        """Whether a refresh token comes with the tokens."""
        asked = query.get("access_type") == "offline" if self.kind == "google" else "offline_access" in scopes
        return self.is_oidc and asked

    def discovery(self, url: str) -> dict[str, object]:
        return {
            "issuer": url,
            "authorization_endpoint": url + self.paths["authorize"],
            "token_endpoint": url + self.paths["tokens"],
            "userinfo_endpoint": url + self.paths["user"],
            "jwks_uri": url + self.paths["keys"],
            "revocation_endpoint": url + self.paths["revoke"],
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
        """The very row that an app uses, with other addresses."""
        if self.kind == "oidc":
            return oidc(url, **{"id": "acme", "name": self.name, **settings})
        if self.kind == "google":
            made = google(**settings)
            return replace(made, template=replace(made.template, issuer=url, issuers=(), key_hosts=()))
        made = github(**settings)
        row, user = made.template, made.template.user
        assert user is not None  # noqa: S101 - for the type checker: the row has one
        assert user.emails is not None  # noqa: S101
        emails = replace(user.emails, url=url + self.paths["emails"])
        here = replace(
            row,
            slots={},
            authorize_url=url + self.paths["authorize"],
            tokens=replace(row.tokens, url=url + self.paths["tokens"]),
            user=replace(user, url=url + self.paths["user"], emails=emails),
        )
        return replace(made, template=here)

    def refusal(self, error: str, description: str, status: int) -> tuple[int, dict[str, object]]:
        """GitHub's errors come with status 200."""
        body: dict[str, object] = {"error": self.words.get(error, error), "error_description": description}
        return (200 if self.kind == "github" else status), body

    def encode(self, body: Mapping[str, object], accept: str) -> tuple[str, bytes] | None:
        """GitHub's tokens come as a form to who does not ask for JSON."""
        if self.kind == "github" and "json" not in accept:
            return "application/x-www-form-urlencoded", urlencode(body).encode()
        return None


DIALECTS: Mapping[Kind, Dialect] = {
    "github": Dialect(
        kind="github",
        name="GitHub",
        url="https://github.test",
        paths={
            "authorize": "/login/oauth/authorize",
            "tokens": "/login/oauth/access_token",
            "user": "/api/v3/user",
            "emails": "/api/v3/user/emails",
        },
        words={
            "invalid_client": "incorrect_client_credentials",
            "invalid_grant": "bad_verification_code",
        },
    ),
    "google": Dialect(
        kind="google",
        name="Google",
        url="https://accounts.google.test",
        paths={
            "discovery": DISCOVERY,
            "authorize": "/o/oauth2/v2/auth",
            "tokens": "/token",
            "user": "/v1/userinfo",
            "keys": "/oauth2/v3/certs",
            "revoke": "/revoke",
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
