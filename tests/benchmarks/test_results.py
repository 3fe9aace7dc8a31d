"""The published table is complete and says what it is worth; no test looks at how fast anything is."""

from pathlib import Path

import pytest

from benchmarks.rounds import Ratio, Rounds
from benchmarks.table import HEAD, METRICS, Row, markdown

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results.md"


def published() -> list[list[str]]:
    lines = [line for line in RESULTS.read_text("utf-8").splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_the_table_has_the_promised_columns() -> None:
    assert tuple(published()[0]) == HEAD
    assert {len(cells) for cells in published()} == {len(HEAD)}


@pytest.mark.parametrize("metric", METRICS)
def test_every_promised_figure_is_there(metric: str) -> None:
    rows = [cells for cells in published() if cells[0] == metric]
    assert rows
    assert all(cells[1] and cells[2] for cells in rows)


def test_every_goal_has_a_verdict() -> None:
    for *_, measured, goal, verdict in published()[2:]:
        assert (verdict in ("met", "**missed**")) == (goal != "-")
        assert measured != "-" or goal == "-"


def test_a_missed_goal_is_explained() -> None:
    text = RESULTS.read_text("utf-8")
    missed = {cells[0].partition(",")[0] for cells in published() if cells[-1] == "**missed**"}
    explained = text.partition("## Where a goal is missed")[2]
    assert [metric for metric in missed if metric not in explained.lower()] == []


def test_a_ratio_is_taken_round_by_round() -> None:
    rounds = Rounds({"ours": [1.0, 2.0, 4.0], "theirs": [10.0, 30.0, 20.0]})
    assert rounds.ratio("theirs", "ours") == Ratio(10.0, 5.0, 15.0)
    assert str(rounds.ratio("theirs", "ours")) == "10.0 (5.00 to 15.0)"


def test_the_verdict_is_the_goal_s() -> None:
    row = Row(metric="m", peer="p", ours="o", measured=9.0, unit="x", at_least=10)
    assert row.cells() == ("m", "p", "o", "9x", "≥ 10x", "**missed**")
    assert Row(metric="m", peer="p", ours="o", measured=Ratio(3, 1, 4), at_most=3).verdict == "met"
    assert Row(metric="m", peer="p", ours="o").cells()[3:] == ("-", "-", "-")
    assert markdown([row]).count("\n") == 2


def test_the_notes_below_the_table_are_the_written_ones() -> None:
    notes = RESULTS.with_name("notes.md").read_text("utf-8").strip()
    assert RESULTS.read_text("utf-8").strip().endswith(notes)


@pytest.mark.parametrize("framework", ["Starlette", "FastAPI", "Litestar", "Flask", "Django"])
def test_what_a_guard_costs_is_published_for_every_framework(framework: str) -> None:
    text = RESULTS.with_name("adapters.md").read_text("utf-8")
    assert f"| guarded page, {framework} | its hello world, " in text
