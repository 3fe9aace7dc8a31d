"""Strict verification of our own RS256 access tokens (RFC 9068), and of WorkOS's.

Narrow on purpose: one algorithm, three header members, one spelling per token. See
docs/decisions/0003-own-token-verification.md.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from vestibule.crypto.encoding import b64url_decode
from vestibule.crypto.keys import MAX_KEY_ID, KeySet
from vestibule.crypto.strict_json import Json, parse_object
from vestibule.errors import ConfigError, TokenError

ALGORITHM: Final = "RS256"
HEADER_MEMBERS = frozenset({"alg", "kid", "typ"})
MAX_TOKEN = 16_384
MAX_LEEWAY = 300
NOT_BEFORE_LEEWAY = 60
PADDING, HASH = PKCS1v15(), SHA256()
END_OF_TIME = 253_402_300_799  # the last second `datetime` knows

OF_SESSIONS = ("sub", "sid")  # a machine's token has no session, so it is never taken for a person's
OUR_TYPES = frozenset({"at+jwt"})
WORKOS_TYPES = frozenset({"jwt", "at+jwt", ""})  # "" stands for a header without `typ`


@dataclass(frozen=True, slots=True)
class OptionalAudience:
    """For the WorkOS profile: its tokens carry no `aud`, only `client_id`. What they do carry must fit."""

    client_id: str


class Times(NamedTuple):
    """When a token ends, was issued, and begins to count."""

    exp: int
    iat: int
    nbf: int = 0


class AnyAudience:
    """Accepts tokens made for anybody. You almost never want it: another app of the same server
    could replay its users' tokens to yours. For tools that only inspect tokens."""


ANY_AUDIENCE: Final = AnyAudience()


def verify(
    token: str,
    keys: KeySet,
    *,
    now: float,
    issuers: Collection[str],
    audience: str | OptionalAudience | AnyAudience,
    types: Collection[str] = OUR_TYPES,
    needed: Collection[str] = OF_SESSIONS,
    leeway: int = 0,
    not_before_leeway: int = NOT_BEFORE_LEEWAY,
) -> dict[str, Json]:
    """The claims of a valid token. Raises TokenError; code `token_key` means that no such key is known
    yet, so the caller may fetch the key set again before calling the token invalid."""
    if not 0 <= leeway <= MAX_LEEWAY or not 0 <= not_before_leeway <= MAX_LEEWAY:
        raise ConfigError(f"A token's leeway is between 0 and {MAX_LEEWAY} seconds.")
    signed, header_text, payload_text, signature = _split(token)
    key = _key(_key_id(header_text, frozenset(types)), keys)
    _check_signature(key, signature, signed.encode())
    claims = _object(payload_text)
    _check_issuer(claims, issuers)
    _check_audience(claims, audience)
    _check_identity(claims, needed)
    times = Times(_time(claims, "exp"), _time(claims, "iat"), _time(claims, "nbf") if "nbf" in claims else 0)
    check_times(times, now=now, leeway=leeway, not_before_leeway=not_before_leeway)
    return claims


def check_times(
    times: Times, *, now: float, leeway: int = 0, not_before_leeway: int = NOT_BEFORE_LEEWAY
) -> None:
    """What time alone can change about a token that was valid once. Raises TokenError."""
    # A fast clock at the issuer is no attack; a token from the far future is not ours.
    if times.iat > now + MAX_LEEWAY:
        _refuse("token_not_yet_valid", "issued in the future")
    if times.nbf > now + not_before_leeway:
        _refuse("token_not_yet_valid", "not valid yet")
    if times.exp + leeway <= now:
        _refuse("token_expired", "expired")


def decode_unverified(token: str) -> dict[str, Json]:
    """The claims as written, proving nothing: only for tokens that come out of our own seal, to learn
    the session id of an expired one. Raises TokenError `token_malformed`."""
    _, _, payload_text, _ = _split(token)
    return _object(payload_text)


def _split(token: str) -> tuple[str, str, str, bytes]:
    """What is signed, its two parts, and the signature."""
    if len(token) > MAX_TOKEN or not token.isascii():
        _refuse("token_malformed", "no access token, or too large for one")
    if token.count(".") != 2:
        _refuse("token_malformed", "an access token has three parts")
    signed, _, signature = token.rpartition(".")
    header_text, _, payload_text = signed.partition(".")
    return signed, header_text, payload_text, _decode(signature)


# A key writes the same header on all its tokens. Refusals raise, and are not kept.
@lru_cache(maxsize=64)
def _key_id(text: str, types: frozenset[str]) -> str | None:
    header = _object(text)
    if header.get("alg") != ALGORITHM:
        _refuse("token_algorithm", f"only {ALGORITHM} is accepted")
    # `crit` is refused here too: RFC 7515 §4.1.11 wants unknown extensions refused, and we know none.
    if not header.keys() <= HEADER_MEMBERS:
        _refuse("token_malformed", "the header has members an access token does not need")
    kind = header.get("typ", "")
    if not isinstance(kind, str) or kind.lower() not in {each.lower() for each in types}:
        _refuse("token_type", "not an access token")
    kid = header.get("kid")
    if "kid" in header and (not isinstance(kid, str) or not 0 < len(kid) <= MAX_KEY_ID):
        _refuse("token_malformed", "the key id is not a short text")
    return kid if isinstance(kid, str) else None


def _key(kid: str | None, keys: KeySet) -> RSAPublicKey:
    key = keys.find(kid)
    if key is None:
        _refuse("token_key", "signed with a key that is not in the key set")
    return key


def _check_signature(key: RSAPublicKey, signature: bytes, signed: bytes) -> None:
    try:
        key.verify(signature, signed, PADDING, HASH)
    except InvalidSignature:
        raise TokenError("the signature does not fit", code="token_signature") from None


def _check_issuer(claims: dict[str, Json], issuers: Collection[str]) -> None:
    # `in` on a text would find a prefix (CVE-2024-53861), so a lone issuer is put in a tuple.
    accepted = (issuers,) if isinstance(issuers, str) else issuers
    issuer = claims.get("iss")
    if not isinstance(issuer, str) or issuer not in accepted:
        _refuse("token_issuer", "issued by somebody else")


def _check_audience(claims: dict[str, Json], audience: str | OptionalAudience | AnyAudience) -> None:
    if isinstance(audience, AnyAudience):
        return
    wanted = audience.client_id if isinstance(audience, OptionalAudience) else audience
    given = claims.get("aud")
    if isinstance(audience, OptionalAudience):
        if claims.get("client_id", wanted) != wanted:
            _refuse("token_audience", "made for another client")
        if "aud" not in claims:
            return
    if given == wanted:
        return
    if not isinstance(given, list) or wanted not in given or not all(isinstance(each, str) for each in given):
        _refuse("token_audience", "made for another audience")


def _check_identity(claims: dict[str, Json], needed: Collection[str]) -> None:
    for name in needed:
        value = claims.get(name)
        if not isinstance(value, str) or not value:
            _refuse("token_claims", f"{name} is missing")


def _time(claims: dict[str, Json], name: str) -> int:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= END_OF_TIME:
        _refuse("token_claims", f"{name} is not a time in whole seconds")
    return value


def _object(text: str) -> dict[str, Json]:
    try:
        return parse_object(_decode(text))
    except ValueError as error:
        raise TokenError("not the JSON of an access token") from error


def _decode(text: str) -> bytes:
    try:
        return b64url_decode(text)
    except ValueError as error:
        raise TokenError("not canonical base64url") from error


def _refuse(code: str, message: str) -> NoReturn:
    raise TokenError(message, code=code)
