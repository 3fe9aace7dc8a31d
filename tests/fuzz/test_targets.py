"""The fuzz targets on a few hundred inputs each; `make verify` gives each ten minutes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import SEEDS, TARGETS, Finding

PIECES = st.sampled_from(
    [b"/", b"\\", b"@", b"%2f", b"*", b".", b"~2", b"|", b";", b"=", b"\x00", b"\r\n", b"\xff"]
)
INPUTS = st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=12).map(b"".join))


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=300, deadline=None)
@given(data=INPUTS)
def test_nothing_breaks(name: str, data: bytes) -> None:
    TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_are_fine_and_so_is_every_cut_of_them(name: str) -> None:
    for seed in SEEDS[name]:
        for length in range(len(seed) + 1):
            TARGETS[name](seed[:length])


def test_a_finding_is_an_error() -> None:
    with pytest.raises(Finding, match="nobody"):
        raise Finding("nobody")
