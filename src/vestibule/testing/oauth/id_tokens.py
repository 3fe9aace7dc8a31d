"""The ID tokens of a provider, right and wrong."""

from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

from vestibule.crypto.encoding import b64url_encode
from vestibule.crypto.signing import create_signing_key, key_id, sign
from vestibule.testing.oauth.faults import ProviderFaults
from vestibule.testing.oauth.ledger import ONE_HOUR, Grant

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

STRANGER = "https://stranger.test"
TWO_HOURS = 7200


@cache
def foreign_key() -> "RSAPrivateKey":
    """Somebody else's, of whom no key set tells."""
    return create_signing_key()


def id_token(
    grant: Grant,
    about: dict[str, object],
    *,
    issuer: str,
    client_id: str,
    access_token: str,
    key: "RSAPrivateKey",
    now: float,
    faults: ProviderFaults,
) -> str:
    """OpenID Connect Core §2. `about`: the claims that tell who somebody is."""
    digest = sha256(access_token.encode()).digest()
    issued_at = int(now) - (TWO_HOURS if faults.has("expired_id_token") else 0)
    claims = {
        **about,
        "iss": STRANGER if faults.has("wrong_issuer") else issuer,
        "aud": "another-app" if faults.has("wrong_audience") else client_id,
        "azp": "another-app" if faults.has("wrong_audience") else client_id,
        "iat": issued_at,
        "exp": issued_at + ONE_HOUR,
        "at_hash": b64url_encode(digest[: len(digest) // 2]),
        "nonce": "of-another-sign-in" if faults.has("wrong_nonce") else grant.asked.nonce,
        "auth_time": int(grant.at) if grant.asked.has_max_age else None,
    }
    given = {name: value for name, value in claims.items() if value is not None}
    kid, signer = key_id(key), key
    if faults.has("wrong_key"):
        signer = foreign_key()
    elif faults.has("unknown_kid"):
        signer = foreign_key()
        kid = key_id(signer)
    return sign(given, signer, kid=kid, typ="JWT")
