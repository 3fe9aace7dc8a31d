"""What the app itself keeps for a browser, signed in or not: one sealed cookie, or a row behind it."""

import json
import logging
import secrets
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, Generic, Protocol, TypeVar

from vestibule.cookies import SetCookie
from vestibule.crypto.strict_json import Json
from vestibule.errors import DataError, SealError
from vestibule.session import events
from vestibule.session.codecs import Shape, shape_of
from vestibule.session.config import Config
from vestibule.session.events import Journal
from vestibule.session.incoming import Incoming
from vestibule.session.session_cookie import MAX_COOKIE, cookie_of

__all__ = ["Data", "DataStore"]

T = TypeVar("T")

NOTHING: Any = object()
KEY_BYTES = 32

log = logging.getLogger("vestibule")


class DataStore(Protocol):
    """Where values live that are not in the cookie: `vestibule.datastores` has two. `key` is a digest of what
    the browser holds. Calls block; async apps make them in a thread."""

    def find(self, key: str, /) -> str | None: ...

    def update(self, key: str, text: str, /, *, max_age: int) -> None:
        """Create or replace, for so many seconds."""
        ...

    def delete(self, key: str, /) -> None: ...


class Carrier(Protocol):
    """The request it belongs to."""

    incoming: Incoming
    journal: Journal

    @property
    def config(self) -> Config: ...

    @property
    def now(self) -> float: ...

    @property
    def keeps_cookies(self) -> bool: ...

    @property
    def has_started(self) -> bool: ...


class Shelf:
    """One for all requests: what the data looks like, and where it is kept."""

    def __init__(self, kind: Any = None, store: DataStore | None = None) -> None:
        self._kind = kind
        self.store = store
        self._said = False

    @cached_property
    def shape(self) -> Shape[Any]:
        """Worked out when first asked for: a type may name others that are defined after `Auth(app)`."""
        return shape_of(self._kind)

    def say_unreadable(self, journal: Journal, names: tuple[str, ...]) -> None:
        if names and not self._said:
            self._said = True
            journal.record(events.DATA_UNREADABLE, fields=",".join(names))


@dataclass(slots=True)
class _Kept:
    """What the browser brought: the value itself, or the key to it."""

    at: int = 0
    value: Json = None
    key: str | None = None


