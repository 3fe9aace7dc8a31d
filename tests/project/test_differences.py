"""docs/differences.md promises a test for each difference; here each promise is looked up."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "differences.md"


def test_each_difference_names_a_test_that_exists() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    promised = [row.split("|")[-2] for row in rows if not row.startswith(("| What the peers", "| ---"))]
    defined = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert promised
    for cell in promised:
        files = re.findall(r"(?:tests/[\w/]*)?(test_\w+\.py)", cell)
        names = re.findall(r"(?:::|`)(test_\w+)`", cell)
        assert files, cell
        assert all(any((ROOT / "tests").rglob(file)) for file in files), cell
        assert all(f"def {name}(" in defined for name in names), cell
