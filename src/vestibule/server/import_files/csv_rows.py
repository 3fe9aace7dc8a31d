"""CSV, with a header that names the columns: one row, one person."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final, TextIO

from vestibule.errors import ConfigError
from vestibule.server.identity.importing import IncomingHash, IncomingOrganization, IncomingUser, hash_kind
from vestibule.server.import_files.rows import Row, Unreadable, fingerprint_of, words

COLUMNS: Final = (
    *("email", "email_verified", "first_name", "last_name", "name", "locale", "id", "external_id"),
    *("password_hash", "password_hash_type", "password_salt_position"),
    *("organization_id", "organization_external_id", "organization_name", "role"),
)
METADATA: Final = "metadata."
YES: Final = ("true", "1", "yes", "y", "t")
NO: Final = ("false", "0", "no", "n", "f", "")


class Counted:
    """The lines of a file, and how many bytes they were."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.read = 0

    def __iter__(self) -> "Counted":
        return self

    def __next__(self) -> str:
        line = next(self._file)
        self.read += len(line.encode("utf-8", "surrogateescape"))
        return line


class CsvFile:
    def __init__(self, path: Path, *, delimiter: str = ",") -> None:
        self._path = path
        self._delimiter = delimiter

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
        """`number` is the line where the row ends. Raises ConfigError for a header that is wrong."""
        try:
            with self._path.open("r", encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
                yield from self._rows(Counted(file))
        except OSError as error:
            raise ConfigError(f"Cannot read {self._path}: {error.strerror}") from None

    def _rows(self, lines: Counted) -> Iterator[Row]:
        reader = csv.reader(lines, delimiter=self._delimiter, strict=True)
        header = self._header(next(reader, []))
        while True:
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(number=reader.line_num, who="", read=lines.read, problem=f"not CSV: {error}")
                continue
            if fields:
                yield _row(reader.line_num, lines.read, header, fields)

    def _header(self, given: Sequence[str]) -> Sequence[str]:
        header = [column.strip() for column in given]
        unknown = [column for column in header if column not in COLUMNS and not column.startswith(METADATA)]
        if unknown:
            known = ", ".join([*COLUMNS, METADATA + "…"])
            raise ConfigError(f"{self._path}, line 1: no column {unknown[0]!r}. There may be {known}")
        if "email" not in header:
            raise ConfigError(f"{self._path}, line 1: the header has no column email")
        if len(set(header)) != len(header):
            raise ConfigError(f"{self._path}, line 1: a column is there twice")
        return header


def _row(number: int, read: int, header: Sequence[str], fields: Sequence[str]) -> Row:
    who = ""
    try:
        if len(fields) != len(header):
            raise Unreadable(f"{len(fields)} fields, and the header has {len(header)}")
        values = {name: value.strip() for name, value in zip(header, fields, strict=True)}
        who = values["email"]
        return Row(number=number, who=who, read=read, record=user_of(values))
    except Unreadable as problem:
        return Row(number=number, who=who, read=read, problem=str(problem))


def user_of(values: Mapping[str, str]) -> IncomingUser:
    if any("\udc80" <= letter <= "\udcff" for value in values.values() for letter in value):
        raise Unreadable("not UTF-8")
    return IncomingUser(
        email=values["email"],
        email_verified=_switch(values.get("email_verified", "")),
        metadata={
            name.removeprefix(METADATA): value
            for name, value in values.items()
            if name.startswith(METADATA) and value
        },
        password_hash=_hash(values),
        member_of=_organization(values),
        roles=words(values.get("role", "")),
        first_name=values.get("first_name") or None,
        last_name=values.get("last_name") or None,
        name=values.get("name") or None,
        locale=values.get("locale") or None,
        id=values.get("id") or None,
        external_id=values.get("external_id") or None,
    )


def _switch(text: str) -> bool:
    if text.lower() in YES:
        return True
    if text.lower() in NO:
        return False
    raise Unreadable("email_verified is neither true nor false")


def _hash(values: Mapping[str, str]) -> IncomingHash | None:
    text = values.get("password_hash")
    if not text:
        return None
    kind = values.get("password_hash_type") or hash_kind(text)
    if kind is None:
        raise Unreadable("password_hash_type is missing, and the hash does not say it itself")
    return IncomingHash(kind=kind, text=text, salt_position=values.get("password_salt_position") or None)


def _organization(values: Mapping[str, str]) -> IncomingOrganization | None:
    given = [values.get(f"organization_{name}") or None for name in ("id", "external_id", "name")]
    if not any(given):
        if values.get("role"):
            raise Unreadable("a role, but no organization")
        return None
    organization_id, external_id, name = given
    return IncomingOrganization(
        id=organization_id, external_id=external_id, name=name or external_id or str(organization_id)
    )
