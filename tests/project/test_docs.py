"""Every Python block in the README and the documentation runs, each page from top to bottom in one namespace.

A block that cannot run on its own says why: `<!--- skip: next "it needs a provider's secret" -->`.
"""

import contextlib
from pathlib import Path
from unittest import SkipTest

import pytest
from sybil import Document, Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

from tests.project.tree import ROOT, shown, tracked

PAGES = [
    path
    for path in tracked()
    if path.suffix == ".md" and path.parts[len(ROOT.parts)] in ("README.md", "docs")
]
UNEXPLAINED = "skip: next -->"


def pages_with_python() -> list[Path]:
    return [page for page in PAGES if "```python" in page.read_text("utf-8")]


@pytest.mark.parametrize("page", pages_with_python(), ids=shown)
def test_the_python_on_a_page_runs(page: Path, tmp_path: Path) -> None:
    reader = Sybil(parsers=[PythonCodeBlockParser(), SkipParser()], path=str(ROOT), pattern="*.md")
    document = reader.parse(page)
    assert isinstance(document, Document)
    document.namespace["__name__"] = __name__  # Litestar looks up the module of its handlers
    with contextlib.chdir(tmp_path):
        for example in document.examples():
            with contextlib.suppress(SkipTest):  # what Sybil raises for a block left out on purpose
                example.evaluate()


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_a_block_that_is_left_out_says_why(page: Path) -> None:
    assert UNEXPLAINED not in page.read_text("utf-8")
