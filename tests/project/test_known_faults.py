"""docs/known-faults.md promises a test for each fault of the peers; here each promise is looked up."""

import re

from tests.project.tree import ROOT

PAGE = ROOT / "docs" / "known-faults.md"
FAULTS = {"E1", "E4", "E5", "E6", "E10", *(f"P{n}" for n in range(23, 37)), *(f"J{n}" for n in range(39, 45))}
ROW = re.compile(r"^\| ([EPJ]\d+) \|([^|]+)\|([^|]+)\|([^|]*)\|$", re.M)
PYTHON = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
JAVASCRIPT = re.compile(r"`(clients/js/tests/[\w/.]+): ([^`]+)`")


def test_each_known_fault_has_a_row() -> None:
    numbers = [row[0] for row in ROW.findall(PAGE.read_text("utf-8"))]
    assert len(numbers) == len(set(numbers))
    assert set(numbers) == FAULTS


def test_each_row_names_tests_and_they_exist() -> None:
    for number, _, ours, in_front in ROW.findall(PAGE.read_text("utf-8")):
        assert PYTHON.findall(ours) or JAVASCRIPT.findall(ours), number
        for path, name in PYTHON.findall(ours + in_front):
            assert f"def {name}(" in (ROOT / path).read_text("utf-8"), (number, path, name)
        for path, title in JAVASCRIPT.findall(ours + in_front):
            assert title in (ROOT / path).read_text("utf-8"), (number, path, title)
        named = len(PYTHON.findall(ours + in_front)) + len(JAVASCRIPT.findall(ours + in_front))
        assert named == (ours + in_front).count("::") + (ours + in_front).count(".ts: "), number
