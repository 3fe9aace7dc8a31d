"""Aura's recorded table of where a browser may be sent."""

from typing import Any

import pytest

from tests.direct.aura.aura_vectors import cases, vectors
from vestibule.direct.aura.redirects import compiled, given, is_address, is_relative, is_trusted, target

TABLE = vectors()["redirects"]["createRedirectTo"]


@pytest.mark.parametrize("row", cases("redirects", "createRedirectTo", "rows", name="value"))
def test_an_address_is_judged_as_aura_judges_it(row: dict[str, Any]) -> None:
    value, own, trusted = row["value"], TABLE["base_url"], TABLE["trusted_origins"]
    assert is_relative(value) is row["isRelativeURL"]
    assert is_address(value) is row["isValidURL"]
    assert is_trusted(value, trusted) is row["isTrustedOrigin"]
    assert target(value, own_origin=own) == row["createRedirectTo_no_trusted"]
    assert target(value, own_origin=own, trusted=trusted) == row["createRedirectTo_trusted"]


@pytest.mark.parametrize("case", cases("redirects", "trusted_origin_patterns", name="pattern"))
def test_a_pattern_fits_what_it_fits_in_aura(case: dict[str, Any]) -> None:
    pattern = compiled(case["pattern"])
    assert (pattern is None) is (case["regex"] is None)
    for origin, expected in case["matches"].items():
        # A host with capitals is no origin of a browser: those are lower case by then.
        lower = origin == origin.lower()
        assert (pattern is not None and pattern.fullmatch(origin) is not None) is (expected and lower)


def test_no_row_is_left_out() -> None:
    assert len(TABLE["rows"]) == 63
    assert len(vectors()["redirects"]["trusted_origin_patterns"]) == 14


def test_the_word_undefined_was_not_given() -> None:
    assert given("undefined") is None
    assert given(" ") is None
    assert given("/undefined") == "/undefined"
    assert target("undefined", own_origin="http://localhost") == "/"
    assert target("http://localhost/a%20b", own_origin="http://localhost") == "/"
