"""The public surface is a file in the repository: a difference in review is the discussion."""

import pytest

from tests.project.public_names import PUBLIC, lines, opened
from tests.project.tree import ROOT


def test_the_public_names_are_the_listed_ones() -> None:
    listed = (ROOT / "tests/public_api.txt").read_text("utf-8").splitlines()
    assert list(lines()) == listed, "run `make api` and review the difference"


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_list_is_complete(name: str) -> None:
    """And sorted, which the linter holds."""
    module = opened(name)
    listed = getattr(module, "__all__", None)
    if listed is not None:
        assert len(set(listed)) == len(listed)
        assert all(hasattr(module, public) for public in listed)
