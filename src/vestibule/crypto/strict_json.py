"""JSON as RFC 8259 has it, refusing what parsers disagree about."""

import json
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NoReturn, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MAX_DEPTH = 8


def parse_json(data: bytes) -> Json:
    """Any JSON text in UTF-8. Raises ValueError; never RecursionError."""
    quick = _quick()
    if quick is None:  # pragma: no cover - without the speed extra, where the toolkit's own tests run
        return parse_plainly(data)
    try:
        value: Json = quick.decode(data)
    except Exception:
        # It refuses what JavaScript writes too, such as half a surrogate pair.
        return parse_plainly(data)
    return value


def parse_plainly(data: bytes) -> Json:
    """The same with nothing but the standard library."""
    try:
        value: Json = TOLERANT.decode(data.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


def parse_object(data: bytes, *, max_depth: int = MAX_DEPTH) -> dict[str, Json]:
    """A JSON object without duplicate keys, nested at most `max_depth` deep. Raises ValueError."""
    if data.count(b"{") + data.count(b"[") > max_depth:
        _refuse_depth(data.decode("utf-8"), max_depth)
    value = _parse_unique(data)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _parse_unique(data: bytes) -> Json:
    quick = _quick()
    if quick is not None:  # pragma: no branch - without the speed extra
        try:
            value: Json = quick.decode(data)
            # Whoever writes the same text again has read every key in it, and so none of them twice.
            if quick.encode(value) == data:
                return value
        except Exception:
            return parse_strictly(data)
    return parse_strictly(data)


def parse_strictly(data: bytes) -> Json:
    """Without duplicate keys, with nothing but the standard library."""
    value: Json = STRICT.decode(data.decode("utf-8"))
    return value


@cache
def _quick() -> Any:
    """msgspec's (the `speed` extra), or None; imported with the first text, as that takes long."""
    return import_module("msgspec.json") if find_spec("msgspec") else None


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
