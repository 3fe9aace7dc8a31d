"""The languages of pages and mails: one file each in `locales`, and English, which the sources speak."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import Any, Final, Literal

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta, get_datetime_format
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

SOURCE: Final = "en"
ENDING: Final = ".po"
TAG: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
LONGEST_WISH: Final = 200
MOST_WISHES: Final = 30
ROUND_UP: Final = 1.5  # 89 seconds, 2 minutes

Direction = Literal["ltr", "rtl"]


def mark(text: str) -> str:
    """A sentence that is said later, by `say`: named here so that it is found and translated."""
    return text


@dataclass(frozen=True, slots=True)
class Language:
    """What a page or a mail is written in. Sentences that have no translation stay English."""

    tag: str
    direction: Direction = field(compare=False)
    name: str = field(compare=False)
    """As those who speak it call it."""
    _catalog: NullTranslations = field(compare=False, repr=False)

    def gettext(self, text: str, **values: object) -> str:
        said = self._catalog.gettext(text) if text else ""  # '' would bring the file's header
        return said % values if values else said

    def ngettext(self, one: str, many: str, n: int, **values: object) -> str:
        return self._catalog.ngettext(one, many, n) % {"num": n, **values}

    def date(self, day: dt.date) -> str:
        return format_date(day, "long", locale=self._locale)

    def moment(self, moment: dt.datetime) -> str:
        """`30. November 2026, 14:05 UTC`: nobody told us where the reader is."""
        moment = moment.astimezone(dt.UTC)
        joined = str(get_datetime_format("medium", locale=self._locale))
        clock = format_time(moment, "short", tzinfo=dt.UTC, locale=self._locale)
        return f"{joined.replace('{1}', self.date(moment)).replace('{0}', clock)} UTC"

    def ago(self, moment: dt.datetime, *, now: dt.datetime) -> str:
        """`5 minutes ago`; what has only just been is so many seconds ago."""
        return format_timedelta(moment - now, add_direction=True, threshold=ROUND_UP, locale=self._locale)

    def duration(self, seconds: float) -> str:
        return format_timedelta(dt.timedelta(seconds=seconds), threshold=ROUND_UP, locale=self._locale)

    @property
    def _locale(self) -> Locale:
        return Locale.parse(self.tag, sep="-")


@cache
def available() -> tuple[Language, ...]:
    """Every language there is, English first."""
    there = (entry.name for entry in files("vestibule.server").joinpath("locales").iterdir())
    tags = {name.removesuffix(ENDING) for name in there if name.endswith(ENDING)} - {SOURCE}
    return tuple(_language(tag) for tag in (SOURCE, *sorted(tags)))


def english() -> Language:
    return available()[0]


def find_language(wish: str | None) -> Language | None:
    """For `de-AT` that of `de` (RFC 4647 §3.4), and for `pt` that of `pt-BR` where there is no other."""
    tag = (wish or "")[:LONGEST_WISH].strip().replace("_", "-").lower()
    if not TAG.fullmatch(tag):
        return None
    known = {language.tag.lower(): language for language in available()}
    for shorter in _shorter(tag):
        if shorter in known:
            return known[shorter]
    primary = tag.partition("-")[0]
    return next((known[name] for name in known if name.partition("-")[0] == primary), None)


def find_asked(wishes: str) -> Language | None:
    """Of several tags with spaces between, as in OpenID Connect's `ui_locales`, the first that there is."""
    found = (find_language(wish) for wish in wishes.split()[:MOST_WISHES])
    return next((language for language in found if language is not None), None)


def negotiate(
    *, parameter: str = "", cookie: str = "", accept_language: str = "", default: str = SOURCE
) -> Language:
    """What was asked for here and now (one or several tags, the dearest first), then what this browser chose
    before, then what it is set to, then what the environment speaks."""
    return _negotiate(*(wish[:LONGEST_WISH] for wish in (parameter, cookie, accept_language, default)))


@lru_cache(maxsize=512)
def _negotiate(parameter: str, cookie: str, accept_language: str, default: str) -> Language:
    wishes = " ".join((parameter, cookie, *_accepted(accept_language)))
    return find_asked(wishes) or find_language(default) or english()


def install(templates: Environment) -> None:
    """Teaches templates `_`, `ngettext` and `strong`; they speak the `language` they are rendered with."""
    templates.add_extension("jinja2.ext.i18n")
    templates.install_gettext_callables(  # type: ignore[attr-defined]
        _gettext, _ngettext, newstyle=True
    )
    templates.filters["strong"] = strong


def strong(value: object) -> Markup:
    """Somebody's name or address inside a sentence, whichever way it is written and the sentence runs."""
    return Markup('<strong dir="auto">%s</strong>') % value


@pass_context
def _gettext(context: Context, text: str) -> str:
    return _spoken(context).gettext(text)


@pass_context
def _ngettext(context: Context, one: str, many: str, n: int) -> str:
    return _spoken(context)._catalog.ngettext(one, many, n)


def _spoken(context: Context) -> Language:
    language: Any = context.get("language")
    return language if isinstance(language, Language) else english()


def _accepted(header: str) -> Iterator[str]:
    """RFC 9110 §12.5.4: by weight, and of equal ones the first."""
    weighed = []
    for part in header.split(","):
        tag, _, parameters = part.partition(";")
        weight = _weight(parameters)
        if weight > 0:
            weighed.append((-weight, tag.strip()))
    yield from (tag for _, tag in sorted(weighed, key=lambda pair: pair[0]))


def _weight(parameters: str) -> float:
    found = re.search(r"(?:^|;)\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*(?:;|$)", parameters)
    return float(found[1]) if found else float(not parameters.strip())


def _shorter(tag: str) -> Iterator[str]:
    while tag:
        yield tag
        tag = tag.rpartition("-")[0]


def _language(tag: str) -> Language:
    locale = Locale.parse(tag, sep="-")
    direction: Direction = "rtl" if locale.text_direction == "rtl" else "ltr"
    name = locale.get_language_name(tag.replace("-", "_")) or tag
    return Language(tag, direction, name[:1].upper() + name[1:], _Catalog(tag))


class _Catalog(NullTranslations):
    """Reads its file when the first sentence is asked for: most servers never need most languages."""

    def __init__(self, tag: str) -> None:
        super().__init__()
        self._tag = tag

    def gettext(self, message: str) -> str:
        return _translations(self._tag).gettext(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return _translations(self._tag).ngettext(msgid1, msgid2, n)


@cache
def _translations(tag: str) -> NullTranslations:
    file = files("vestibule.server").joinpath("locales", f"{tag}{ENDING}")
    if not file.is_file():
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(file.read_bytes()), locale=tag.replace("-", "_")))
    compiled.seek(0)
    return GNUTranslations(compiled)
