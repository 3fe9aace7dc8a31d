"""What stands in for a client secret: a token that the app signs itself (RFC 7523, and Apple's way)."""

import uuid
from typing import TYPE_CHECKING

from vestibule.errors import ConfigError
from vestibule.oauth.client import Client, SigningKey

if TYPE_CHECKING:
    from joserfc.jwk import Key

APPLE = "https://appleid.apple.com"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FIVE_MINUTES = 300
ALGORITHMS = ("ES256", "RS256", "PS256")


def client_assertion(client: Client, key: SigningKey, audience: str, *, now: float) -> dict[str, str]:
    """The members of the form. Raises ConfigError when the key cannot sign."""
    if key.team_id:
        claims = {"iss": key.team_id, "sub": client.client_id, "aud": APPLE}
        return {"client_secret": _sign(client, key, claims, now)}
    claims = {"iss": client.client_id, "sub": client.client_id, "aud": audience, "jti": str(uuid.uuid4())}
    return {"client_assertion_type": JWT_BEARER, "client_assertion": _sign(client, key, claims, now)}


def _sign(client: Client, key: SigningKey, claims: dict[str, str], now: float) -> str:
    from joserfc import jwt
    from joserfc.errors import JoseError

    times = {"iat": int(now), "exp": int(now) + FIVE_MINUTES}
    header = {"alg": key.algorithm, "kid": key.kid}
    try:
        return jwt.encode(header, {**claims, **times}, _load(key), algorithms=list(ALGORITHMS))
    except (JoseError, ValueError, TypeError) as error:
        raise ConfigError(
            f"{client.template.name}: the private key cannot sign with {key.algorithm}. "
            "Give the whole PEM text, with its BEGIN and END lines.",
            code="provider_settings",
        ) from error


def _load(key: SigningKey) -> "Key":
    from joserfc.jwk import import_key

    return import_key(key.pem, "EC" if key.algorithm.startswith("ES") else "RSA")
