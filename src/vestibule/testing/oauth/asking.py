"""What an app asks for when it sends somebody to the provider, and what a real provider looks at first."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from vestibule.testing.oauth.dialects import Dialect

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
DIGITS = re.compile(r"[0-9]{1,9}")


class ProviderRefusal(ValueError):
    """What a provider says no with. `error` is the standard's word for it."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`problem`: what the app hears when the person comes back."""

    redirect_uri: str
    state: str | None = field(default=None, repr=False)
    scopes: tuple[str, ...] = ()
    challenge: str = ""
    nonce: str | None = field(default=None, repr=False)
    has_max_age: bool = False
    offline: bool = False
    hint: str = ""
    problem: ProviderRefusal | None = None

    def way_back(self, answer: Mapping[str, str]) -> str:
        """The callback URL that somebody comes back with."""
        told = {**answer, **({"state": self.state} if self.state is not None else {})}
        return f"{self.redirect_uri}{'&' if '?' in self.redirect_uri else '?'}{urlencode(told)}"


def read_asked(
    query: Mapping[str, str], dialect: Dialect, *, client_id: str, redirect_uris: Collection[str]
) -> Asked:
    """Raises ProviderRefusal when nobody can be sent back, as there is no telling whose address that is."""
    if query.get("client_id") != client_id:
        raise ProviderRefusal(
            "invalid_client", f"There is no app {query.get('client_id')!r} here.", status=401
        )
    redirect_uri = query.get("redirect_uri", "")
    if not redirect_uri or (redirect_uris and redirect_uri not in redirect_uris):
        known = " or ".join(sorted(redirect_uris)) or "an address"
        raise ProviderRefusal(
            "redirect_uri_mismatch", f"The callback address is {redirect_uri!r}, not {known}."
        )
    scopes = tuple(query.get("scope", "").split())
    return Asked(
        redirect_uri=redirect_uri,
        state=query.get("state"),
        scopes=scopes,
        challenge=query.get("code_challenge", ""),
        nonce=query.get("nonce"),
        has_max_age=DIGITS.fullmatch(query.get("max_age", "")) is not None,
        offline=dialect.is_offline(scopes, query),
        hint=query.get("login_hint", ""),
        problem=_problem(query, scopes, dialect),
    )


def _problem(query: Mapping[str, str], scopes: tuple[str, ...], dialect: Dialect) -> ProviderRefusal | None:
    if query.get("response_type", "code") != "code":
        return ProviderRefusal("unsupported_response_type", "response_type is 'code' here.")
    if CHALLENGE.fullmatch(query.get("code_challenge", "")) is None:
        return ProviderRefusal("invalid_request", "code_challenge is missing, or none of PKCE (RFC 7636).")
    if query.get("code_challenge_method") != "S256":
        return ProviderRefusal("invalid_request", "code_challenge_method is not S256.")
    if query.get("response_mode", "query") != "query":
        return ProviderRefusal("invalid_request", "response_mode is 'query' here.")
    if dialect.is_oidc and "openid" not in scopes:
        return ProviderRefusal("invalid_scope", "The scope openid is missing.")
    if query.get("prompt") == "none":
        return ProviderRefusal("login_required", "Nobody is signed in here: each sign-in asks.")
    return None
