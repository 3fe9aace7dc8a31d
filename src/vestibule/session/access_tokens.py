"""Three outcomes for an access token: valid (Claims), invalid (TokenError), cannot tell (Unreachable)."""

from collections.abc import Callable

from vestibule.crypto import jwt
from vestibule.crypto.keycache import KeyCache
from vestibule.crypto.keys import KeySet
from vestibule.errors import TokenError
from vestibule.flow import Flow
from vestibule.session.config import Config
from vestibule.session.memory import Memory
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
        self._issuers, self._audience = config.issuers, config.audience
        self._verified: Memory[Claims] = Memory(config.token_cache)

    def verify(self, token: str, *, fresh: bool = False, leeway: int = 0) -> Flow[Claims]:
        """`fresh`: straight from the token endpoint, so an unknown key is a new one of the server.
        `leeway`: seconds that a token may be used after its end."""
        now = self._clock()
        keys = self._keys.in_force or (yield from self._keys.current())
        known = self._verified.find(token, keys)
        if known is not None and self.in_time(known, leeway=leeway):
            return known
        try:
            claims = self._read(token, keys, now, leeway)
        except TokenError as error:
            keys, claims = yield from self._keys.check_again(
                lambda newer: (newer, self._read(token, newer, now, leeway)), keys, error, fresh=fresh
            )
        self._verified.keep(token, keys, claims)
        return claims

    @property
    def keys_at_hand(self) -> KeySet | None:
        """The key set as it was fetched last, if it ever was."""
        return self._keys.at_hand

    @property
    def keys_in_force(self) -> bool:
        """Whether the key set at hand is the one in force, so that nothing has to be fetched."""
        return self._keys.in_force is not None

    def current_keys(self) -> Flow[KeySet]:
        """The key set in force now, fetched when it is time to. Raises Unreachable."""
        return self._keys.current()

    def in_time(self, claims: Claims, *, leeway: int = 0) -> bool:
        """Whether a token that was valid before still is: to be asked each time it is taken on trust."""
        try:
            times = jwt.Times(claims.exp, claims.iat, claims.nbf or 0)
            jwt.check_times(times, now=self._clock(), leeway=leeway)
        except TokenError:
            return False
        return True

    def due(self, claims: Claims) -> bool:
        """Whether a valid token ends so soon that it is better to refresh now."""
        lifetime = claims.exp - claims.iat
        buffer = self._config.refresh_buffer
        if buffer is None:
            # Never more than half a life, or very short tokens would be refreshed on every request.
            buffer = min(SHORT_BUFFER if lifetime <= LONG_LIFE else LONG_BUFFER, lifetime // 2)
        return claims.exp - self._clock() <= buffer if buffer else False

    def _read(self, token: str, keys: KeySet, now: float, leeway: int) -> Claims:
        raw = jwt.verify(
            token,
            keys,
            now=now,
            issuers=self._issuers,
            audience=self._audience,
            types=self._config.token_types,
            leeway=leeway,
        )
        return Claims.read(raw)


def sealed_claims(token: str) -> Claims | None:
    """What a token from our own seal says, valid or not; nobody without the cookie password put it there."""
    try:
        return Claims.read(jwt.decode_unverified(token))
    except TokenError:
        return None
