"""What the explanations point at is there: each `file.py:name` of the package, each test."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.project.tree import ROOT, SOURCE, parsed

FOLDER = ROOT / "docs" / "explanation"
PLACE = re.compile(r"`([a-z_/]+\.py):([A-Za-z_.]+)`")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
LINES = re.compile(r"all (\d+) lines of it")


def text(page: str) -> str:
    return (FOLDER / page).read_text("utf-8")


@cache
def names_in(path: Path) -> frozenset[str]:
    """`Class`, `Class.method`, `function`."""
    found = set()
    for node in parsed(path).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            inner = (each for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))
            found |= {f"{node.name}.{each.name}" for each in inner}
    return frozenset(found)


@pytest.mark.parametrize(("file", "name"), sorted(set(PLACE.findall(text("a-request.md")))))
def test_a_place_on_the_way_of_a_request_exists(file: str, name: str) -> None:
    assert name in names_in(SOURCE / file)


def test_the_file_to_read_first_is_as_long_as_it_says() -> None:
    (lines,) = LINES.findall(text("a-request.md"))
    assert int(lines) == len((SOURCE / "flow.py").read_text("utf-8").splitlines())


@pytest.mark.parametrize(("file", "name"), sorted(set(TEST.findall(text("what-it-protects.md")))))
def test_a_test_that_is_named_as_a_proof_exists(file: str, name: str) -> None:
    assert name in names_in(ROOT / file)
