"""What Aura's guide exports as `jose`: tokens of the app's own, under the keys of its sessions."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from vestibule.crypto.strict_json import Json
from vestibule.direct.aura.keys import AuraKeys, check_secret
from vestibule.direct.aura.tokens import AuraTokens, Mode, TokenOptions

__all__ = ["Jose"]


class Jose:
    """`encode_jwt` makes what the session cookie holds. All that read raise TokenError.

    `old_secrets` are read, and never written with. Raises ConfigError for a weak secret or salt.
    """

    def __init__(
        self,
        secret: str,
        salt: str,
        *,
        old_secrets: Sequence[str] = (),
        options: TokenOptions | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        for each in (secret, *old_secrets):
            check_secret(each)
        check_secret(salt, name="AURA_AUTH_SALT")
        keys = tuple(AuraKeys.derive(each, salt) for each in (secret, *old_secrets))
        self._tokens = AuraTokens(keys, options or TokenOptions())
        self._clock = clock

    def encode_jwt(self, claims: Mapping[str, Json]) -> str:
        """Signed, then encrypted."""
        return self._write("sealed", claims)

    def decode_jwt(self, token: str) -> dict[str, Json]:
        return self._read("sealed", token)

    def sign_jws(self, claims: Mapping[str, Json]) -> str:
        """For others to read: a signature hides nothing."""
        return self._write("signed", claims)

    def verify_jws(self, token: str) -> dict[str, Json]:
        return self._read("signed", token)

    def encrypt_jwe(self, claims: Mapping[str, Json]) -> str:
        """`iat` and `jti` are always new."""
        return self._write("encrypted", claims)

    def decrypt_jwe(self, token: str) -> dict[str, Json]:
        return self._read("encrypted", token)

    def _write(self, mode: Mode, claims: Mapping[str, Json]) -> str:
        return self._in(mode).write(claims, now=int(self._clock()))

    def _read(self, mode: Mode, token: str) -> dict[str, Json]:
        return self._in(mode).read(token, now=self._clock())

    def _in(self, mode: Mode) -> AuraTokens:
        return replace(self._tokens, options=replace(self._tokens.options, mode=mode))


def jose_of(tokens: AuraTokens, *, clock: Callable[[], float]) -> Jose:
    """With keys that are there already."""
    jose = Jose.__new__(Jose)
    jose._tokens, jose._clock = tokens, clock
    return jose
