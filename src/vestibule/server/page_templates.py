"""The templates of pages: ours, and in front of them those of a directory that the settings name."""

import difflib
import logging
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateSyntaxError,
    select_autoescape,
)
from jinja2.meta import find_referenced_templates

from vestibule.server import languages

SETTING: Final = "VESTIBULE_SERVER_PAGE_TEMPLATES"
ORIGINAL: Final = "vestibule"
NO_PAGES: Final = "mail/"

GLOBALS: dict[str, Any] = {}
"""What every template can call; `pages` puts it here."""

log = logging.getLogger("vestibule.server.pages")


def fill(template: str, given: Mapping[str, Any], *, own: str | None = None) -> str:
    """`own` is a directory whose templates come first. One that fails is told in the log, and ours is filled
    in its place: nobody is kept out by a page that was to look better."""
    if own is None:
        return templates(None).get_template(template).render(given)
    try:
        return templates(own).get_template(template).render(given)
    except Exception:
        log.exception("page_template_failed: %s of %s is replaced by ours", template, own)
        return templates(None).get_template(template).render(given)


@cache
def templates(own: str | None) -> Environment:
    ours = PackageLoader("vestibule.server")
    places: list[BaseLoader] = [ours, PrefixLoader({ORIGINAL: ours})]
    made = Environment(
        loader=ChoiceLoader([FileSystemLoader(own), *places] if own else places),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(GLOBALS)
    languages.install(made)
    return made


def problems_in(own: str | None) -> list[str]:
    """What keeps templates of one's own from being used, each with its file and line."""
    if own is None:
        return []
    names = sorted(path.relative_to(own).as_posix() for path in Path(own).rglob("*.html"))
    known = [name for name in templates(None).list_templates() if not name.startswith((NO_PAGES, ORIGINAL))]
    problems: list[str] = []
    used: set[str] = set()
    for name in names:
        problems += _problems_of(own, name, used)
    for name in names:
        if name not in known and name not in used:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            problems.append(f"{SETTING}: {name} is no page of ours, and no template uses it{hint}")
    return problems


def _problems_of(own: str, name: str, used: set[str]) -> Iterator[str]:
    """Adds to `used` what the template extends, includes and imports."""
    there = templates(own)
    try:
        text = (Path(own) / name).read_text("utf-8")
        there.get_template(name)
        wanted = [each for each in find_referenced_templates(there.parse(text)) if each]
    except TemplateSyntaxError as error:
        yield f"{SETTING}: {name}, line {error.lineno}: {error.message}"
        return
    except (OSError, UnicodeDecodeError) as error:
        yield f"{SETTING}: {name} cannot be read: {error}"
        return
    used.update(wanted)
    for each in sorted(set(wanted) - set(there.list_templates())):
        yield f"{SETTING}: {name} uses {each}, which does not exist"
