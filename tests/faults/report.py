"""Writes the recorded figures into docs/reliability.md: `python -m tests.faults.report`."""

import sys
from itertools import groupby
from pathlib import Path

from tests.faults.figures import Figure, recorded

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"

SECTIONS = {
    "The server is killed": ("01",),
    "Many at once": ("02", "03"),
    "The identity server does not answer, or not well": ("04", "05"),
    "Replies are lost": ("06", "07", "08", "09"),
    "The database is in trouble": ("10", "11", "12"),
    "Clocks differ": ("14",),
    "Done on purpose, under load": ("15", "16", "17", "18", "19"),
    "A million users and sessions": ("20",),
    "Everything at once": ("21",),
}


def tables(figures: list[Figure]) -> str:
    parts = []
    for title, numbers in SECTIONS.items():
        rows = [figure for figure in figures if figure.name[:2] in numbers]
        if rows:
            parts.append(f"### {title}\n\n{_table(rows)}")
    return "\n\n".join(parts)


def _table(figures: list[Figure]) -> str:
    lines = ["| fault | what was done | figure | date |", "| --- | --- | --- | --- |"]
    lines += [f"| {each.fault} | {each.done} | {each.figure} | {each.date} |" for each in figures]
    tests = [test for test, _ in groupby(sorted({_function(each.test) for each in figures}))]
    commands = "\n".join(f"    .venv/bin/pytest {test}" for test in tests)
    return "\n".join(lines) + f"\n\nMade by\n\n{commands}"


def _function(test: str) -> str:
    return test.partition("[")[0]


def written(page: str, figures: list[Figure]) -> str:
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables(figures)}\n\n{END}{after}"


if __name__ == "__main__":
    found = recorded()
    PAGE.write_text(written(PAGE.read_text("utf-8"), found), "utf-8")
    sys.stdout.write(f"{len(found)} figures are in docs/reliability.md\n")
