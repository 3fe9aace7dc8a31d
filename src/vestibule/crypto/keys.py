"""The server's published keys (RFC 7517), reduced to those that may verify an access token."""

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

from vestibule.crypto.encoding import b64url_decode
from vestibule.crypto.strict_json import Json, parse_object

MAX_BYTES = 1_048_576
MAX_KEYS = 50
MAX_KEY_ID = 256
MIN_BITS, MAX_BITS = 2048, 8192
MAX_EXPONENT_BYTES = 4
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


@dataclass(frozen=True, slots=True)
class KeySet:
    """Usable RS256 keys by `kid`; a key published without one is under None."""

    keys: Mapping[str | None, RSAPublicKey]

    def find(self, kid: str | None) -> RSAPublicKey | None:
        """A token without `kid` is unambiguous only if there is a single key."""
        if kid is None:
            return next(iter(self.keys.values())) if len(self.keys) == 1 else None
        return self.keys.get(kid)


def parse_key_set(data: bytes) -> KeySet:
    """Leaves out every entry that is not a public RS256 signing key. Raises ValueError for no key set."""
    if len(data) > MAX_BYTES:
        raise ValueError("the key set is too large")
    entries = parse_object(data).get("keys")
    if not isinstance(entries, list) or len(entries) > MAX_KEYS:
        raise ValueError("not a key set")
    keys: dict[str | None, RSAPublicKey] = {}
    for entry in entries:
        if isinstance(entry, dict) and _is_candidate(entry):
            _add(keys, entry)
    return KeySet(keys)


def _add(keys: dict[str | None, RSAPublicKey], entry: dict[str, Json]) -> None:
    kid = entry.get("kid")
    key = _public_key(entry.get("n"), entry.get("e"))
    if key is not None and (kid is None or isinstance(kid, str)):
        keys.setdefault(kid, key)


def _is_candidate(entry: dict[str, Json]) -> bool:
    kid, operations = entry.get("kid"), entry.get("key_ops", ["verify"])
    return (
        entry.get("kty") == "RSA"
        and entry.get("alg", "RS256") == "RS256"
        and entry.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
        and (kid is None or (isinstance(kid, str) and 0 < len(kid) <= MAX_KEY_ID))
        and PRIVATE_MEMBERS.isdisjoint(entry)
    )


def _public_key(modulus: Json, exponent: Json) -> RSAPublicKey | None:
    if not isinstance(modulus, str) or not isinstance(exponent, str):
        return None
    try:
        n, e = b64url_decode(modulus), b64url_decode(exponent)
        if not MIN_BITS <= int.from_bytes(n).bit_length() <= MAX_BITS or len(e) > MAX_EXPONENT_BYTES:
            return None
        return RSAPublicNumbers(int.from_bytes(e), int.from_bytes(n)).public_key()
    except ValueError:
        return None
