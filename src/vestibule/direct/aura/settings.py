"""The settings of Aura's wire, and where they come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vestibule.crypto.encoding import b64url_encode
from vestibule.direct.aura.keys import AuraKeys, check_secret, find_variable
from vestibule.direct.aura.tokens import AuraTokens, Mode, TokenOptions
from vestibule.errors import ConfigError

__all__ = ["Aura"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aura:
    """`Auth.direct(app, "github", aura=Aura(…))`; `aura=True` is `Aura()`.

    The environment's `AURA_AUTH_SECRET` and `AURA_AUTH_SALT`, or one of their shorter names, win over
    `secret` and `salt`. `old_secrets` are read, and never written with.
    """

    secret: str | None = field(default=None, repr=False)
    salt: str | None = field(default=None, repr=False)
    old_secrets: tuple[str, ...] = field(default=(), repr=False)
    cookie_prefix: str = "aura-auth"
    mode: Mode = "sealed"
    issuer: str | None = None
    audience: str | None = None


def read_keys(aura: Aura, variables: Mapping[str, str]) -> tuple[AuraKeys, ...]:
    """The first writes. Raises ConfigError, which lists every problem."""
    problems: list[str] = []
    secret = _found(variables, "SECRET", aura.secret, problems)
    salt = _found(variables, "SALT", aura.salt, problems)
    for each in aura.old_secrets:
        _check("old_secrets", each, problems)
    if problems:
        raise ConfigError(problems)
    return tuple(AuraKeys.derive(each, salt) for each in (secret, *aura.old_secrets))


def tokens_of(aura: Aura, keys: tuple[AuraKeys, ...]) -> AuraTokens:
    return AuraTokens(keys, TokenOptions(mode=aura.mode, issuer=aura.issuer, audience=aura.audience))


def session_cookie_name(aura: Aura, *, secure: bool) -> str:
    return f"{'__Secure-' if secure else ''}{aura.cookie_prefix}.session_token"


def csrf_cookie_name(aura: Aura, *, secure: bool) -> str:
    return f"{'__Host-' if secure else ''}{aura.cookie_prefix}.csrf_token"


def cookie_passwords(keys: tuple[AuraKeys, ...]) -> tuple[str, ...]:
    """For what Aura has no cookie of, so that its two variables are enough."""
    return tuple(b64url_encode(each.cookies) for each in keys)


def _found(variables: Mapping[str, str], kind: str, given: str | None, problems: list[str]) -> str:
    name, text = find_variable(variables, kind) or (f"AURA_AUTH_{kind}", given or "")
    _check(name, text, problems)
    return text


def _check(name: str, text: str, problems: list[str]) -> None:
    try:
        check_secret(text, name=name)
    except ConfigError as error:
        problems += error.problems
