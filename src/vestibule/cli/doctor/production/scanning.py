"""Looking for patterns in the project's own files."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from vestibule.cli.starting.apps import files, is_test

LARGEST = 1_000_000
MOST_NAMED = 4
PAGES = (".py", ".html", ".jinja", ".jinja2", ".j2", ".js", ".mjs", ".jsx", ".ts", ".tsx", ".vue", ".svelte")
SCRIPTS = tuple(suffix for suffix in PAGES if suffix != ".py")


@dataclass(frozen=True, slots=True)
class Hit:
    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.path.as_posix()}:{self.line}"


def count(directory: Path, suffixes: tuple[str, ...]) -> int:
    return sum(1 for _ in files(directory, suffixes))


def search(
    directory: Path, pattern: re.Pattern[str], suffixes: tuple[str, ...], *, tests: bool = False
) -> Iterator[Hit]:
    """Every line that matches; in test files only, or in all others."""
    for path in files(directory, suffixes):
        relative = path.relative_to(directory)
        if is_test(relative) is tests:
            yield from (Hit(relative, number) for number, line in _lines(path) if pattern.search(line))


def search_files(directory: Path, paths: Iterable[Path], pattern: re.Pattern[str]) -> Iterator[Hit]:
    for path in paths:
        relative = path.relative_to(directory)
        yield from (Hit(relative, number) for number, line in _lines(path) if pattern.search(line))


def named(hits: list[Hit]) -> str:
    more = f" and {len(hits) - MOST_NAMED} more" if len(hits) > MOST_NAMED else ""
    return ", ".join(map(str, hits[:MOST_NAMED])) + more


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        if path.stat().st_size <= LARGEST:
            yield from enumerate(path.read_text("utf-8").splitlines(), start=1)
    except (OSError, UnicodeDecodeError):
        return
