"""ID tokens of providers (OpenID Connect Core §3.1.3.7): signature by joserfc, behind a strict front."""

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256, sha384, sha512
from typing import TYPE_CHECKING, Final, NoReturn

from vestibule.crypto.encoding import b64url_decode, b64url_encode
from vestibule.crypto.jwt import END_OF_TIME, MAX_TOKEN
from vestibule.crypto.keys import MAX_KEY_ID
from vestibule.crypto.strict_json import Json, parse_object
from vestibule.errors import TokenError
from vestibule.oauth.provider_keys import ASYMMETRIC, SYMMETRIC, ProviderKeys

if TYPE_CHECKING:
    from joserfc.jwk import Key

LEEWAY = 60
MAX_AHEAD = 300
MAX_SUBJECT = 255
HASHES = {"256": sha256, "384": sha384, "512": sha512}
TENANT = "{tenantid}"
TENANT_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class AnyNonce:
    """For the ID tokens of a refresh, which belong to no redirect (OpenID Connect Core §12.2). Anywhere
    else, somebody could bring the token of another sign-in."""


ANY_NONCE: Final = AnyNonce()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What an ID token must say. `secret` is the client's, for the providers that sign with it."""

    issuers: tuple[str, ...]
    client_id: str
    algorithms: tuple[str, ...]
    nonce: str | AnyNonce | None
    nonce_may_be_missing: bool = False
    access_token: str | None = None
    max_age: int | None = None
    secret: str | None = None


def verify_id_token(
    token: str, keys: ProviderKeys | None, expected: Expected, *, now: float
) -> dict[str, Json]:
    """The claims of a valid ID token. Raises TokenError with the codes of `crypto.jwt`, and `token_nonce`,
    `token_at_hash`, `token_auth_time`; `token_key`: no such key is known yet."""
    algorithm, kid = _header(token, expected.algorithms)
    claims = _object(_signed_payload(token, algorithm, kid, keys, expected.secret))
    _check_issuer(claims, expected.issuers)
    _check_audience(claims, expected.client_id)
    _check_times(claims, now)
    _check_nonce(claims, expected)
    _check_at_hash(claims, expected.access_token, algorithm)
    _check_auth_time(claims, expected.max_age, now)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT:
        _refuse("token_claims", "sub is missing")
    return claims


def matches_issuer(issuer: object, accepted: Iterable[str], claims: Mapping[str, object]) -> bool:
    """Byte for byte, after `{tenantid}` has become the token's own tenant (Microsoft)."""
    tenant = claims.get("tid")
    is_tenant = isinstance(tenant, str) and TENANT_ID.fullmatch(tenant) is not None
    return any(
        issuer == (each.replace(TENANT, str(tenant)) if TENANT in each else each)
        for each in accepted
        if is_tenant or TENANT not in each
    )


def _header(token: str, algorithms: tuple[str, ...]) -> tuple[str, str | None]:
    if len(token) > MAX_TOKEN or not token.isascii() or token.count(".") != 2:
        _refuse("token_malformed", "no ID token, or too large for one")
    first, *_ = [_decoded(part) for part in token.split(".")]
    header = _object(first)
    algorithm, kid = header.get("alg"), header.get("kid")
    known = ASYMMETRIC | SYMMETRIC
    if not isinstance(algorithm, str) or algorithm not in algorithms or algorithm not in known:
        _refuse("token_algorithm", f"signed by {str(algorithm)[:20]!r}, not by {' or '.join(algorithms)}")
    if "crit" in header:  # unknown extensions are refused (RFC 7515 §4.1.11), and we know none
        _refuse("token_malformed", "the header has critical extensions")
    if kid is not None and (not isinstance(kid, str) or not 0 < len(kid) <= MAX_KEY_ID):
        _refuse("token_malformed", "the key id is not a short text")
    return algorithm, kid


def _signed_payload(
    token: str, algorithm: str, kid: str | None, keys: ProviderKeys | None, secret: str | None
) -> bytes:
    """Keys only ever come from the provider's key set or the settings, never from the token's own header."""
    from joserfc import jws
    from joserfc.errors import JoseError
    from joserfc.jwk import OctKey

    try:
        candidates: list[Key]
        if algorithm in SYMMETRIC:
            candidates = [OctKey.import_key(secret)] if secret else []
        else:
            candidates = [key.load() for key in (keys.matching(kid, algorithm) if keys else ())]
    except ValueError:
        candidates = []
    if not candidates:
        _refuse("token_key", "signed with a key that is not in the key set")
    for key in candidates:
        try:
            return jws.deserialize_compact(token, key, algorithms=[algorithm]).payload
        except (JoseError, ValueError):
            continue
    _refuse("token_signature", "the signature does not fit")


def _check_issuer(claims: dict[str, Json], issuers: tuple[str, ...]) -> None:
    if not matches_issuer(claims.get("iss"), issuers, claims):
        _refuse("token_issuer", f"issued by {str(claims.get('iss'))[:200]!r}, not by {' or '.join(issuers)}")


def _check_audience(claims: dict[str, Json], client_id: str) -> None:
    audience, party = claims.get("aud"), claims.get("azp")
    given = audience if isinstance(audience, list) else [audience]
    if client_id not in given or not all(isinstance(each, str) for each in given):
        _refuse("token_audience", "made for another client")
    if (party is not None or len(given) > 1) and party != client_id:
        _refuse("token_audience", "made for several, and not for this client in particular")


def _check_times(claims: dict[str, Json], now: float) -> None:
    if _time(claims, "exp") + LEEWAY <= now:
        _refuse("token_expired", "expired")
    if _time(claims, "iat") > now + MAX_AHEAD:
        _refuse("token_not_yet_valid", "issued in the future")
    if "nbf" in claims and _time(claims, "nbf") > now + LEEWAY:
        _refuse("token_not_yet_valid", "not valid yet")


def _check_nonce(claims: dict[str, Json], expected: Expected) -> None:
    nonce, wanted = claims.get("nonce"), expected.nonce
    if isinstance(wanted, AnyNonce) or (nonce is None and expected.nonce_may_be_missing):
        return
    if not isinstance(nonce, str) or not wanted or not hmac.compare_digest(_bytes(nonce), _bytes(wanted)):
        _refuse("token_nonce", "made for another sign-in")


def _check_at_hash(claims: dict[str, Json], access_token: str | None, algorithm: str) -> None:
    given = claims.get("at_hash")
    if given is None or access_token is None:
        return
    digest = HASHES[algorithm[-3:]](_bytes(access_token)).digest()
    wanted = b64url_encode(digest[: len(digest) // 2])
    if not isinstance(given, str) or not hmac.compare_digest(_bytes(given.rstrip("=")), _bytes(wanted)):
        _refuse("token_at_hash", "made for another access token")


def _check_auth_time(claims: dict[str, Json], max_age: int | None, now: float) -> None:
    if max_age is not None and now - _time(claims, "auth_time") > max_age + LEEWAY:
        _refuse("token_auth_time", "signed in there too long ago")


def _time(claims: dict[str, Json], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= END_OF_TIME:
        _refuse("token_claims", f"{name} is not a time")
    return value


def _object(data: bytes) -> dict[str, Json]:
    try:
        return parse_object(data)
    except ValueError as error:
        raise TokenError("not the JSON of an ID token") from error


def _decoded(text: str) -> bytes:
    try:
        return b64url_decode(text)
    except ValueError as error:
        raise TokenError("not canonical base64url") from error


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _refuse(code: str, message: str) -> NoReturn:
    raise TokenError(message, code=code)
