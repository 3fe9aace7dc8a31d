"""Making and publishing signing keys, and signing tokens with them: the issuer's side of `jwt.py`."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from vestibule.crypto.encoding import b64url_encode
from vestibule.crypto.strict_json import Json

if TYPE_CHECKING:
    from cryptography import x509

KEY_BITS = 2048
TEN_YEARS = timedelta(days=3652)


def create_signing_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=KEY_BITS)


def dump_signing_key(key: RSAPrivateKey) -> str:
    """PKCS#8 PEM, not encrypted: keep it where the database keeps its secrets."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def load_signing_key(pem: str) -> RSAPrivateKey:
    """Raises ValueError for anything but an RSA private key of at least 2,048 bits.

    For keys that `dump_signing_key` wrote and that were kept under a seal: their primes, which were found
    to be some when the key was made, are not looked at again.
    """
    # "Unsafe" is what it would be for a key of somebody else's; it takes longer than a hundred signatures.
    key = load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, RSAPrivateKey) or key.key_size < KEY_BITS:
        raise ValueError("not an RSA signing key")
    return key


def sign(claims: Mapping[str, object], key: RSAPrivateKey, *, kid: str, typ: str = "at+jwt") -> str:
    """A compact RS256 token. The claims are taken as they are: the caller sets `exp` and the rest."""
    header = {"alg": "RS256", "kid": kid, "typ": typ}
    signed = f"{_segment(header)}.{_segment(claims)}"
    signature = key.sign(signed.encode(), PKCS1v15(), SHA256())
    return f"{signed}.{b64url_encode(signature)}"


def key_id(key: RSAPrivateKey | RSAPublicKey) -> str:
    """The key's thumbprint (RFC 7638): the same key has the same id wherever it is published."""
    modulus, exponent = _numbers(key)
    members = {"e": exponent, "kty": "RSA", "n": modulus}
    return b64url_encode(sha256(json.dumps(members, separators=(",", ":")).encode()).digest())


def public_jwk(
    key: RSAPrivateKey | RSAPublicKey,
    *,
    kid: str | None = None,
    certificate: "x509.Certificate | None" = None,
) -> dict[str, Json]:
    """The public half as a JWKS entry; with a certificate also `x5c` and `x5t#S256`."""
    modulus, exponent = _numbers(key)
    entry: dict[str, Json] = {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": kid or key_id(key),
        "n": modulus,
        "e": exponent,
    }
    if certificate is not None:
        entry.update(_certificate_members(certificate))
    return entry


def self_signed_certificate(
    key: RSAPrivateKey, *, name: str, not_before: datetime, lifetime: timedelta = TEN_YEARS
) -> "x509.Certificate":
    """For clients that take keys from `x5c`. `not_before` is aware. Keep the result: no two are equal."""
    # Here, as a new key is rare and these are many modules.
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_before + lifetime)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, SHA256())
    )


def _certificate_members(certificate: "x509.Certificate") -> dict[str, Json]:
    der = certificate.public_bytes(Encoding.DER)
    # x5c is standard base64, unlike everything else in a JWK (RFC 7517 §4.7).
    pem_lines = certificate.public_bytes(Encoding.PEM).decode("ascii").splitlines()
    return {"x5c": ["".join(pem_lines[1:-1])], "x5t#S256": b64url_encode(sha256(der).digest())}


def _numbers(key: RSAPrivateKey | RSAPublicKey) -> tuple[str, str]:
    public = key.public_key() if isinstance(key, RSAPrivateKey) else key
    numbers = public.public_numbers()
    return _integer(numbers.n), _integer(numbers.e)


def _integer(value: int) -> str:
    return b64url_encode(value.to_bytes((value.bit_length() + 7) // 8))


def _segment(members: Mapping[str, object]) -> str:
    return b64url_encode(json.dumps(members, separators=(",", ":"), allow_nan=False).encode())
