"""Aura's session tokens: an HS256 JWS inside a `dir` A256GCM JWE, or one of the two alone.

Written byte for byte as Aura writes them, and read more strictly: one spelling per token, nothing compressed,
and an end to each. See docs/differences.md.
"""

import hmac
import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vestibule.crypto.encoding import b64url_decode, b64url_encode
from vestibule.crypto.jwt import END_OF_TIME, MAX_TOKEN
from vestibule.crypto.seal import ENCODER
from vestibule.crypto.strict_json import Json, parse_object
from vestibule.direct.aura.keys import AuraKeys
from vestibule.errors import ConfigError, TokenError

Mode = Literal["sealed", "signed", "encrypted"]
MODES: Final = ("sealed", "signed", "encrypted")
FIFTEEN_DAYS: Final = 1_296_000
OF_SESSIONS: Final = ("exp", "iat", "nbf", "jti")

# To the letter, for the segment is a part of what is signed and authenticated.
INNER: Final = b64url_encode(b'{"alg":"HS256","typ":"JWT"}')
OUTER: Final = b64url_encode(b'{"alg":"dir","enc":"A256GCM","cty":"JWT","typ":"JWT"}')
TYPES: Final = frozenset({"jwt", "application/jwt"})
IV_LENGTH: Final = 12
TAG_LENGTH: Final = 16
ID_LENGTH: Final = 32
SURROGATE: Final = re.compile("[\ud800-\udfff]")

Entropy = Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenOptions:
    """Of Aura's `session` settings those that are written into tokens. Without a `max_age`: fifteen days."""

    mode: Mode = "sealed"
    max_age: int | None = None
    max_duration: int | None = None
    issuer: str | None = None
    audience: str | None = None

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ConfigError(f"The mode of Aura's tokens is one of {', '.join(MODES)}, not {self.mode!r}.")


def claims_of(options: TokenOptions, now: int) -> dict[str, Json]:
    """What these say about every token, in Aura's order."""
    given: dict[str, Json] = {
        "aud": options.audience,
        "iss": options.issuer,
        "exp": None if options.max_age is None else now + options.max_age,
        "mexp": None if options.max_duration is None else now + options.max_duration,
    }
    return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class AuraTokens:
    """The first keys write, all of them read: a secret can be changed without signing anybody out."""

    keys: Sequence[AuraKeys] = field(repr=False)
    options: TokenOptions = field(default_factory=TokenOptions)
    entropy: Entropy = field(default=os.urandom, repr=False)

    def write(self, claims: Mapping[str, Json], *, now: int) -> str:
        """`exp`, `iat`, `nbf` and `jti` are added where the claims have none. Raises TokenError
        `token_claims` for what is not JSON."""
        mode = self.options.mode
        payload = encode_claims(self.completed(claims, now, own_id=mode == "encrypted"))
        key = self.keys[0]
        if mode == "signed":
            return sign(payload, key.signing)
        if mode == "encrypted":
            return encrypt(payload, key.encryption, self.entropy(IV_LENGTH))
        return encrypt(sign(payload, key.signing).encode(), key.encryption, self.entropy(IV_LENGTH))

    def read(
        self, token: str, *, now: float, needed: Collection[str] = ("exp",), ended: bool = False
    ) -> dict[str, Json]:
        """The claims of a valid token, or (`ended`) of one that has been valid. Raises TokenError."""
        mode = self.options.mode
        if mode == "signed":
            claims = verified(token, [key.signing for key in self.keys])
        else:
            plaintext = decrypted(token, [key.encryption for key in self.keys])
            claims = self._inner(plaintext) if mode == "sealed" else decode_claims(plaintext)
        self.check(claims, now=now, needed=needed, ended=ended)
        return claims

    def completed(self, claims: Mapping[str, Json], now: int, *, own_id: bool = False) -> dict[str, Json]:
        """`own_id`: whatever the claims say of when and as what they were made, it is now and new."""
        jti = b64url_encode(self.entropy(ID_LENGTH))
        complete: dict[str, Json] = {**claims_of(self.options, now), **claims}
        if own_id:
            own: dict[str, Json] = {"iat": now, "jti": jti}
            complete |= {name: value for name, value in own.items() if name in complete}
        for name, value in (("iat", now), ("nbf", now), ("exp", now + FIFTEEN_DAYS), ("jti", jti)):
            complete.setdefault(name, value)
        return complete

    def check(
        self,
        claims: Mapping[str, Json],
        *,
        now: float,
        needed: Collection[str] = ("exp",),
        ended: bool = False,
    ) -> None:
        """No leeway: both sides are servers. Raises TokenError."""
        for name in needed:
            if claims.get(name) is None:
                _refuse("token_claims", f"{name} is missing")
        if not isinstance(claims.get("jti", ""), str):
            _refuse("token_claims", "jti is not a text")
        _time(claims, "iat")
        expires_at, begins_at, ends_at = (_time(claims, name) for name in ("exp", "nbf", "mexp"))
        self._check_parties(claims)
        if begins_at is not None and begins_at > int(now):
            _refuse("token_not_yet_valid", "not valid yet")
        if ended:
            return
        if expires_at is not None and int(now) >= expires_at:
            _refuse("token_expired", "expired")
        if ends_at is not None and int(now) > ends_at:
            _refuse("token_expired", "at the end of the longest time it may be used")

    def _check_parties(self, claims: Mapping[str, Json]) -> None:
        options, audience = self.options, claims.get("aud")
        if options.issuer is not None and claims.get("iss") != options.issuer:
            _refuse("token_issuer", "issued by somebody else")
        audiences = audience if isinstance(audience, list) else [audience]
        if options.audience is not None and options.audience not in audiences:
            _refuse("token_audience", "made for somebody else")

    def _inner(self, plaintext: bytes) -> dict[str, Json]:
        try:
            token = plaintext.decode("ascii")
        except UnicodeDecodeError:
            _refuse("token_malformed", "there is no signed token inside")
        return verified(token, [key.signing for key in self.keys])


