"""The tutorial as somebody follows it: its files saved, its tests run by a pytest of their own."""

import re
from pathlib import Path

from tests.project.tree import ROOT
from tests.testing.running import run

PAGE = ROOT / "docs/tutorial-testing.md"
BLOCK = re.compile(r"```python\n(# (\w+\.py)\n.*?)```", re.DOTALL)


def save(directory: Path) -> None:
    for code, name in BLOCK.findall(PAGE.read_text("utf-8")):
        with (directory / name).open("a") as file:
            file.write(code + "\n\n")


def test_every_block_of_python_belongs_to_a_file() -> None:
    assert len(BLOCK.findall(PAGE.read_text("utf-8"))) == PAGE.read_text("utf-8").count("```python")


def test_the_tutorial_runs(tmp_path: Path) -> None:
    save(tmp_path)
    done = run(tmp_path)
    assert "5 passed" in done, done


def test_a_guard_that_is_taken_away_is_noticed_as_the_tutorial_says(tmp_path: Path) -> None:
    save(tmp_path)
    shop = tmp_path / "shop.py"
    shop.write_text(
        shop.read_text().replace(
            '@app.get("/prices", dependencies=[requires(role="admin")])', '@app.get("/prices")'
        )
    )
    done = run(tmp_path, "-k", "guarded")
    shown = re.search(r"```text\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert shown is not None
    assert [line for line in shown[1].splitlines() if line.strip() not in done] == [], done
