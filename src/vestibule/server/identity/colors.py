"""Colors that everybody can read: contrast as WCAG 2.2 counts it, and the nearest shade that has enough."""

import colorsys
import re
from collections.abc import Iterable
from typing import Final

TEXT: Final = 4.5
"""WCAG 2.2, 1.4.3: of text against what is behind it."""
WHITE: Final = "#ffffff"
BLACK: Final = "#000000"
INKS: Final = (WHITE, "#111111", BLACK)
STEPS: Final = 200

HEX: Final = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.ASCII)


def parse_color(text: str) -> str | None:
    """`#rrggbb`, from that or from the short `#rgb`; None for anything else."""
    color = text.strip().lower()
    if HEX.fullmatch(color) is None:
        return None
    return color if len(color) == 7 else "#" + "".join(digit * 2 for digit in color[1:])


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def ink_on(fill: str) -> str:
    """White where it can be read, else black. One of them always can: their contrasts multiply to 21."""
    return next(ink for ink in INKS if contrast(ink, fill) >= TEXT)


def shade(color: str, *, on: Iterable[str], least: float = TEXT) -> str:
    """The color itself, or the nearest one of its hue that can be read on all of these.

    Black or white when there is none; it may not be enough then.
    """
    behind = tuple(on)
    hue, lightness, saturation = colorsys.rgb_to_hls(*(each / 255 for each in _channels(color)))
    end = 1.0 if ink_on(behind[0]) == WHITE else 0.0
    for step in range(STEPS + 1):
        moved = lightness + (end - lightness) * step / STEPS
        candidate = color if step == 0 else _hex(colorsys.hls_to_rgb(hue, moved, saturation))
        if all(contrast(candidate, each) >= least for each in behind):
            return candidate
    return WHITE if end else BLACK


def mix(color: str, into: str, share: float) -> str:
    """`into` with this share of the color in it."""
    pairs = zip(_channels(color), _channels(into), strict=True)
    return _hex(tuple((mine * share + theirs * (1 - share)) / 255 for mine, theirs in pairs))


def mirrored(color: str) -> str:
    """The same hue as light as it was dark, for a dark page; what is light already stays."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(each / 255 for each in _channels(color)))
    return _hex(colorsys.hls_to_rgb(hue, max(lightness, 1 - lightness), saturation))


def _luminance(color: str) -> float:
    red, green, blue = (_linear(each / 255) for each in _channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _hex(channels: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(min(max(each, 0.0), 1.0) * 255):02x}" for each in channels)
