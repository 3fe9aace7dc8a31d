"""What seals cookies: the Fe26.2 format of the JavaScript family, or something of the app's own."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from vestibule.crypto.seal import seal, unseal
from vestibule.crypto.strict_json import Json

__all__ = ["IronSealer", "Sealer"]


class Sealer(Protocol):
    """Must encrypt and authenticate: what `unseal` returns is believed. The text has to fit into a cookie
    (RFC 6265 §4.1.1) as it is. No reader in JavaScript opens what another sealer than ours made."""

    def seal(self, payload: object, *, ttl: int = 0, now_ms: int | None = None) -> str:
        """Any JSON value. `ttl` is in seconds from `now_ms` (milliseconds); 0 never ends."""
        ...

    def unseal(self, sealed: str, *, now_ms: int | None = None) -> Json:
        """The value inside. Raises SealError for anything wrong, `expired` when its time is over."""
        ...


@dataclass(frozen=True, slots=True)
class IronSealer:
    """Ours: the first password writes, all of them read."""

    passwords: tuple[str, ...] = field(repr=False)
    entropy: Callable[[int], bytes] = os.urandom

    def seal(self, payload: object, *, ttl: int = 0, now_ms: int | None = None) -> str:
        return seal(payload, self.passwords[0], ttl=ttl, now_ms=now_ms, entropy=self.entropy)

    def unseal(self, sealed: str, *, now_ms: int | None = None) -> Json:
        return unseal(sealed, self.passwords, now_ms=now_ms)


def sealer_of(given: str | Sequence[str] | Sealer, *, entropy: Callable[[int], bytes] = os.urandom) -> Sealer:
    """Passwords stand for our own sealer."""
    if isinstance(given, str):
        return IronSealer((given,), entropy)
    return IronSealer(tuple(given), entropy) if isinstance(given, Sequence) else given
