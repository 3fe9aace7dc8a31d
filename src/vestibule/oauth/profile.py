"""Who somebody is at a provider, and whether that may join them to an account that is there already."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import urlsplit

from vestibule.oauth.provider import ProfileMap, Provider

# Anybody can write any address into a directory of these (the "nOAuth" takeover).
MICROSOFT = re.compile(
    r"(?:.+\.)?(?:login\.microsoftonline\.(?:com|us)|login\.partner\.microsoftonline\.cn"
    r"|login\.windows\.net|sts\.windows\.net|ciamlogin\.com|b2clogin\.com)"
)
MAX_SUBJECT = 255


class Identity(NamedTuple):
    """What an account is known by: the provider, or the issuer where each customer has one, and a subject
    that stays. Never an e-mail address or a user name, which change hands."""

    provider: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """`email_verified` is true only when the provider proves it. `raw` is the provider's own answer."""

    identity: Identity
    email: str | None = None
    email_verified: bool = False
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    username: str | None = None
    picture: str | None = None
    locale: str | None = None
    raw: Mapping[str, object] = field(default_factory=dict, repr=False, compare=False)

    @property
    def subject(self) -> str:
        return self.identity.subject


class Linking(StrEnum):
    """Whether somebody may be joined to a local account by their e-mail address, and if not, why."""

    ALLOWED = "allowed"
    NO_EMAIL = "no_email"
    OTHER_EMAIL = "other_email"
    PROVIDER_NEVER = "provider_never"
    UNVERIFIED_THERE = "unverified_there"
    UNVERIFIED_HERE = "unverified_here"


def linking(profile: Profile, provider: Provider, *, local_email: str, local_email_verified: bool) -> Linking:
    """Only when both sides have verified the same address, and never for a provider that lets its customers
    write addresses as they like. Everything else needs somebody who is signed in to connect the two."""
    if not profile.email:
        return Linking.NO_EMAIL
    if not trusts_email(provider):
        return Linking.PROVIDER_NEVER
    if not profile.email_verified:
        return Linking.UNVERIFIED_THERE
    if not local_email_verified:
        return Linking.UNVERIFIED_HERE
    return Linking.ALLOWED if _folded(profile.email) == _folded(local_email) else Linking.OTHER_EMAIL


def trusts_email(provider: Provider) -> bool:
    host = urlsplit(provider.issuer).hostname or ""
    proves = provider.profile.email_proof != "none"
    return provider.links_by_email and proves and MICROSOFT.fullmatch(host) is None


def read_profile(
    provider: Provider,
    claims: Mapping[str, object],
    *,
    emails: tuple[str | None, bool] | None = None,
    named: Mapping[str, object] | None = None,
) -> Profile:
    """`emails`: what the second call said. `named`: a name that came beside, as Apple's does.
    Raises ValueError without a subject that can be a key."""
    where = provider.profile
    below = pick(claims, where.root) if where.root else claims
    data = below if isinstance(below, Mapping) else {}
    email, email_verified = emails if emails and emails[0] else _email(where, data)
    given_name = _text(data, where.given_name) or _text(named or {}, "firstName")
    family_name = _text(data, where.family_name) or _text(named or {}, "lastName")
    full = " ".join(each for each in (given_name, family_name) if each)
    picture = _first(data, where.picture)
    return Profile(
        identity=Identity(provider.namespace or provider.id, _subject(where, data)),
        email=email,
        email_verified=email_verified,
        name=_first(data, where.name) or full or None,
        given_name=given_name,
        family_name=family_name,
        username=_text(data, where.username),
        picture=_picture(where, data, picture),
        locale=_text(data, "locale"),
        raw=dict(claims),
    )


def pick(data: object, path: str) -> object:
    """The member at a dotted path; a name that holds dots itself is tried first."""
    if not path:
        return data
    if isinstance(data, Mapping) and path in data:
        return data[path]
    head, _, rest = path.partition(".")
    if isinstance(data, Mapping) and head in data:
        inner: object = data[head]
    elif isinstance(data, list) and head.isdigit() and int(head) < len(data):
        inner = data[int(head)]
    else:
        return None
    return pick(inner, rest) if rest else inner


def is_true(value: object) -> bool:
    """True, or Apple's and Cognito's text "true"; nothing else is a proof."""
    return value is True or value == "true"


def _subject(where: ProfileMap, data: Mapping[str, object]) -> str:
    parts = [_key(pick(data, path)) for path in where.subject]
    subject = ".".join(parts)
    if not all(parts) or len(subject) > MAX_SUBJECT:
        raise ValueError(f"no {' and '.join(where.subject)} to know this account by")
    return subject


def _key(value: object) -> str:
    """Numbers are keys too; `true` is none, nor a number that other languages would round."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)


def _email(where: ProfileMap, data: Mapping[str, object]) -> tuple[str | None, bool]:
    email = _text(data, where.email)
    if where.email_proof == "presence":
        return email, email is not None
    if where.email_proof != "claims" or email is None:
        return email, False
    proofs = [is_true(pick(data, path)) for path in where.email_verified]
    return email, bool(proofs) and all(proofs)


def _picture(where: ProfileMap, data: Mapping[str, object], picture: str | None) -> str | None:
    if picture is None or where.picture_format == "{}":
        return picture if picture and picture.startswith(("https://", "http://")) else None
    return where.picture_format.format(picture, **{path: pick(data, path) for path in where.subject})


def _first(data: Mapping[str, object], paths: tuple[str, ...]) -> str | None:
    return next((found for path in paths if (found := _text(data, path))), None)


def _text(data: Mapping[str, object], path: str) -> str | None:
    value = pick(data, path) if path else None
    return value if isinstance(value, str) and value else None


def _folded(email: str) -> str:
    """Only ASCII letters lose their case: other alphabets have look-alikes that would become equal."""
    return re.sub("[A-Z]", lambda letter: letter[0].lower(), email.strip())
