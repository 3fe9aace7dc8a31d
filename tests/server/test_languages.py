import datetime as dt
import re
from collections import Counter
from gettext import c2py
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel import Locale
from jinja2 import Environment, nodes

from tests.project import locales
from vestibule.errors import ConfigError
from vestibule.server.languages import Language, available, find_language, negotiate
from vestibule.server.mail.render import KINDS, render
from vestibule.server.oidc.discovery import metadata
from vestibule.server.settings import Settings

FILES = [pytest.param(path, id=path.stem) for path in locales.files()]
PLACE = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
NUMBER = ("num", "")
MOMENT = dt.datetime(2026, 11, 30, 14, 5, tzinfo=dt.UTC)
SEEN = ("aria-label", "title", "alt", "placeholder")
SAYING = ("_", "gettext", "ngettext")
CLASSES = re.compile(r"\{% block (?:stage|card) %\}.*?\{% endblock %\}")
UNSAID = {"Development server", "Development server: mail stays here, in the", "inbox"}
"""On development servers only, whose readers read English."""


def language(tag: str) -> Language:
    found = find_language(tag)
    assert found is not None
    return found


def test_there_is_a_file_for_each_language() -> None:
    assert [each.tag for each in available()] == ["en", "ar", "de", "es", "fr", "ja"]
    names = "English العربية Deutsch Español Français 日本語"
    assert " ".join(each.name for each in available()) == names
    assert {each.tag for each in available() if each.direction == "rtl"} == {"ar"}


@pytest.mark.parametrize("path", FILES)
def test_every_sentence_is_said_in_every_language(path: Path) -> None:
    """Mended by `python -m tests.project.locales`, and by whoever translates what that adds."""
    written, said = locales.read(path), locales.said()
    assert {message.id for message in said} - {message.id for message in written} == set(), "missing"
    assert {message.id for message in written} - {message.id for message in said} == set(), "said no more"
    assert written.obsolete == {}
    assert [message.id for message in written if message.id and message.fuzzy] == []
    assert locales.missing(written) == []


@pytest.mark.parametrize("path", FILES)
def test_translations_hold_the_same_places_and_no_markup(path: Path) -> None:
    catalog = locales.read(path)
    form_of = c2py(catalog.plural_expr)
    numbers = Counter(form_of(n) for n in range(200))
    for message in catalog:
        if not message.id:
            continue
        english = message.id if isinstance(message.id, str) else message.id[-1]
        forms = (message.string,) if isinstance(message.string, str) else message.string
        for index, form in enumerate(forms):
            places = set(PLACE.findall(english))
            if len(forms) > 1 and numbers[index] == 1:  # Arabic says "two apps" in one word
                places -= {NUMBER}
            assert set(PLACE.findall(form)) | {NUMBER} == places | {NUMBER}, message.id
            assert len(forms) == 1 or numbers[index] == 1 or "%(num)s" in form, message.id
            assert "<" not in form
            assert "%" not in PLACE.sub("", form), "every sentence is a format"


@pytest.mark.parametrize("path", FILES)
def test_numbers_find_their_form(path: Path) -> None:
    """The file's rule parts the numbers as CLDR does, and the words are of that form."""
    catalog, category_of = locales.read(path), Locale.parse(path.stem, sep="-").plural_form
    form_of, spoken = c2py(catalog.plural_expr), language(path.stem)
    categories = {(form_of(n), category_of(n)) for n in range(200)}
    assert len(categories) == len({form for form, _ in categories}) == catalog.num_plurals
    said = next(m.string for m in catalog if isinstance(m.id, tuple) and m.id[0] == "%(num)s app")
    for n in range(200):
        assert spoken.ngettext("%(num)s app", "%(num)s apps", n) == said[form_of(n)] % {"num": n}


@pytest.mark.parametrize(
    "path", locales.templates(), ids=lambda path: str(path.relative_to(locales.TEMPLATES))
)
def test_templates_say_nothing_in_english_alone(path: Path) -> None:
    text = path.read_text()
    assert _unsaid(text, html=path.suffix == ".html") - UNSAID == set()
    tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(text)
    _forbid_constants(tree)
    for found in tree.find_all(nodes.Import):
        assert found.with_context, "imported without context, macros would speak English"


