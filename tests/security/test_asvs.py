"""The page about ASVS names tests that exist and counts itself rightly."""

import re
from collections import Counter

import pytest

from tests.security.catalogue import ROOT, collect

PAGE = (ROOT / "docs" / "security" / "asvs.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| [0-9]", line)
]
NAMES = {test.name for test in collect()}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_names_a_test_that_exists_or_says_why_there_is_none(row: list[str]) -> None:
    requirement, text, test, state, remark = row
    assert re.match(r"[0-9]+\.[0-9]+\.[0-9]+", requirement)
    assert text
    assert state in ("holds", "partly", "not yet")
    if test == "none":
        assert remark or state == "not yet"
    else:
        assert test.strip("`") in NAMES
    assert state != "partly" or remark


def test_the_sum_is_right() -> None:
    states = Counter(row[3] for row in ROWS)
    said = (
        f"Of {len(ROWS)} rows, {states['holds']} hold, {states['partly']} hold partly, {states['not yet']} do"
    )
    assert said in PAGE
