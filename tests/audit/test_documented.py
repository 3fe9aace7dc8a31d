"""The how-to names each thing that can be found."""

from tests.project.tree import ROOT
from vestibule.audit import Flaw


def test_each_code_of_a_finding_is_explained() -> None:
    page = (ROOT / "docs/how-to/audit-guards.md").read_text("utf-8")
    assert [flaw.value for flaw in Flaw if f"| `{flaw.value}` |" not in page] == []
