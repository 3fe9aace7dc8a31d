"""An app's registration at a provider: credentials, scopes and what fills the slots of its addresses."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import urlsplit

from vestibule.errors import ConfigError
from vestibule.oauth.provider import NOTHING, ClientAuth, Provider, fill, is_safe

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
# Aura's order, after our own name.
PREFIXES = ("VESTIBULE_", "AURA_AUTH_", "AURA_", "AUTH_", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key that stands in for a client secret: Apple's `.p8`, or one for `private_key_jwt`.
    `team_id` is Apple's."""

    pem: str = field(repr=False)
    kid: str
    algorithm: str = "ES256"
    team_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """What `github(...)` and its like make. Empty credentials come from the environment: `completed`.

    `id` is the name in addresses and settings; it differs from the provider's where two are used.
    """

    id: str
    template: Provider = field(repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    key: SigningKey | None = None
    scopes: tuple[str, ...] = ()
    slots: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    params: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """More parameters of the authorize address."""

    def __post_init__(self) -> None:
        if ID.fullmatch(self.id) is None:
            raise ConfigError(f"{self.id!r} cannot be the id of a provider: use letters, digits, - and _.")

    @property
    def provider(self) -> Provider:
        """The provider with its slots filled. Raises ConfigError with everything that is missing."""
        problems = [*self._missing(), *self._bad_slots()]
        if problems:
            raise ConfigError(problems, code="provider_settings")
        filled = fill(self.template, _spellings(self.template, self.slots))
        unsafe = [each for each in _addresses(filled) if each and not is_safe(each)]
        if unsafe:
            raise ConfigError(
                [f"{filled.name}: {each!r} is not an https address." for each in unsafe],
                code="provider_settings",
            )
        return replace(filled, namespace=_namespace(self.template, filled))

    @property
    def auth(self) -> ClientAuth | None:
        """How the token endpoint recognizes the app; None: as the discovery document says."""
        if self.key is not None:
            return "apple_jwt" if self.key.team_id else "private_key_jwt"
        if not self.client_secret:
            return "none"
        # Apple's secret may have been signed elsewhere, for half a year at most.
        return "post" if self.template.tokens.auth == "apple_jwt" else self.template.tokens.auth

    def _slot(self, name: str) -> str:
        return self.slots.get(name) or self.template.slots[name].default or ""

    def _missing(self) -> list[str]:
        names = [] if self.client_id else ["client_id"]
        # Public clients exist where the discovery document says how, and nowhere in the table.
        if not self.client_secret and self.key is None and self.template.tokens.auth is not None:
            names += APPLE if self.template.tokens.auth == "apple_jwt" else ["client_secret"]
        required = (name for name, slot in self.template.slots.items() if slot.default is None)
        names += [name for name in required if not self._slot(name)]
        return [
            f"{self.template.name}: {name} is missing. Give it, or set {_variables(self.id, name)[0]}."
            for name in names
        ]

    def _bad_slots(self) -> list[str]:
        problems = [
            f"{self.template.name} has no setting {name!r}."
            for name in self.slots
            if name not in self.template.slots
        ]
        for name, slot in self.template.slots.items():
            value = self._slot(name)
            if value and re.fullmatch(slot.pattern, value) is None:
                problems.append(f"{self.template.name}: {name} is like {slot.example!r}, not {value!r}.")
        return problems


APPLE = ["team_id", "key_id", "private_key"]


class Named(Protocol):
    """How a provider without settings of its own is called."""

    def __call__(
        self,
        *,
        client_id: str = "",
        client_secret: str = "",
        scopes: Sequence[str] | None = None,
        params: Mapping[str, str] | None = None,
        id: str | None = None,
    ) -> Client: ...


def named(provider: Provider) -> Named:
    """The function that registers an app at a provider without settings of its own."""

    def register_here(
        *,
        client_id: str = "",
        client_secret: str = "",
        scopes: Sequence[str] | None = None,
        params: Mapping[str, str] | None = None,
        id: str | None = None,
    ) -> Client:
        return register(
            provider, client_id=client_id, client_secret=client_secret, scopes=scopes, params=params, id=id
        )

    register_here.__name__ = register_here.__qualname__ = provider.id
    register_here.__doc__ = f"{provider.name}. Credentials that are not given come from the environment."
    return register_here


def register(
    provider: Provider,
    *,
    client_id: str = "",
    client_secret: str = "",
    key: SigningKey | None = None,
    scopes: Sequence[str] | None = None,
    params: Mapping[str, str] | None = None,
    id: str | None = None,
    slots: Mapping[str, str] | None = None,
) -> Client:
    return Client(
        id=id or provider.id,
        template=provider,
        client_id=client_id,
        client_secret=client_secret,
        key=key,
        scopes=provider.scopes if scopes is None else tuple(scopes),
        params=dict(params or {}),
        slots={name: value for name, value in (slots or {}).items() if value},
    )


def completed(client: Client, environ: Mapping[str, str]) -> Client:
    """With what was not given taken from the environment: for `github` first `VESTIBULE_GITHUB_CLIENT_ID`,
    then with `AURA_AUTH_`, `AURA_`, `AUTH_` and nothing in front."""

    def find(name: str) -> str:
        names = _variables(client.id, name) + _variables(client.template.id, name)
        return next((environ[each].strip() for each in names if environ.get(each, "").strip()), "")

    slots = {name: client.slots.get(name) or find(name) for name in client.template.slots}
    key = client.key
    if client.template.tokens.auth == "apple_jwt" and key is None:
        pem = find("private_key").replace("\\n", "\n")
        team_id, key_id = find("team_id"), find("key_id")
        key = SigningKey(pem=pem, kid=key_id, team_id=team_id) if pem and team_id and key_id else None
    return replace(
        client,
        client_id=client.client_id or find("client_id"),
        client_secret=client.client_secret or find("client_secret"),
        key=key,
        slots={name: value for name, value in slots.items() if value},
    )


def _variables(id: str, name: str) -> tuple[str, ...]:
    stem = id.replace("-", "_").upper()
    # Aura writes the parts of an issuer as they are spelled: AUTHENTIK_application_slug.
    names = (f"{stem}_{name.upper()}", f"{stem}_{name}")
    return tuple(prefix + each for prefix in PREFIXES for each in dict.fromkeys(names))


def _spellings(template: Provider, given: Mapping[str, str]) -> dict[str, str]:
    values = {name: given.get(name) or slot.default or "" for name, slot in template.slots.items()}
    in_issuer = {
        f"{name}_in_issuer": slot.in_issuer.get(values[name], values[name])
        for name, slot in template.slots.items()
    }
    return values | in_issuer


def _addresses(provider: Provider) -> list[str]:
    user = provider.user
    calls = [user.url, user.emails.url if user.emails else ""] if user else []
    return [
        provider.issuer,
        provider.authorize_url,
        provider.keys_url,
        provider.tokens.url,
        provider.revoke_url,
        *calls,
    ]


def _namespace(template: Provider, filled: Provider) -> str:
    """The same number is another person on another server."""
    if filled.namespace:
        return filled.namespace
    usual = fill(template, _spellings(template, {}))
    if (usual.issuer, usual.authorize_url) == (filled.issuer, filled.authorize_url):
        return template.id
    return filled.issuer or f"{template.id}:{urlsplit(filled.authorize_url).netloc.lower()}"