def sign(payload: bytes, key: bytes) -> str:
    signed = f"{INNER}.{b64url_encode(payload)}"
    return f"{signed}.{b64url_encode(_mac(signed, key))}"


def verified(token: str, keys: Sequence[bytes]) -> dict[str, Json]:
    """The claims, whatever they say about time. Raises TokenError."""
    header_text, payload_text, signature_text = _split(token, 3)
    header = _header(header_text, {"alg", "typ"})
    if header.get("alg") != "HS256":
        _refuse("token_algorithm", "only HS256 is accepted")
    kind = header.get("typ")
    if not isinstance(kind, str) or kind.lower() not in TYPES:
        _refuse("token_type", "not a JWT")
    signature, signed = _decoded(signature_text), f"{header_text}.{payload_text}"
    # Every key is tried, whichever fits, so that time does not tell which one did.
    fitting = [key for key in keys if hmac.compare_digest(_mac(signed, key), signature)]
    if not fitting:
        _refuse("token_signature", "the signature does not fit")
    return decode_claims(_decoded(payload_text))


def encrypt(plaintext: bytes, key: bytes, iv: bytes) -> str:
    sealed = AESGCM(key).encrypt(iv, plaintext, OUTER.encode())
    ciphertext, tag = sealed[:-TAG_LENGTH], sealed[-TAG_LENGTH:]
    return ".".join((OUTER, "", b64url_encode(iv), b64url_encode(ciphertext), b64url_encode(tag)))


def decrypted(token: str, keys: Sequence[bytes]) -> bytes:
    """Raises TokenError."""
    header_text, encrypted_key, iv_text, ciphertext, tag_text = _split(token, 5)
    # `zip` is among the members refused: what a few bytes unpack to is anybody's guess.
    header = _header(header_text, {"alg", "enc", "cty", "typ"})
    if header.get("alg") != "dir" or header.get("enc") != "A256GCM":
        _refuse("token_algorithm", "only dir with A256GCM is accepted")
    iv, tag = _decoded(iv_text), _decoded(tag_text)
    if encrypted_key or len(iv) != IV_LENGTH or len(tag) != TAG_LENGTH:
        _refuse("token_malformed", "its parts have other lengths than those of A256GCM")
    sealed, authenticated = _decoded(ciphertext) + tag, header_text.encode()
    for key in keys:
        try:
            return AESGCM(key).decrypt(iv, sealed, authenticated)
        except InvalidTag:
            continue
    _refuse("token_signature", "encrypted with another secret or salt, or changed since")


def encode_claims(claims: Mapping[str, Json]) -> bytes:
    """As `JSON.stringify`. Raises TokenError `token_claims`."""
    try:
        text = ENCODER.encode(claims)
    except (TypeError, ValueError, RecursionError) as error:
        raise TokenError(f"only JSON fits into a token: {error}", code="token_claims") from error
    return SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode()


def decode_claims(payload: bytes) -> dict[str, Json]:
    """Raises TokenError."""
    try:
        return parse_object(payload)
    except ValueError as error:
        raise TokenError("not the claims of a token") from error


def _split(token: str, count: int) -> list[str]:
    if len(token) > MAX_TOKEN or not token.isascii():
        _refuse("token_malformed", "no token, or too large for one")
    parts = token.split(".")
    if len(parts) != count:
        _refuse("token_malformed", f"a token of this kind has {count} parts")
    return parts


def _header(text: str, members: Collection[str]) -> dict[str, Json]:
    try:
        header = parse_object(_decoded(text))
    except ValueError as error:
        raise TokenError("the header is no JSON object") from error
    if not header.keys() <= set(members):
        _refuse("token_malformed", "the header has members that Aura's tokens have not")
    return header


def _decoded(text: str) -> bytes:
    try:
        return b64url_decode(text)
    except ValueError as error:
        raise TokenError("not canonical base64url") from error


def _time(claims: Mapping[str, Json], name: str) -> int | None:
    value = claims.get(name)
    if name not in claims:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= END_OF_TIME:
        _refuse("token_claims", f"{name} is not a time in whole seconds")
    return value


def _mac(signed: str, key: bytes) -> bytes:
    return hmac.digest(key, signed.encode(), "sha256")


def _refuse(code: str, message: str) -> NoReturn:
    raise TokenError(message, code=code)
