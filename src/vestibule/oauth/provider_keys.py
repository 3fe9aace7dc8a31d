"""A provider's published keys, reduced to those that may sign an ID token."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vestibule.crypto.encoding import b64url_decode
from vestibule.crypto.keys import MAX_BITS, MAX_BYTES, MAX_EXPONENT_BYTES, MAX_KEY_ID, MAX_KEYS, MIN_BITS
from vestibule.crypto.keys import PRIVATE_MEMBERS as PRIVATE
from vestibule.crypto.strict_json import Json, parse_object

if TYPE_CHECKING:
    from joserfc.jwk import Key

CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
SYMMETRIC = frozenset({"HS256"})
ASYMMETRIC = frozenset(CURVES) | {f"{family}{size}" for family in ("RS", "PS") for size in (256, 384, 512)}


@dataclass(frozen=True, slots=True)
class ProviderKey:
    """`algorithm` is the one the entry names, if it does: no other may be used with this key."""

    kind: str
    curve: str | None
    algorithm: str | None
    entry: Mapping[str, Json]

    def fits(self, algorithm: str) -> bool:
        if self.algorithm is not None and self.algorithm != algorithm:
            return False
        curve = CURVES.get(algorithm)
        return self.kind == ("EC" if curve else "RSA") and self.curve == curve

    def load(self) -> "Key":
        """For the library. Raises ValueError for numbers that are no key."""
        from joserfc.errors import JoseError
        from joserfc.jwk import import_key

        names = ("kty", "crv", "x", "y") if self.kind == "EC" else ("kty", "n", "e")
        try:
            return import_key({name: str(self.entry[name]) for name in names})
        except (JoseError, KeyError) as error:
            raise ValueError("not a key") from error


@dataclass(frozen=True, slots=True)
class ProviderKeys:
    """By `kid`; keys published without one are under None."""

    keys: Mapping[str | None, tuple[ProviderKey, ...]]

    def find(self, kid: str | None) -> tuple[ProviderKey, ...] | None:
        return self.keys.get(kid) if kid is not None else self._all()

    def matching(self, kid: str | None, algorithm: str) -> tuple[ProviderKey, ...]:
        """The keys a token may be signed with. One without `kid` needs a single fitting key."""
        found = tuple(key for key in self.find(kid) or () if key.fits(algorithm))
        return found if kid is not None or len(found) == 1 else ()

    def _all(self) -> tuple[ProviderKey, ...] | None:
        return tuple(key for keys in self.keys.values() for key in keys) or None


def parse_provider_keys(data: bytes) -> ProviderKeys:
    """Leaves out what is no public signing key. Raises ValueError for no key set."""
    if len(data) > MAX_BYTES:
        raise ValueError("the key set is too large")
    entries = parse_object(data).get("keys")
    if not isinstance(entries, list) or len(entries) > MAX_KEYS:
        raise ValueError("not a key set")
    keys: dict[str | None, tuple[ProviderKey, ...]] = {}
    for entry in entries:
        key = _key(entry) if isinstance(entry, dict) else None
        if key is not None:
            kid = key.entry.get("kid")
            name = kid if isinstance(kid, str) else None
            keys[name] = (*keys.get(name, ()), key)
    return ProviderKeys(keys)


def _key(entry: dict[str, Json]) -> ProviderKey | None:
    kid, algorithm, use = entry.get("kid"), entry.get("alg"), entry.get("use", "sig")
    if not (kid is None or (isinstance(kid, str) and 0 < len(kid) <= MAX_KEY_ID)):
        return None
    if use != "sig" or not (algorithm is None or isinstance(algorithm, str)):
        return None
    if not PRIVATE.isdisjoint(entry) or not _may_verify(entry.get("key_ops", ["verify"])):
        return None
    kind, curve = entry.get("kty"), entry.get("crv")
    if kind == "RSA" and _is_strong(entry.get("n"), entry.get("e")):
        return ProviderKey("RSA", None, algorithm, entry)
    if kind == "EC" and curve in CURVES.values():
        return ProviderKey("EC", str(curve), algorithm, entry)
    return None


def _may_verify(operations: Json) -> bool:
    return isinstance(operations, list) and "verify" in operations


def _is_strong(modulus: Json, exponent: Json) -> bool:
    if not isinstance(modulus, str) or not isinstance(exponent, str):
        return False
    try:
        n, e = b64url_decode(modulus), b64url_decode(exponent)
    except ValueError:
        return False
    small = int.from_bytes(e)
    return (
        MIN_BITS <= int.from_bytes(n).bit_length() <= MAX_BITS and len(e) <= MAX_EXPONENT_BYTES and small > 2
    )
