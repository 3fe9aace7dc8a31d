"""App data between Python and JSON: dataclasses, TypedDicts and plain dicts, whatever was kept before."""

import types
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, Generic, Literal, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints
from typing import is_typeddict as is_typed_dict
from uuid import UUID

from vestibule.crypto.strict_json import Json
from vestibule.errors import ConfigError

__all__ = ["Codec", "Shape", "shape_of"]

T = TypeVar("T")

Reader = Callable[[Any], Any]

SCALARS: tuple[type, ...] = (str, bool, type(None))
WRITTEN = {datetime: datetime.fromisoformat, date: date.fromisoformat, time: time.fromisoformat, UUID: UUID}
LISTS: dict[object, Callable[[list[Any]], Any]] = {
    list: list,
    tuple: tuple,
    set: set,
    frozenset: frozenset,
    Sequence: list,
    Collection: list,
}


class Codec(Protocol[T]):
    """For a type that is none of those we know: `Auth(app, data=MyCodec())`."""

    def default(self) -> T:
        """What a new visitor has."""
        ...

    def encode(self, value: T, /) -> Json: ...

    def decode(self, data: Any, /) -> T:
        """Raises ValueError for anything `encode` would not make; then the default is in force."""
        ...


class Shape(ABC, Generic[T]):
    """How one installation's data looks. `read` never fails: what does not fit is named and left out."""

    @abstractmethod
    def default(self) -> T: ...

    @abstractmethod
    def read(self, data: Any) -> tuple[T, tuple[str, ...]]: ...

    def write(self, value: T) -> Json:
        written: Json = plain(value)
        return written

    @abstractmethod
    def changed(self, value: T, changes: Mapping[str, Any]) -> T: ...


class _Dict(Shape[Any]):
    """A plain dict, or a TypedDict with a reader for each key."""

    def __init__(self, readers: Mapping[str, Reader] | None = None) -> None:
        self._readers = readers

    def default(self) -> Any:
        return {}

    def read(self, data: Any) -> tuple[Any, tuple[str, ...]]:
        if not isinstance(data, dict):
            return {}, ("value",)
        return (dict(data), ()) if self._readers is None else _members(self._readers, data)

    def changed(self, value: Any, changes: Mapping[str, Any]) -> Any:
        return {**value, **changes}


class _Dataclass(Shape[Any]):
    def __init__(self, kind: type, readers: Mapping[str, Reader]) -> None:
        self._kind = kind
        self._readers = readers

    def default(self) -> Any:
        return self._kind()

    def read(self, data: Any) -> tuple[Any, tuple[str, ...]]:
        if not isinstance(data, dict):
            return self.default(), ("value",)
        members, bad = _members(self._readers, data)
        try:
            return self._kind(**members), bad
        except (TypeError, ValueError):  # its own checks do not like it
            return self.default(), ("value",)

    def changed(self, value: Any, changes: Mapping[str, Any]) -> Any:
        return replace(value, **changes) if changes else value


class _Given(Shape[T]):
    def __init__(self, codec: Codec[T]) -> None:
        self._codec = codec

    def default(self) -> T:
        return self._codec.default()

    def write(self, value: T) -> Json:
        return self._codec.encode(value)

    def read(self, data: Any) -> tuple[T, tuple[str, ...]]:
        try:
            return self._codec.decode(data), ()
        except ValueError:
            return self._codec.default(), ("value",)

    def changed(self, value: T, changes: Mapping[str, Any]) -> T:
        if changes:
            raise TypeError("This app's data has a codec of its own: pass `update` the whole value.")
        return value


def shape_of(kind: Any) -> Shape[Any]:
    """Raises ConfigError for what cannot be kept."""
    if kind is None or kind is dict or get_origin(kind) is dict:
        return _Dict()
    if is_typed_dict(kind):
        return _Dict(_readers(kind))
    if isinstance(kind, type) and is_dataclass(kind):
        needed = [
            each.name
            for each in fields(kind)
            if each.init and each.default is MISSING and each.default_factory is MISSING
        ]
        if needed:
            raise ConfigError(
                f"Who comes for the first time has no data: give these fields of {kind.__name__} a default: "
                f"{', '.join(needed)}."
            )
        return _Dataclass(kind, _readers(kind))
    if not isinstance(kind, type) and all(hasattr(kind, name) for name in ("default", "encode", "decode")):
        return _Given(kind)
    raise ConfigError(
        "`data=` is a dataclass, a TypedDict, dict, or an object with default, encode and decode, "
        f"not {kind!r}."
    )


