"""What may be chosen of a branding: each choice with what it must look like."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from vestibule.server.identity.colors import parse_color

Copy: TypeAlias = Mapping[str, Mapping[str, str]]

APPEARANCES: Final = ("system", "light", "dark")
RADII: Final = ("none", "small", "medium", "large")
MOST_PIXELS: Final = 32
LONGEST_NAME: Final = 80
LONGEST_SENTENCE: Final = 300
LONGEST_LINK: Final = 2_000
MOST_LANGUAGES: Final = 50
SENTENCES: Final = (
    *("sign_in_title", "sign_in_lead", "sign_in_footer"),
    *("sign_up_title", "sign_up_lead", "sign_up_footer"),
)

PIXELS: Final = re.compile(r"(\d{1,2})px", re.ASCII)
LINK: Final = re.compile(r"https?://[^\s\"'<>\\^`{|}/?#@]+(?:[/?#][^\s\"'<>\\^`{|}]*)?")
MAIL: Final = re.compile(r"mailto:[^\s\"'<>\\^`{|}@]+@[^\s\"'<>\\^`{|}@]+")
LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.ASCII)
UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class BadChoice(ValueError):
    """`code` is stable; the text says what it must be like."""

    def __init__(self, text: str, *, code: str) -> None:
        super().__init__(text)
        self.code = code


def problem_of(name: str, error: ValueError) -> dict[str, str]:
    code = error.code if isinstance(error, BadChoice) else "unknown_field"
    return {"field": name, "code": code, "message": str(error)}


def _color(value: Any) -> str:
    color = parse_color(value) if isinstance(value, str) else None
    if color is None:
        raise BadChoice("A color is written like #1b5e4f.", code="invalid_color")
    return color


def _appearance(value: Any) -> str:
    if value not in APPEARANCES:
        raise BadChoice(f"The appearance is one of {', '.join(APPEARANCES)}.", code="invalid_appearance")
    return str(value)


def _radius(value: Any) -> str:
    if value in RADII:
        return str(value)
    found = PIXELS.fullmatch(value) if isinstance(value, str) else None
    if found is None or int(found[1]) > MOST_PIXELS:
        raise BadChoice(
            f"The radius is one of {', '.join(RADII)}, or pixels like 12px, up to {MOST_PIXELS}px.",
            code="invalid_radius",
        )
    return f"{int(found[1])}px"


def _link(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_LINK or LINK.fullmatch(value) is None:
        raise BadChoice("A link begins with https:// or http://, and has no spaces.", code="invalid_link")
    return value


def _support(value: Any) -> str:
    if isinstance(value, str) and value.startswith("mailto:"):
        if len(value) <= LONGEST_LINK and MAIL.fullmatch(value):
            return value
        raise BadChoice("An address is written like mailto:help@example.com.", code="invalid_link")
    return _link(value)


def _text(value: Any, longest: int) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > longest or UNPRINTABLE.search(text):
        raise BadChoice(f"This is one line of text, with up to {longest} characters.", code="invalid_text")
    return text


def _name(value: Any) -> str:
    return _text(value, LONGEST_NAME)


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadChoice("This is true or false.", code="invalid_switch")
    return value


def _copy(value: Any) -> dict[str, dict[str, str]]:
    """Empty sentences are left out: ours are said then."""
    if not isinstance(value, Mapping) or len(value) > MOST_LANGUAGES:
        raise BadChoice("Sentences stand in a table for each language, like [copy.en].", code="invalid_copy")
    checked = {str(tag).lower().replace("_", "-"): _sentences(str(tag), said) for tag, said in value.items()}
    return {tag: said for tag, said in checked.items() if said}


def _sentences(tag: str, said: Any) -> dict[str, str]:
    if LANGUAGE.fullmatch(tag.lower().replace("_", "-")) is None:
        raise BadChoice(f"{tag[:40]} is no language: write en, de or pt-BR.", code="invalid_copy")
    if not isinstance(said, Mapping):
        raise BadChoice(f"copy.{tag} must be a table of sentences.", code="invalid_copy")
    unknown = sorted(str(name) for name in said if name not in SENTENCES)
    if unknown:
        raise BadChoice(
            f"copy.{tag} has no {unknown[0][:40]}: it has {', '.join(SENTENCES)}.", code="invalid_copy"
        )
    return {name: _text(text, LONGEST_SENTENCE) for name, text in said.items() if text not in (None, "")}


CHECKS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "name": _name,
    "accent": _color,
    "accent_dark": _color,
    "background": _color,
    "background_dark": _color,
    "appearance": _appearance,
    "radius": _radius,
    "terms_url": _link,
    "privacy_url": _link,
    "support_url": _support,
    "credit": _switch,
    "copy": _copy,
}
"""As they are shown in turn. Each takes what is given and gives what is kept, or raises BadChoice."""
