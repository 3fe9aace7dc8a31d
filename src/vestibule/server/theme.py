"""The sheet of a page, which stands in the page itself: the rules of what is on it, in the right colors.

So a page is painted with its first answer, which fits into what a server may send at once; its policy names
the sheet by its hash, and no other may be there.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Set
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
HERE: Final = Markup("/*sheet*/")
"""Where a template has its sheet, until it is known what is on the page."""
TAG: Final = "<style>"
CLASSES: Final = re.compile(r' class="([^"]*)"')
CLASS_IN_SELECTOR: Final = re.compile(r"\.([a-z][\w-]*)")
BLOCK: Final = re.compile(
    r"(?P<media>@[a-z]+[^{}]*)\{(?P<rules>(?:[^{}]+\{[^{}]*\})*)\}|(?P<rule>[^{}@]+\{[^{}]*\})"
)
RULE: Final = re.compile(r"([^{}]+)\{([^{}]*)\}")
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


def dress(html: str, branding: Branding) -> tuple[str, Sheet]:
    """The page with its sheet in it."""
    classes = frozenset(name for names in CLASSES.findall(html) for name in names.split())
    sheet = sheet_of(branding, classes)
    # With its tag, which nobody can type into a page.
    return html.replace(f"{TAG}{HERE}", f"{TAG}{sheet.text}", 1), sheet


def sheet_of(branding: Branding, classes: frozenset[str] | None = None) -> Sheet:
    """With the rules for these classes, or with all there are."""
    return _sheet(
        classes,
        branding.appearance,
        branding.radius,
        branding.accent,
        branding.accent_dark or (palettes.dark_of(branding.accent) if branding.accent else None),
        branding.background,
        branding.background_dark,
    )


@lru_cache(maxsize=256)
def _sheet(
    classes: frozenset[str] | None,
    appearance: str,
    radius: str,
    accent: str | None,
    accent_dark: str | None,
    background: str | None,
    background_dark: str | None,
) -> Sheet:
    light = _rule(_colors(accent, background, "light"))
    dark = _rule(_colors(accent_dark, background_dark, "dark"))
    text = _fixed(_needed(stripped("vestibule.css"), classes), appearance) + _rule([*_rounding(radius)])
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


def _needed(text: str, classes: Set[str] | None) -> str:
    if classes is None:
        return text
    return "".join(_kept(block, classes) for block in BLOCK.finditer(text))


def _kept(block: re.Match[str], classes: Set[str]) -> str:
    if block["rule"]:
        return _pruned(block["rule"], classes)
    if not block["media"].startswith("@media"):
        return block[0]
    rules = "".join(_pruned(rule[0], classes) for rule in RULE.finditer(block["rules"]))
    return f"{block['media']}{{{rules}}}" if rules else ""


def _pruned(rule: str, classes: Set[str]) -> str:
    selectors, _, rest = rule.partition("{")
    met = [each for each in selectors.split(",") if classes >= set(CLASS_IN_SELECTOR.findall(each))]
    return f"{','.join(met)}{{{rest}" if met else ""


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
