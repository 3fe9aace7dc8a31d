"""What every source yields: a place in its file, and there a record or the reason why there is none."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from vestibule.errors import ConfigError
from vestibule.server.identity.importing import Incoming

LONGEST_LINE = 1_048_576


class Unreadable(Exception):
    """This row says nothing that could be taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`number` is the line, or counts from 1 where there are none; `who` tells people which row it is; at
    `read` bytes of the file it ends. Either `record` or `problem` is there."""

    number: int
    who: str
    read: int
    record: Incoming | None = None
    problem: str | None = None


class Source(Protocol):
    """Read once, in order. `size` is that of the file in bytes, None when nobody knows."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int | None: ...

    @property
    def fingerprint(self) -> str: ...

    def rows(self) -> Iterator[Row]: ...


def fingerprint_of(path: Path) -> str:
    """Of the very same file, unchanged."""
    try:
        found = path.stat()
    except OSError as error:
        raise ConfigError(f"Cannot read {path}: {error.strerror}") from None
    return f"{path.absolute()} {found.st_size} {found.st_mtime_ns}"


def lines_of(path: Path) -> Iterator[tuple[int, int, str | None]]:
    """Number, bytes read so far, and the line; None for one that is too long or no UTF-8."""
    read = 0
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(LONGEST_LINE + 1):
                number += 1
                read += len(line)
                whole = line.endswith(b"\n") or len(line) <= LONGEST_LINE
                while not line.endswith(b"\n") and (more := file.readline(LONGEST_LINE)):
                    read += len(more)
                    line = more
                yield number, read, _text(line) if whole else None
    except OSError as error:
        raise ConfigError(f"Cannot read {path}: {error.strerror}") from None


def _text(line: bytes) -> str | None:
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def words(value: str) -> tuple[str, ...]:
    """`admin, member` or `admin;member`."""
    return tuple(value.replace(";", " ").replace(",", " ").split())
