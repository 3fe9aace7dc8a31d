"""What there is to know about an OAuth provider, as data: the quirks are fields, the rest is the standard.

Addresses may hold `{slots}`, such as a tenant, which a client fills. See docs/reference/providers.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

Kind = Literal["oauth2", "oidc"]
ClientAuth = Literal["post", "basic", "none", "private_key_jwt", "apple_jwt"]
Pkce = Literal["required", "supported", "ignored", "refused"]
EmailProof = Literal["claims", "presence", "list", "none"]

NOTHING: Mapping[str, str] = MappingProxyType({})
SLOT = re.compile(r"\{([a-z_]+)\}")
HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?"
BASE_URL = r"https?://" + HOST + r"(?:/[A-Za-z0-9._~/-]*)?"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
WORD = r"[A-Za-z0-9._~-]+"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A part of a provider's addresses that differs from customer to customer. `in_issuer`: values that the
    issuer spells differently; it holds them as `{…_in_issuer}`."""

    example: str
    pattern: str = WORD
    default: str | None = None
    in_issuer: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorShape:
    """Where an answer says what went wrong. Values in `fine` at `word` are no errors."""

    word: str = "error"
    message: str = "error_description"
    fine: tuple[object, ...] = (None, "", 0, False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenEndpoint:
    """`auth` None: by the discovery document. `from_callback`: parameters of the callback it wants too.
    `refresh_url`: where refresh tokens go, if not there."""

    url: str = ""
    refresh_url: str = ""
    auth: ClientAuth | None = "post"
    method: Literal["POST", "GET"] = "POST"
    encoding: Literal["form", "json"] = "form"
    headers: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    id_param: str = "client_id"
    key_param: str = "client_secret"
    from_callback: tuple[str, ...] = ()
    errors: ErrorShape = field(default_factory=ErrorShape)
    rotates: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailList:
    """A second call for the addresses of an account; `items` is where they are in the answer."""

    url: str
    items: str = ""
    primary: str = "primary"
    verified: str = "verified"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEndpoint:
    """How to ask who somebody is. `{access_token}`, `{client_id}` and the members of the token's answer may
    stand in the address, the headers, the query and the form."""

    url: str = ""
    method: Literal["GET", "POST"] = "GET"
    scheme: str | None = "Bearer"
    headers: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    query: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    form: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    body: str = ""
    appsecret_proof: bool = False
    errors: ErrorShape = field(default_factory=ErrorShape)
    emails: EmailList | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileMap:
    """Where a provider keeps what a `Profile` says, as dotted paths below `root`. All of `subject` together
    are the key; of the others the first that is there counts.

    `email_proof`: `claims` (each of `email_verified` is true), `presence` (this field holds confirmed
    addresses only), `list` (the second call says) or `none`.
    """

    root: str = ""
    subject: tuple[str, ...] = ("sub",)
    email: str = "email"
    email_proof: EmailProof = "claims"
    email_verified: tuple[str, ...] = ("email_verified",)
    name: tuple[str, ...] = ("name",)
    given_name: str = "given_name"
    family_name: str = "family_name"
    username: str = "preferred_username"
    picture: tuple[str, ...] = ("picture",)
    picture_format: str = "{}"
    active: tuple[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One row of the table. `verified`: it has a fixture, is tested and supported; the others are facts
    taken from other programs, to be tried before they are relied on.

    `pkce`: sent to all but those that refuse sign-ins with it.
    `issuers`: what `iss` may be beside `issuer`; in both, `{tenantid}` stands for the token's own `tid`.
    `namespace`: what a subject is unique in; the id, unless each customer has a server of their own.
    """

    id: str
    name: str
    kind: Kind = "oauth2"
    verified: bool = True
    verified_on: str = ""
    source: str = ""
    docs: str = ""
    aliases: tuple[str, ...] = ()
    slots: Mapping[str, Slot] = field(default_factory=dict)
    namespace: str = ""

    issuer: str = ""
    issuers: tuple[str, ...] = ()
    discovery_url: str = ""
    keys_url: str = ""
    key_hosts: tuple[str, ...] = ()
    id_token_algorithms: tuple[str, ...] = ("RS256", "PS256", "ES256")
    nonce_may_be_missing: bool = False
    required_claims: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    authorize_url: str = ""
    authorize_params: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    response_mode: str | None = None
    pkce: Pkce = "supported"
    scopes: tuple[str, ...] = ()
    scope_separator: str = " "
    scope_param: str = "scope"

    tokens: TokenEndpoint = field(default_factory=TokenEndpoint)
    user: UserEndpoint | None = field(default_factory=UserEndpoint)
    profile: ProfileMap = field(default_factory=ProfileMap)
    links_by_email: bool = True
    revoke_url: str = ""
    revoke_auth: ClientAuth | None = None

    quirks: tuple[str, ...] = ()

    @property
    def discovers(self) -> bool:
        """Whether its addresses are in a discovery document and not here."""
        return self.kind == "oidc" and not self.keys_url


def is_safe(url: str, *, local: bool = True) -> bool:
    """https, or (`local`) http on this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme == "http":
        return local and parts.hostname in LOOPBACK
    return parts.scheme == "https" and bool(parts.hostname)


def fill(value: T, slots: Mapping[str, str]) -> T:
    """The same data with the slots that are known filled; others, such as `{access_token}`, stay."""
    if isinstance(value, str):
        return SLOT.sub(lambda match: slots.get(match[1], match[0]), value)  # type: ignore[return-value]
    if isinstance(value, TokenEndpoint | UserEndpoint | EmailList | Provider):
        inner: dict[str, Any] = {
            each.name: fill(getattr(value, each.name), slots)
            for each in fields(value)
            if each.name != "slots"
        }
        return replace(value, **inner)
    if isinstance(value, tuple):
        return tuple(fill(each, slots) for each in value)  # type: ignore[return-value]
    return value