def plain(value: Any) -> Any:
    """As JSON has it. Raises TypeError."""
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, str | int | float):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value) if each.init}
    if isinstance(value, Mapping):
        return {_key(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"A {type(value).__name__} cannot be kept in app data: keep its id, or give a codec.")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"The keys of app data are texts, not {key!r}.")
    return key


def _members(
    readers: Mapping[str, Reader], data: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What fits; the names of what does not. Unknown members are left out without a word."""
    found: dict[str, Any] = {}
    bad = []
    for name, read in readers.items():
        if name in data:
            try:
                found[name] = read(data[name])
            except (ValueError, TypeError, KeyError, InvalidOperation):
                bad.append(name)
    return found, tuple(bad)


def _readers(kind: Any) -> dict[str, Reader]:
    hints = get_type_hints(kind)
    names = [each.name for each in fields(kind) if each.init] if is_dataclass(kind) else list(hints)
    return {name: reader_of(hints[name], f"{kind.__name__}.{name}") for name in names}


def reader_of(hint: Any, place: str) -> Reader:
    """Raises ConfigError for a type that JSON cannot carry."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in (Any, object):
        return lambda data: data
    if origin in (Union, types.UnionType):
        return _any_of([reader_of(each, place) for each in arguments])
    if origin is Literal:
        return _one_of(arguments)
    kind = origin or hint
    if kind in LISTS:
        return _list(LISTS[kind], reader_of(arguments[0] if arguments else Any, place))
    if kind in (dict, Mapping):
        return _mapping(reader_of(arguments[1] if arguments else Any, place))
    if is_typed_dict(kind) or (isinstance(kind, type) and is_dataclass(kind)):
        return _nested(kind)
    scalar = _scalar(kind)
    if scalar is None:
        raise ConfigError(f"{place} is a {hint!r}, which cannot be kept: keep its id, or give a codec.")
    return scalar


def _scalar(kind: Any) -> Reader | None:
    if kind in SCALARS:
        return lambda data: _checked(data, isinstance(data, kind))
    if kind is int:
        return lambda data: _checked(data, isinstance(data, int) and not isinstance(data, bool))
    if kind is float:
        return lambda data: float(
            _checked(data, isinstance(data, int | float) and not isinstance(data, bool))
        )
    if kind is Decimal:
        return lambda data: Decimal(_checked(data, isinstance(data, str)))
    if kind in WRITTEN:
        read: Reader = WRITTEN[kind]
        return lambda data: read(_checked(data, isinstance(data, str)))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    return None


def _nested(kind: Any) -> Reader:
    known: list[Shape[Any]] = []

    def read(data: Any) -> Any:
        if not known:  # when first needed: a type may hold itself
            readers = _readers(kind)
            known.append(_Dict(readers) if is_typed_dict(kind) else _Dataclass(kind, readers))
        if not isinstance(data, dict):
            raise ValueError("no object")
        members, bad = _members(known[0]._readers, data)  # type: ignore[attr-defined]
        if bad:
            raise ValueError(bad)
        return members if is_typed_dict(kind) else kind(**members)

    return read


def _any_of(readers: Sequence[Reader]) -> Reader:
    def read(data: Any) -> Any:
        for each in readers:
            try:
                return each(data)
            except (ValueError, TypeError, KeyError, InvalidOperation):
                continue
        raise ValueError("none of these")

    return read


def _one_of(values: tuple[Any, ...]) -> Reader:
    # 1 == True, and only one of the two was meant.
    return lambda data: _checked(data, any(type(data) is type(each) and data == each for each in values))


def _list(make: Callable[[list[Any]], Any], read: Reader) -> Reader:
    return lambda data: make([read(each) for each in _checked(data, isinstance(data, list))])


def _mapping(read: Reader) -> Reader:
    return lambda data: {key: read(each) for key, each in _checked(data, isinstance(data, dict)).items()}


def _checked(data: Any, fits: bool) -> Any:
    if not fits:
        raise ValueError("another type")
    return data
