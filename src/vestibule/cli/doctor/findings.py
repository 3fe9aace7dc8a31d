"""What a check found, and what mends it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vestibule.cli.doctor.subject import Subject


class Status(StrEnum):
    """`unknown`: it could not be found out; never a guess."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """`mend` is the command or the line that mends it, or how to find out."""

    status: Status
    found: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """`name` is stable; docs/how-to/doctor.md explains each."""

    name: str
    run: "Callable[[Subject], Finding]"


def ok(found: str) -> Finding:
    return Finding(Status.OK, found)


def warning(found: str, mend: str) -> Finding:
    return Finding(Status.WARNING, found, mend)


def error(found: str, mend: str) -> Finding:
    return Finding(Status.ERROR, found, mend)


def unknown(found: str, mend: str = "") -> Finding:
    return Finding(Status.UNKNOWN, found, mend)
