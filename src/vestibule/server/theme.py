"""The sheet of a page, which stands in the page itself: ours without blanks, and what a branding changes.

So a page is painted with its first answer; its policy names the sheet by its hash, and no other may be there.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from markupsafe import Markup

from vestibule.server.identity import palettes
from vestibule.server.identity.branding import Branding
from vestibule.server.identity.colors import contrast
from vestibule.server.identity.palettes import Accent, Paper, Scheme

DARK: Final = re.compile(r"@media \(prefers-color-scheme:dark\)\{(:root\{[^}]*\})\}")
BOTH: Final = "color-scheme:light dark"
RADII: Final[Mapping[str, tuple[str, str]]] = {
    "none": ("0", "0"),
    "small": (".375rem", ".625rem"),
    "large": ("1rem", "1.75rem"),
}
"""Of inputs and buttons, and of the card. The sheet's own are the medium ones."""
WIDEST: Final = 40
FAINT: Final = 1.5
"""A button with less contrast against the card than this has a line around it."""


@dataclass(frozen=True, slots=True)
class Sheet:
    text: Markup
    source: str
    """As `style-src` names it."""


def sheet_of(branding: Branding) -> Sheet:
    return _sheet(
        branding.appearance,
        branding.radius,
        branding.accent,
        branding.accent_dark or (palettes.dark_of(branding.accent) if branding.accent else None),
        branding.background,
        branding.background_dark,
    )


@lru_cache(maxsize=64)
def _sheet(
    appearance: str,
    radius: str,
    accent: str | None,
    accent_dark: str | None,
    background: str | None,
    background_dark: str | None,
) -> Sheet:
    light = _rule(_colors(accent, background, "light"))
    dark = _rule(_colors(accent_dark, background_dark, "dark"))
    text = _fixed(stripped("vestibule.css"), appearance) + _rule([*_rounding(radius)])
    if appearance == "system":
        text += _when("light", light) + _when("dark", dark)
    else:
        text += light if appearance == "light" else dark
    return Sheet(Markup(text), source_of(text))  # noqa: S704 - our own sheet, and checked colors


def source_of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def stripped(name: str) -> str:
    """One of our sheets without comments and blanks."""
    text = re.sub(
        r"/\*.*?\*/", "", files("vestibule.server").joinpath("static", name).read_text("utf-8"), flags=re.S
    )
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ?([{};,>]) ?", r"\1", text)
    text = re.sub(r": (?=[^{}]*[;}])", ":", text)
    text = re.sub(r"\(([a-z-]+): ", r"(\1:", text)
    text = re.sub(r"(?<![\d.])0\.(?=\d)", ".", text)
    return text.replace(";}", "}").strip()


def _fixed(text: str, appearance: str) -> str:
    """For a page that is always light, without what is for the dark; for one that is always dark, with it."""
    if appearance == "system":
        return text
    kept = DARK.sub(r"\1" if appearance == "dark" else "", text)
    return kept.replace(BOTH, f"color-scheme:{appearance}")


def _rounding(radius: str) -> Iterator[str]:
    if radius.endswith("px"):
        pixels = int(radius.removesuffix("px"))
        yield from (f"--round:{pixels}px", f"--round-card:{min(pixels * 9 // 5, WIDEST)}px")
    elif radius in RADII:
        yield from (f"--round:{RADII[radius][0]}", f"--round-card:{RADII[radius][1]}")


def _colors(accent: str | None, background: str | None, scheme: Scheme) -> list[str]:
    return [
        *(_of_accent(palettes.accent(accent, scheme), scheme) if accent else ()),
        *(_of_paper(palettes.paper(background, scheme)) if background else ()),
    ]


def _of_accent(made: Accent, scheme: Scheme) -> Iterator[str]:
    faint = contrast(made.fill, palettes.CARD[scheme]) < FAINT
    yield from (
        f"--accent:{made.fill}",
        f"--accent-deep:{made.fill_deep}",
        f"--on-accent:{made.ink}",
        f"--accent-edge:{made.link if faint else 'transparent'}",
        f"--link:{made.link}",
        f"--link-deep:{made.link_deep}",
        f"--accent-wash:{made.wash}",
    )


def _of_paper(made: Paper) -> Iterator[str]:
    yield from (
        f"--paper:{made.paper}",
        *(f"--arch-{number}:{arch}" for number, arch in enumerate(made.arches, 1)),
        f"--arch-line:{made.line}",
        f"--on-paper:{made.ink}",
    )


def _when(scheme: Scheme, rule: str) -> str:
    return f"@media (prefers-color-scheme:{scheme}){{{rule}}}" if rule else ""


def _rule(declarations: list[str]) -> str:
    return f":root{{{';'.join(declarations)}}}" if declarations else ""
