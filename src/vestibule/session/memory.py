"""What was checked once and may be taken as checked, as long as the key set is the same one."""

import os
from collections.abc import Iterable
from hashlib import sha256
from threading import Lock
from typing import Generic, TypeVar

from vestibule.crypto.keys import KeySet

V = TypeVar("V")


class Memory(Generic[V]):
    """At most `size` values, each under a keyed digest of its text, so that no secret is kept as a key;
    the longest unused is forgotten first. `bound_to` goes into the digest.

    A new key set forgets everything: a token whose key has left it must be refused. What else can change
    with time is for the caller to check on every hit.
    """

    def __init__(self, size: int, *, bound_to: Iterable[str] = ()) -> None:
        self.size = size
        words = "\0".join(bound_to).encode("utf-8", "surrogatepass")
        # A secret first, so that a digest tells nothing to whoever reads it without this object.
        self._keyed = sha256(os.urandom(64) + sha256(words).digest())
        self._keys: KeySet | None = None
        self._values: dict[bytes, V] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._values)

    def find(self, text: str, keys: KeySet) -> V | None:
        """What was kept for exactly this text under exactly this key set."""
        if not self.size:
            return None
        digest = self._digest(text)
        with self._lock:
            self._turn_to(keys)
            value = self._values.pop(digest, None)
            if value is not None:
                self._values[digest] = value
        return value

    def keep(self, text: str, keys: KeySet, value: V) -> None:
        """`value` was checked with `keys`, and is shared from now on: it must be immutable."""
        if not self.size:
            return
        digest = self._digest(text)
        with self._lock:
            self._turn_to(keys)
            self._values[digest] = value
            if len(self._values) > self.size:
                del self._values[next(iter(self._values))]

    def _turn_to(self, keys: KeySet) -> None:
        if keys is not self._keys:
            self._keys = keys
            self._values.clear()

    def _digest(self, text: str) -> bytes:
        digest = self._keyed.copy()
        digest.update(text.encode("utf-8", "surrogatepass"))
        return digest.digest()
