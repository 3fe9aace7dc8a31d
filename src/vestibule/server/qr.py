"""QR codes of what an authenticator app is to read, without asking anybody else to draw them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import segno

CORRECTION: Final = "m"  # 15 % may be dirty or reflecting
QUIET_ZONE: Final = 4  # ISO/IEC 18004 asks for this much white around, or readers miss the code


@dataclass(frozen=True, slots=True)
class Drawing:
    """A square of `size`, and the path of its dark rows as SVG's `d` has it: one unit is one module."""

    size: int
    path: str = field(repr=False)


def png_data_uri(text: str, *, scale: int = 5) -> str:
    """For an `<img>` of any application."""
    return str(_make(text).png_data_uri(scale=scale, border=QUIET_ZONE))


def drawing(text: str) -> Drawing:
    """For a template to draw, black on white whatever the page's colors are: cameras need it that way."""
    rows = [list(row) for row in _make(text).matrix_iter(border=QUIET_ZONE)]
    return Drawing(len(rows), "".join(stroke for y, row in enumerate(rows) for stroke in _strokes(row, y)))


def _strokes(row: Sequence[int], y: int) -> Iterator[str]:
    x = 0
    for dark, run in groupby(row):
        length = len(list(run))
        if dark:
            yield f"M{x} {y}.5h{length}"
        x += length


def _make(text: str) -> "segno.QRCode":
    import segno  # here, as few requests draw a code and every start would wait for it

    return segno.make(text, error=CORRECTION, micro=False)
