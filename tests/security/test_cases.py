"""The page of attack cases says what is in the tree: no case forgotten, none claimed that has no test."""

import pytest

from tests.security.cases import CASES, Case
from tests.security.catalogue import PAGE, cases_of, collect, files_by_case, files_of_regression, page, slug
from tests.security.regressions import REGRESSIONS, Regression

# As the requirements number them; the gaps are theirs.
NUMBERS = {
    **{"CK": "1 2 3 4 5 8", "JW": "1 2 3 4 5 6 7 8 9", "JK": "1 2 3 4 5", "PS": "1 2 3 4 5 6 7"},
    **{"OR": "1 2 3 4", "CS": "1 2 3 4", "PW": "1 2 3 5", "EN": "1 2 3", "RL": "1 2 3 4 6"},
    **{"RT": "1 2 3 4 5 6", "LO": "1 2 3", "OG": "1 2 3", "IN": "1 2 3 4", "EV": "1 2 3 4"},
    **{"RS": "1 2 3", "TO": "1 2 3 4", "PK": "1 2 3 4 5", "SA": "1 2 3 4 5 6 7 9 10 11"},
    **{"OI": "1 2 3 4", "AS": "1 2 3 4", "SC": "1 2 3 4 5", "WH": "1 2 3 4 5", "AD": "1 2 3 4"},
    **{"AK": "1 2 3 4", "HH": "1 2 4", "SZ": "1 2 4", "UN": "1 2 4", "HI": "1 2", "CA": "1 2 4"},
    "LG": "1 2 3",
}
IDS = [f"{letters}-{number}" for letters, numbers in NUMBERS.items() for number in numbers.split()]
TESTS = collect()


def test_every_case_is_listed_once() -> None:
    assert sorted(case.id for case in CASES) == sorted(IDS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case_is_tested_or_waits(case: Case) -> None:
    found = files_by_case(TESTS).get(case.id, [])
    assert bool(found) != bool(case.waiting), f"{case.id} has tests in {found}, waits for {case.waiting!r}"


@pytest.mark.parametrize("regression", REGRESSIONS, ids=lambda each: each.ids[0])
def test_a_regression_is_tested_or_waits(regression: Regression) -> None:
    found = files_of_regression(regression, TESTS)
    covered = bool(found) or bool(regression.same_as)
    assert covered != bool(regression.waiting), f"{regression.ids}: tests {found}"
    assert set(regression.same_as) <= set(IDS)


def test_tests_are_named_after_cases_that_exist() -> None:
    assert {case for test in TESTS for case in cases_of(test.name)} <= set(IDS)


def test_no_regression_is_tested_without_being_listed() -> None:
    listed = [slug(each) for regression in REGRESSIONS for each in regression.ids]
    for test in TESTS:
        if test.name.startswith("test_reg_"):
            assert any(f"_{each}" in test.name for each in listed), test


def test_the_page_says_so() -> None:
    assert PAGE.read_text() == page(), "run `python -m tests.security.catalogue`"
