"""Lines of JSON, each an object with the names that the columns of CSV have: one line, one person."""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from vestibule.server.import_files.csv_rows import COLUMNS, METADATA, user_of
from vestibule.server.import_files.rows import Row, Unreadable, fingerprint_of, lines_of


class JsonFile:
    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def name(self) -> str:
        return self._path.name

    @property
    def size(self) -> int | None:
        return self._path.stat().st_size

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint_of(self._path)

    def rows(self) -> Iterator[Row]:
        for number, read, line in lines_of(self._path):
            if line is None or line.strip():
                yield _row(number, read, line)


def _row(number: int, read: int, line: str | None) -> Row:
    who = ""
    try:
        values = _values(line)
        who = values["email"]
        return Row(number=number, who=who, read=read, record=user_of(values))
    except Unreadable as problem:
        return Row(number=number, who=who, read=read, problem=str(problem))


def _values(line: str | None) -> Mapping[str, str]:
    try:
        data = json.loads(line or "")
    except (ValueError, RecursionError):
        raise Unreadable("not JSON, too long for a row, or not UTF-8") from None
    if not isinstance(data, dict):
        raise Unreadable("not an object")
    metadata = data.pop("metadata", None) or {}
    if isinstance(metadata, dict):
        data |= {METADATA + key: value for key, value in metadata.items()}
    unknown = [name for name in data if name not in COLUMNS and not name.startswith(METADATA)]
    if unknown:
        raise Unreadable(f"no field {unknown[0][:100]!r}")
    values = {name: _text(name, value) for name, value in data.items() if value is not None}
    if not values.get("email"):
        raise Unreadable("no email")
    return values


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        raise Unreadable(f"{name} is not text")
    return value.strip()
