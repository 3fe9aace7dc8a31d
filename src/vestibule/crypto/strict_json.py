"""JSON as RFC 8259 has it, refusing what parsers disagree about."""

import json
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import NoReturn, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MAX_DEPTH = 8


def parse_json(data: bytes) -> Json:
    """Any JSON text in UTF-8. Raises ValueError; never RecursionError."""
    try:
        return _reader()(data)
    except Exception:
        # The quick reader refuses what JavaScript writes too, such as half a surrogate pair.
        return parse_plainly(data)


def parse_plainly(data: bytes) -> Json:
    """The same with nothing but the standard library."""
    try:
        value: Json = TOLERANT.decode(data.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


@cache
def _reader() -> Callable[[bytes], Json]:
    """msgspec (the `speed` extra) where it is installed; imported with the first text, as that takes long."""
    quick: Callable[[bytes], Json] = (
        import_module("msgspec.json").decode if find_spec("msgspec") else parse_plainly
    )
    return quick


def parse_object(data: bytes, *, max_depth: int = MAX_DEPTH) -> dict[str, Json]:
    """A JSON object without duplicate keys, nested at most `max_depth` deep. Raises ValueError."""
    text = data.decode("utf-8")
    if text.count("{") + text.count("[") > max_depth:
        _refuse_depth(text, max_depth)
    value = STRICT.decode(text)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _refuse_depth(text: str, max_depth: int) -> None:
    depth = 0
    in_string = escaped = False
    for character in text:
        if escaped:
            escaped = False
        elif in_string:
            escaped = character == "\\"
            in_string = character != '"'
        elif character == '"':
            in_string = True
        elif character in "{[":
            depth += 1
            if depth > max_depth:
                raise ValueError("nested too deeply")
        elif character in "}]":
            depth -= 1


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate key")
    return members


# Made once: `json.loads` with options makes one for each call.
TOLERANT = json.JSONDecoder(parse_constant=_refuse_constant)
STRICT = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_unique)