class Data(Generic[T]):
    """The app's data in one request. Change it with `update` and `clear` only: the change leaves with the
    response, as one cookie."""

    def __init__(self, shelf: Shelf, carrier: Carrier) -> None:
        self._shelf = shelf
        self._carrier = carrier
        self._value: T = NOTHING
        self._before: Json = NOTHING  # as the browser brought it
        self._after: Json = NOTHING  # as it must leave; None: nothing at all
        self._cookie: SetCookie | None = None
        self._rotates = self._asked = False

    @property
    def value(self) -> T:
        """What is kept, or the default."""
        return self._value

    def update(self, value: T = NOTHING, /, **changes: Any) -> None:
        """Replaces the value by another, or some of its fields. Raises DataError `data_too_large` and
        `data_too_late`."""
        self._check()
        shape, self._asked = self._shelf.shape, True
        new = shape.changed(self._value if value is NOTHING else value, changes)
        raw = json.loads(json.dumps(shape.write(new), allow_nan=False))
        is_same = raw == self._before
        if self._shelf.store is None:
            self._cookie = None if is_same else self._sealed({"value": raw})
        self._value, self._after = new, NOTHING if is_same else raw

    def clear(self) -> None:
        """Forgets all of it. Raises DataError `data_too_late`."""
        self._check()
        self._asked = True
        self.drop()

    def drop(self) -> None:
        """`clear` by the toolkit itself, at the end of a session."""
        self._value = self._shelf.shape.default()
        self._after, self._rotates = None, True
        self._cookie = self._written("").deletion() if self.was_sent else None

    def rotate(self) -> None:
        """A new key for what is in the store: who planted the old one in this browser loses sight of it."""
        self._rotates = self._shelf.store is not None and self.was_sent

    @property
    def was_sent(self) -> bool:
        name = self._carrier.config.data_cookie_name
        return any(each == name for each, _ in self._carrier.incoming.cookies)

    @property
    def is_loaded(self) -> bool:
        return self._value is not NOTHING

    @property
    def needs_store(self) -> bool:
        """Whether `load` will ask the store."""
        return self._shelf.store is not None and self._brought.key is not None

    def load(self) -> None:
        """Blocks when `needs_store`."""
        if self.is_loaded:
            return
        kept, shape = self._brought, self._shelf.shape
        before = self._find(kept)
        if self.is_loaded:
            return  # another task of this request was quicker, and may have changed it or signed out
        self._before = before
        if self._before is None:
            self._value = shape.default()
            return
        self._value, bad = shape.read(self._before)
        self._shelf.say_unreadable(self._carrier.journal, bad)
        # In time, or what is only read would be lost one day; not each time, or every answer had a cookie.
        if self._carrier.now - kept.at > self._carrier.config.data_max_age / 2 and not self._is_late:
            self._after = self._before
            if self._shelf.store is None:
                self._cookie = self._sealed({"value": self._before})

    @property
    def is_unsettled(self) -> bool:
        """Whether `settle` has something to write to the store."""
        if self._shelf.store is None:
            return False
        return self._rotates or self._after is not NOTHING

    def settle(self) -> None:
        """Writes to the store what must leave with the response. Blocks."""
        store = self._shelf.store
        if store is None or not self.is_unsettled:
            return
        try:
            self._settle(store)
        except Exception:
            if self._asked:
                raise
            # Nobody asked for this: signing in or out must not fail for it.
            log.warning("data.not_settled: the data store did not answer", exc_info=True)
            self._cookie = self._written("").deletion()
        finally:
            self._rotates, self._after = False, NOTHING

    @property
    def cookies(self) -> list[SetCookie]:
        return [] if self._cookie is None else [self._cookie]

    def _settle(self, store: DataStore) -> None:
        old = self._brought.key
        raw = self._find(self._brought) if self._after is NOTHING else self._after
        is_kept = old is not None and not self._rotates and self._before is not None
        if raw is not None:
            key = old if old is not None and is_kept else secrets.token_urlsafe(KEY_BYTES)
            store.update(_digest(key), json.dumps(raw), max_age=self._carrier.config.data_max_age)
            self._cookie = self._sealed({"key": key})
        if old is not None and not is_kept:
            store.delete(_digest(old))

    @cached_property
    def _brought(self) -> _Kept:
        carrier = self._carrier
        if not carrier.keeps_cookies:
            return _Kept()
        for name, value in carrier.incoming.cookies:
            if name == carrier.config.data_cookie_name:
                kept = self._open(value)
                if kept is not None:
                    return kept
        return _Kept()

    def _open(self, value: str) -> _Kept | None:
        """None for what was sealed for another purpose: a session, a sign-in, another app's data."""
        try:
            found = self._carrier.config.sealer.unseal(value, now_ms=int(self._carrier.now * 1000))
        except SealError:
            return None
        if not isinstance(found, dict) or found.get("purpose") != self._purpose:
            return None
        at, key = found.get("at"), found.get("key")
        if not isinstance(at, int) or not isinstance(key, str | None):
            return None
        return _Kept(at, found.get("value"), key)

    def _find(self, kept: _Kept) -> Json:
        if kept.key is None:
            return kept.value
        text = self._shelf.store.find(_digest(kept.key)) if self._shelf.store is not None else None
        try:
            return None if text is None else json.loads(text)
        except ValueError:
            return None

    def _check(self) -> None:
        if self._is_late:
            raise DataError(
                "The response has started: a change of the app's data cannot reach the browser any more.",
                code="data_too_late",
                hint="Change it before the first byte leaves: before a stream begins or a WebSocket opens.",
            )
        if not self._carrier.keeps_cookies:
            raise DataError(
                "This request came with a token or an API key, and such a client keeps no cookies.",
                code="data_not_kept",
                hint="Keep what belongs to it in your own database, under its user's or key's id.",
            )

    @property
    def _is_late(self) -> bool:
        return self._carrier.has_started

    @property
    def _purpose(self) -> str:
        return f"data {self._carrier.config.data_cookie_name}"

    def _sealed(self, content: dict[str, Json]) -> SetCookie:
        config, now = self._carrier.config, self._carrier.now
        payload = {"purpose": self._purpose, "at": int(now), **content}
        sealed = config.sealer.seal(payload, ttl=config.data_max_age, now_ms=int(now * 1000))
        cookie = self._written(sealed)
        if cookie.size > MAX_COOKIE:
            raise DataError(
                f"The app's data needs {cookie.size} bytes, and browsers keep {MAX_COOKIE}.",
                code="data_too_large",
                hint="Keep less in it, or give `Auth` a data_store=, which keeps it on your side.",
            )
        return cookie

    def _written(self, value: str) -> SetCookie:
        config = self._carrier.config
        return cookie_of(config, config.data_cookie_name, value, max_age=config.data_max_age)


def _digest(key: str) -> str:
    """What the store knows: who reads its table cannot make a cookie of it."""
    return sha256(key.encode()).hexdigest()
