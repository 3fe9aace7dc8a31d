"""From one color of one's own to all that a page needs of it, each text readable on what is behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from vestibule.server.identity.colors import TEXT, WHITE, contrast, ink_on, mirrored, mix, shade

Scheme: TypeAlias = Literal["light", "dark"]

CARD: Final[Mapping[Scheme, str]] = {"light": "#ffffff", "dark": "#1f231f"}
"""What forms and their links stand on, as the sheet has it."""
SOFT: Final[Mapping[Scheme, str]] = {"light": "#5f5b53", "dark": "#a9a69d"}
HOVER: Final = 0.16
WASH: Final[Mapping[Scheme, float]] = {"light": 0.1, "dark": 0.16}
ARCHES: Final = (0.62, 0.42, 0.24, 0.62)
"""How much of the card is in the three arches behind it, and in the line around them."""


@dataclass(frozen=True, slots=True)
class Accent:
    """`fill` is behind `ink`; `link` is text on the card, and `link_deep` on the `wash` too."""

    fill: str
    fill_deep: str
    ink: str
    link: str
    link_deep: str
    wash: str


@dataclass(frozen=True, slots=True)
class Paper:
    """The page around the card: its arches and their line, and what is written on all of them."""

    paper: str
    arches: tuple[str, str, str]
    line: str
    ink: str


@lru_cache(maxsize=64)
def accent(color: str, scheme: Scheme) -> Accent:
    card, ink = CARD[scheme], ink_on(color)
    away = "#000000" if ink == WHITE else WHITE
    wash = mix(color, card, WASH[scheme])
    link = shade(color, on=[card])
    return Accent(
        fill=color,
        fill_deep=mix(away, color, HOVER),
        ink=ink,
        link=link,
        link_deep=shade(mix(ink_on(card), link, HOVER), on=[card, wash]),
        wash=wash,
    )


@lru_cache(maxsize=64)
def dark_of(color: str) -> str:
    """For a page in the dark, when nobody chose one: light enough for a link, and of the same hue."""
    return shade(mirrored(color), on=[CARD["dark"]])


@lru_cache(maxsize=64)
def paper(color: str, scheme: Scheme) -> Paper:
    """Arches that would hide what is written over them are left out."""
    lifted = [mix(CARD[scheme], color, share) for share in ARCHES]
    if _is_far(color, CARD[scheme]):
        lifted = [mix(ink_on(color), color, share / 10) for share in ARCHES]
    ink = shade(SOFT[scheme], on=[color, *lifted[:3]])
    if any(contrast(ink, each) < TEXT for each in (color, *lifted[:3])):
        lifted, ink = [color] * 4, ink_on(color)
    return Paper(color, (lifted[0], lifted[1], lifted[2]), lifted[3], ink)


def _is_far(one: str, other: str) -> bool:
    """Too far for steps from one to the other to look quiet."""
    return contrast(one, other) > 2


def advice(light: str | None, dark: str | None) -> tuple[str, ...]:
    """What was done to colors so that everybody can read them, in sentences."""
    chosen: tuple[tuple[str, str | None, Scheme], ...] = (
        ("accent", light, "light"),
        ("accent_dark", dark, "dark"),
    )
    said = []
    for name, color, scheme in chosen:
        if color is not None and (link := accent(color, scheme).link) != color:
            said.append(
                f"{name}: {color} has a contrast of {contrast(color, CARD[scheme]):.1f} on the {scheme} "
                f"card, and text needs {TEXT}: links are {link}."
            )
    if light is not None and dark is None:
        said.append(f"accent_dark: none is chosen, so dark pages have {dark_of(light)}.")
    return tuple(said)
