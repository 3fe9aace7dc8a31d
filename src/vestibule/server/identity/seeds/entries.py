"""One entry of a seed: read member by member, so that each mistake is named with its place."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from vestibule.errors import ConfigError
from vestibule.server.identity.ids import new_id

BEGINNING: Final = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)


class SeedInvalid(ConfigError):
    """`place` is where in the seed, such as `users[2].email`."""

    code = "seed_invalid"

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"The seed's {place} {problem}")
        self.place = place
        self.problem = problem


class Entry:
    """A table of the seed. What nobody took when it is `finish`ed is a mistake."""

    def __init__(self, place: str, given: object) -> None:
        if not isinstance(given, Mapping):
            raise SeedInvalid(place, "must be a table of names and values")
        self.place = place
        self._left: dict[str, Any] = {str(name): value for name, value in given.items()}

    def need(self, name: str, *others: str) -> str:
        """Text that must be there, under one of these names."""
        for each in (name, *others):
            value = self.text(each)
            if value is not None:
                return value
        raise SeedInvalid(self.place, f"lacks {name!r}")

    def text(self, name: str, *others: str) -> str | None:
        for each in (name, *others):
            value = self._left.pop(each, None)
            if value is not None and not isinstance(value, str):
                raise SeedInvalid(f"{self.place}.{each}", "must be text, in quotes")
            if value is not None:
                return value
        return None

    def has(self, *names: str) -> bool:
        return any(self._left.get(name) is not None for name in names)

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self._left.pop(name, default)
        if not isinstance(value, bool):
            raise SeedInvalid(f"{self.place}.{name}", "must be true or false")
        return value

    def number(self, name: str) -> int | None:
        value = self._left.pop(name, None)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise SeedInvalid(f"{self.place}.{name}", "must be a whole number")
        return value

    def moment(self, name: str) -> dt.datetime | None:
        """An unquoted time in YAML and TOML is one already."""
        value = self._left.pop(name, None)
        try:
            found = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            found = value
        if found is None:
            return None
        if not isinstance(found, dt.datetime):
            raise SeedInvalid(f"{self.place}.{name}", "must be a time, such as 2030-01-01T00:00:00Z")
        return found if found.tzinfo else found.replace(tzinfo=dt.UTC)

    def texts(self, name: str, *others: str) -> tuple[str, ...]:
        """A list of texts, or a single one."""
        for each in (name, *others):
            value = self._left.pop(each, None)
            if value is None:
                continue
            listed = [value] if isinstance(value, str) else value
            if not isinstance(listed, list | tuple) or not all(isinstance(item, str) for item in listed):
                raise SeedInvalid(f"{self.place}.{each}", "must be a list of texts")
            return tuple(listed)
        return ()

    def metadata(self, name: str = "metadata") -> dict[str, str | None]:
        value = self._left.pop(name, None) or {}
        if not isinstance(value, Mapping):
            raise SeedInvalid(f"{self.place}.{name}", "must be a table of names and values")
        return dict(value)

    def entries(self, name: str) -> Iterator["Entry"]:
        """A list of tables inside this one; a text stands for a table with nothing but a `name`."""
        for number, each in enumerate(listed(f"{self.place}.{name}", self._left.pop(name, None))):
            place = f"{self.place}.{name}[{number}]"
            yield Entry(place, {"name": each} if isinstance(each, str) else each)

    def table(self, name: str) -> "Entry | None":
        value = self._left.pop(name, None)
        return None if value is None else Entry(f"{self.place}.{name}", value)

    def rest(self) -> dict[str, Any]:
        """Everything that is left, for a rule that knows its own members."""
        left, self._left = self._left, {}
        return left

    def finish(self) -> None:
        if self._left:
            raise SeedInvalid(f"{self.place}.{next(iter(self._left))}", "is not known here")


def listed(place: str, given: object) -> list[Any]:
    if given is None:
        return []
    if not isinstance(given, list | tuple):
        raise SeedInvalid(place, "must be a list")
    return list(given)


def stable_id(prefix: str, *names: str | None) -> str:
    """The same in every database for the same names."""
    text = "\x00".join(name or "" for name in names)
    number = int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    return new_id(prefix, BEGINNING, entropy=lambda bits: number & ((1 << bits) - 1))