class Seen(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.texts += [value for name, value in attrs if name in SEEN and value]

    def handle_data(self, data: str) -> None:
        if self._inside != "style":
            self.texts.append(data)


def _unsaid(text: str, *, html: bool) -> set[str]:
    text = CLASSES.sub("", text)
    plain = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", text, flags=re.DOTALL)
    texts = Seen(plain).texts if html else plain.split("\n")
    shown = {" ".join(each.split()) for each in texts}
    return {each.strip(" .") for each in shown if any(letter.isalpha() for letter in each)}


def _forbid_constants(node: nodes.Node) -> None:
    """No words among what macros and filters are called with."""
    if isinstance(node, nodes.Compare):  # with a value, which nobody sees
        return
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in SAYING:
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        assert re.match(r"[A-Z][a-z]", node.value.strip()) is None, f"line {node.lineno}: {node.value!r}"
    for child in node.iter_child_nodes():
        _forbid_constants(child)


@pytest.mark.parametrize(
    ("asked", "tag"),
    [
        ({}, "en"),
        ({"default": "fr"}, "fr"),
        ({"accept_language": "de-AT,de;q=0.9,en;q=0.8"}, "de"),
        ({"accept_language": "it, ja;q=0.5, fr;q=0.7"}, "fr"),
        ({"accept_language": "fr;q=0, *", "default": "es"}, "es"),
        ({"accept_language": "en-US,en;q=0.9,de;q=0.8"}, "en"),
        ({"accept_language": "nl", "default": "de"}, "de"),
        ({"cookie": "ar", "accept_language": "de"}, "ar"),
        ({"parameter": "ja", "cookie": "ar", "accept_language": "de"}, "ja"),
        ({"parameter": "pt es-419", "cookie": "ar"}, "es"),
        ({"parameter": "xx", "cookie": "ar"}, "ar"),
        ({"cookie": "DE_at"}, "de"),
        ({"parameter": "../../etc/passwd", "cookie": "\x00", "accept_language": "; q=1,,de;q=x"}, "en"),
        ({"accept_language": "de," * 40_000}, "de"),
    ],
)
def test_the_nearest_wish_is_heard(asked: dict[str, str], tag: str) -> None:
    assert negotiate(**asked).tag == tag


def test_the_environments_language_must_be_one_of_them() -> None:
    def settings(locale: str) -> Settings:
        return Settings(
            public_url="http://localhost", secret="a-secret-that-only-these-tests-know-of", locale=locale
        )

    with pytest.raises(ConfigError, match="LOCALE must be one of en, ar, de, es, fr, ja, not 'tlh'"):
        settings("tlh")
    assert settings("de-AT").locale == "de-AT"
    assert metadata("http://localhost")["ui_locales_supported"] == ["en", "ar", "de", "es", "fr", "ja"]


def test_what_has_no_translation_stays_english() -> None:
    assert language("ar").gettext("Said by nobody, to %(name)s.", name="Ada") == "Said by nobody, to Ada."
    assert language("ja").gettext("") == ""


def test_dates_and_durations_read_as_people_write_them() -> None:
    assert language("de").moment(MOMENT) == "30. November 2026, 14:05 UTC"
    assert language("ja").date(MOMENT.date()) == "2026年11月30日"
    assert language("en").moment(MOMENT).startswith("November 30, 2026")
    assert language("fr").duration(45).replace("\xa0", " ") == "45 secondes"
    assert [language("ar").duration(seconds) for seconds in (89, 600)] == ["89 ثانية", "10 دقائق"]


DATA = {
    "product": "Acme",
    "code": "042137",
    "minutes": 10,
    "email": "ada@example.com",
    "link": "https://id.example.com/reset-password?token=abc",
    "sign_in_link": "https://id.example.com/sign-in",
    "reset_link": "https://id.example.com/forgot-password",
    "when": MOMENT,
    "what": "A passkey was made for it.",
    "new_email": "countess@example.com",
    "inviter": "grace@example.com",
    "organization": "Engines",
    "until": MOMENT.date(),
    "by": "grace@example.com",
    "role": "support",
}


@pytest.mark.parametrize("tag", [each.tag for each in available()])
def test_mail_is_in_the_language_of_its_reader(tag: str) -> None:
    for kind in KINDS:
        english, message = render(kind, DATA, locale="en"), render(kind, DATA, locale=tag)
        assert f'<html lang="{tag}" dir="{language(tag).direction}">' in message.html
        assert (message.subject == english.subject) is (tag == "en")
        assert set(message.text.split("\n")) & set(english.text.split("\n")) - {"", DATA["code"]} == {
            line for line in english.text.split("\n") if line and (tag == "en" or line.startswith("https://"))
        }
        assert tag == "ja" or max(map(len, message.text.split("\n"))) <= 90  # which has no blanks to fold at
