"""Every attack case and every regression there is, and the page that says where each is tested.

`python -m tests.security.catalogue` writes the page from the tables beside this file and the tests there are.
"""

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.security.cases import CASES, Case
from tests.security.regressions import REGRESSIONS, Regression

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security" / "cases.md"
CASE_IN_NAME = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2})_([0-9]+)(?![0-9])")

INTRODUCTION = """\
# Attack cases

Each case is a test named after its id, so `pytest -k CK_3` runs case CK-3 and nothing else. This page is
written by `python -m tests.security.catalogue`, and a test fails when it no longer says what is in the tree.
*Waiting* means that the part it attacks does not exist yet.
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A test function, by its file below `tests/`."""

    path: str
    name: str


def collect(root: Path = ROOT) -> list[Found]:
    """Every test function, without importing anything."""
    found = []
    for path in sorted((root / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                found.append(Found(path.relative_to(root / "tests").as_posix(), node.name))
    return found


def cases_of(name: str) -> set[str]:
    """The cases that a test is named after."""
    return {f"{letters}-{number}" for letters, number in CASE_IN_NAME.findall(name)}


def files_by_case(tests: Iterable[Found]) -> dict[str, list[str]]:
    files: dict[str, set[str]] = {}
    for test in tests:
        for case in cases_of(test.name):
            files.setdefault(case, set()).add(test.path)
    return {case: sorted(paths) for case, paths in files.items()}


def files_of_regression(regression: Regression, tests: Iterable[Found]) -> list[str]:
    slugs = [slug(each) for each in regression.ids]
    named = [test for test in tests if "reg_" in test.name]
    return sorted(
        {test.path for test in named for each in slugs if re.search(rf"_{each}(?![0-9A-Za-z])", test.name)}
    )


def slug(identifier: str) -> str:
    """As it is written in the name of a test."""
    return re.sub(r"[^A-Za-z0-9]", "_", identifier)


def page() -> str:
    tests = collect()
    files = files_by_case(tests)
    parts = [INTRODUCTION]
    for heading, group in _groups(CASES).items():
        rows = [f"| {case.id} | {case.title} | {_where(files.get(case.id, []), case)} |" for case in group]
        parts.append(f"## {heading}\n\n" + _table("Case | What happens", rows))
    rows = [
        f"| {', '.join(each.ids)} | {each.title} | {_where(files_of_regression(each, tests), each)} |"
        for each in REGRESSIONS
    ]
    parts.append("## What went wrong elsewhere\n\nEach test is named `test_reg_…` after the id it got there.")
    parts.append(_table("Id | What must not happen here", rows))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _table(heads: str, rows: Iterable[str]) -> str:
    return "\n".join([f"| {heads} | Tests |", "| --- | --- | --- |", *rows])


def _groups(cases: Iterable[Case]) -> Mapping[str, list[Case]]:
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.group, []).append(case)
    return groups


def _where(files: list[str], row: Case | Regression) -> str:
    links = ", ".join(f"`{path}`" for path in files)
    same = f"as {', '.join(row.same_as)}" if isinstance(row, Regression) and row.same_as else ""
    waiting = f"waiting: {row.waiting}" if row.waiting else ""
    return "; ".join(part for part in (links, same, waiting) if part)


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page())
