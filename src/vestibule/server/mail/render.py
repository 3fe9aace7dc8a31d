"""From a kind of mail and its data to subject, text and HTML."""

import datetime as dt
import re
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateError,
    select_autoescape,
)

from vestibule.server.languages import Language, english, find_language, install

KINDS: Final = (
    "account_deleted",
    "already_registered",
    "email_change_code",
    "email_change_requested",
    "email_changed",
    "invitation",
    "magic_code",
    "operator_added",
    "password_changed",
    "reset_password",
    "security_notice",
    "verify_email",
)

OURS: Final = "mail/"
WIDTH: Final = 78
LANGUAGE: Final = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Message:
    """Carries codes and links: never logged."""

    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)


class BadTemplate(Exception):
    """A mistake in a template, of the operator's own most likely; the text says which."""


@contextmanager
def noting_mistakes() -> Iterator[None]:
    """Raises BadTemplate, for callers who know nothing of templates."""
    try:
        yield
    except TemplateError as error:
        raise BadTemplate(error.message or type(error).__name__) from None


def render(
    kind: str,
    data: Mapping[str, Any],
    *,
    language: Language | None = None,
    locale: str | None = None,
    own: str | None = None,
) -> Message:
    """`<kind>.txt` begins with the subject line; `<kind>.html` is the same letter, dressed.

    `language` is what the reader understands and we speak, `locale` what they asked for. `own` is a directory
    whose templates come first: those in a directory named after the locale, such as `pt-BR` or `pt`, then
    those beside it. Both files of a letter come from one place.
    """
    if kind not in KINDS:
        raise ValueError(f"there is no mail of the kind {kind!r}")
    language = language or find_language(locale) or english()
    said = {name: _in_words(language, value) for name, value in data.items()} | {"language": language}
    templates = _templates(own)
    place = _place(kind, locale or language.tag, own)
    subject, _, text = templates.get_template(f"{place}{kind}.txt").render(said).partition("\n")
    # A line break would begin another header (HI-1).
    subject = " ".join(subject.split())
    html = templates.get_template(f"{place}{kind}.html").render({**said, "subject": subject})
    return Message(subject, (_folded(text) if place == OURS else text).strip() + "\n", html)


def own_template(kind: str, locale: str | None, own: str | None) -> str | None:
    """The file in the directory of the operator's own that a letter is made of; None when it is ours."""
    place = _place(kind, locale, own)
    return None if place == OURS else f"{place}{kind}.html"


def _in_words(language: Language, value: object) -> object:
    if isinstance(value, dt.datetime):
        return language.moment(value)
    return language.date(value) if isinstance(value, dt.date) else value


def _folded(text: str) -> str:
    """Sentences are as long as a language makes them, lines are not. Links stay whole."""
    fold = partial(textwrap.fill, width=WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join(fold(line) for line in text.split("\n"))


def _place(kind: str, locale: str | None, own: str | None) -> str:
    if own is None:
        return OURS
    for place in (*_languages(locale), ""):
        if all(Path(own, place, f"{kind}.{ending}").is_file() for ending in ("txt", "html")):
            return place
    return OURS


def _languages(locale: str | None) -> Iterator[str]:
    """RFC 4647 §3.4: the tag itself, then with one part less."""
    tag = (locale or "").replace("_", "-")
    while LANGUAGE.fullmatch(tag):
        yield f"{tag}/"
        tag = tag.rpartition("-")[0]


@cache
def _templates(own: str | None) -> Environment:
    places: list[BaseLoader] = [PackageLoader("vestibule.server", "templates")]
    templates = Environment(
        loader=ChoiceLoader([FileSystemLoader(own), *places] if own else places),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    install(templates)
    return templates
