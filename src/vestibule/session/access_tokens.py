"""Three outcomes for an access token: valid (Claims), invalid (TokenError), cannot tell (Unreachable)."""

from collections.abc import Callable

from vestibule.crypto import jwt
from vestibule.crypto.keycache import KeyCache
from vestibule.errors import TokenError
from vestibule.flow import Flow
from vestibule.session.config import Config
from vestibule.wire.claims import Claims
from vestibule.wire.paths import jwks_path

LONG_LIFE = 300
LONG_BUFFER, SHORT_BUFFER = 60, 30


class AccessTokens:
    """Checks tokens against the server's key set. A session's token has no leeway at its end."""

    def __init__(self, config: Config, *, clock: Callable[[], float]) -> None:
        self._config = config
        self._clock = clock
        self._keys = KeyCache(config.url + jwks_path(config.client_id), clock=clock)

    def verify(self, token: str, *, fresh: bool = False) -> Flow[Claims]:
        """`fresh`: straight from the token endpoint, so an unknown key is a new one of the server."""
        config, now = self._config, self._clock()
        raw = yield from self._keys.check(
            lambda keys: jwt.verify(
                token,
                keys,
                now=now,
                issuers=config.issuers,
                audience=config.audience,
                types=config.token_types,
            ),
            fresh=fresh,
        )
        return Claims.read(raw)

    def due(self, claims: Claims) -> bool:
        """Whether a valid token ends so soon that it is better to refresh now."""
        lifetime = claims.exp - claims.iat
        buffer = self._config.refresh_buffer
        if buffer is None:
            # Never more than half a life, or very short tokens would be refreshed on every request.
            buffer = min(SHORT_BUFFER if lifetime <= LONG_LIFE else LONG_BUFFER, lifetime // 2)
        return claims.exp - self._clock() <= buffer if buffer else False


def sealed_claims(token: str) -> Claims | None:
    """What a token from our own seal says, valid or not; nobody without the cookie password put it there."""
    try:
        return Claims.read(jwt.decode_unverified(token))
    except TokenError:
        return None
