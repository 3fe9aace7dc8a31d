"""docs/coming-from-authkit.md names a Python symbol and a test for each function: each is looked up here."""

import importlib
import re

import pytest

from tests.project.tree import ROOT

PAGE = ROOT / "docs" / "coming-from-authkit.md"
SYMBOL = re.compile(r"`(vestibule(?:\.\w+)+)`")
TEST = re.compile(r"`((?:typing_tests|tests)/[\w/]+\.py)(?:::(test_\w+))?`")
CELL = re.compile(r"(?<!\\)\|")
HEADS = {"Theirs", "---"}
LEAST = 90


def rows() -> list[list[str]]:
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in CELL.split(line)[1:-1]] for line in lines]
    return [row for row in cells if row[0] not in HEADS]


def test_the_page_has_a_row_for_every_function() -> None:
    assert len(rows()) >= LEAST
    assert all(len(row) == 3 for row in rows())


@pytest.mark.parametrize("row", rows(), ids=lambda row: str(row[0])[:60])
def test_a_row_names_what_exists_or_says_why_it_was_dropped(row: list[str]) -> None:
    _, here, test = row
    dropped = re.search(r"[Dd]ropped\b.*\bbecause\b", here) is not None
    symbols, tests = SYMBOL.findall(here), TEST.findall(test)
    assert dropped or (symbols and tests), row
    for symbol in symbols:
        assert found(symbol), symbol
    for file, name in tests:
        path = ROOT / file
        assert path.is_file(), file
        assert not name or f"def {name}(" in path.read_text("utf-8"), f"{file}::{name}"


def found(symbol: str) -> bool:
    """A module, or something in one."""
    parts = symbol.split(".")
    for length in range(len(parts), 0, -1):
        try:
            value: object = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            if not hasattr(value, name):
                return False
            value = getattr(value, name)
        return True
    return False
