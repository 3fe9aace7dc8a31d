"""The server's key set, kept in memory: fetched rarely, never lost to an outage."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from vestibule.crypto.keys import MAX_BYTES, KeySet, parse_key_set
from vestibule.errors import TokenError, Unreachable
from vestibule.flow import Flow, HttpRequest, HttpResponse

T = TypeVar("T")


class Keys(Protocol):
    """A parsed key set, of our own tokens or of a provider's."""

    @property
    def keys(self) -> Mapping[Any, object]: ...

    def find(self, kid: str | None) -> object | None: ...


K = TypeVar("K", bound=Keys)

TEN_MINUTES = 600.0
COOLDOWN = 30.0
DEADLINE = 3.0

REFETCH_ON = frozenset({"token_key", "token_signature"})


@dataclass(frozen=True, slots=True)
class Fetched(Generic[K]):
    keys: K
    at: float


class CachedKeys(Generic[K]):
    """One per key-set URL. Does no I/O: its flows yield the request.

    With a last good set, a fetch happens at most every 30 seconds, whatever tokens arrive, and one
    caller waits for it; the others go on with the set at hand. Only a token that the server itself has
    just given (`fresh`) is worth a fetch of its own: nobody else can make one.
    """

    def __init__(
        self, url: str, parse: Callable[[bytes], K], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = url
        self._parse = parse
        self._clock = clock
        self._good: Fetched[K] | None = None
        self._tried_at = float("-inf")
        self._generation = 0
        self._failed = False

    @property
    def at_hand(self) -> K | None:
        """The last good key set, however old."""
        return self._good.keys if self._good is not None else None

    @property
    def in_force(self) -> K | None:
        """The key set at hand, unless it is time to ask for a newer one."""
        good = self._good
        return good.keys if good is not None and self._clock() - good.at < TEN_MINUTES else None

    def current(self) -> Flow[K]:
        """The key set, at most ten minutes old unless the server does not answer.
        Raises Unreachable when there never was one."""
        return self.in_force or (yield from self.refetch())

    def refetch(self, *, fresh: bool = False) -> Flow[K]:
        """A newer key set, if the last attempt is 30 seconds old; else, and on failure, the one at hand."""
        good = self._good
        if good is None:
            return (yield from self._fetch())
        if not fresh and self._clock() - self._tried_at < COOLDOWN:
            return good.keys
        try:
            return (yield from self._fetch())
        except Unreachable:
            return good.keys

    def keys(self, kid: str | None) -> Flow[K]:
        """The key set, fetched again if it lacks `kid`. Raises Unreachable ("cannot tell") when it
        lacks it and the server does not answer."""
        keys = yield from self.current()
        if keys.find(kid) is None:
            keys = yield from self.refetch()
            if keys.find(kid) is None and self._failed:
                raise Unreachable("The key set cannot be fetched, and the known one lacks this key.")
        return keys

    def check(self, verify: Callable[[K], T], *, fresh: bool = False) -> Flow[T]:
        """`verify(keys)`, once more with fresh keys if the key was unknown or its signature did not fit
        (a server may replace a key under the same id). TokenError: invalid. Unreachable: cannot tell."""
        keys = self.in_force or (yield from self.refetch())
        try:
            return verify(keys)
        except TokenError as error:
            return (yield from self.check_again(verify, keys, error, fresh=fresh))

    def check_again(
        self, verify: Callable[[K], T], keys: K, error: TokenError, *, fresh: bool = False
    ) -> Flow[T]:
        """The second half of `check`, for who has tried `keys` and got `error`."""
        if error.code not in REFETCH_ON:
            raise error
        newer = yield from self.refetch(fresh=fresh)
        if newer is keys:
            self._cannot_tell(error, fresh=fresh)
            raise error
        try:
            return verify(newer)
        except TokenError as second:
            self._cannot_tell(second, fresh=fresh)
            raise

    def _cannot_tell(self, error: TokenError, *, fresh: bool) -> None:
        """Whoever has just given the token knows its key: then the key set is late, and the token not bad."""
        if error.code == "token_key" and (self._failed or fresh):
            raise Unreachable("The key set lacks the key of this token, or cannot be fetched.") from None

    def _fetch(self) -> Flow[K]:
        self._tried_at = self._clock()
        self._failed = True
        response = yield HttpRequest(
            "GET",
            self._url,
            headers={"Accept": "application/json"},
            # Not with those who asked before this set was known: their answer may be older than a new key.
            share=f"keys {self._url} {self._generation}",
            deadline=DEADLINE,
            max_bytes=MAX_BYTES,
        )
        keys = self._read(response)
        self._good = Fetched(keys, self._clock())
        self._failed = False
        self._generation += 1
        return keys

    def _read(self, response: HttpResponse) -> K:
        # A redirect is not followed: it could lead anywhere, and the right address does not redirect.
        if response.status != 200:
            raise Unreachable(f"The key set endpoint answered {response.status}.")
        try:
            keys = self._parse(response.body)
        except ValueError as error:
            raise Unreachable("The key set endpoint answered something else than a key set.") from error
        if not keys.keys:
            raise Unreachable("The key set has no usable key.")
        return keys


class KeyCache(CachedKeys[KeySet]):
    """The keys of our own access tokens."""

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(url, parse_key_set, clock=clock)
