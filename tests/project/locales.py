"""What the pages and mails say, and the files that say it in other languages.

`python -m tests.project.locales` adds to every file what is missing, and takes out what nobody says any more.
"""

import sys
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract, extract_python
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

SERVER = Path(__file__).resolve().parents[2] / "src" / "vestibule" / "server"
LOCALES = SERVER / "locales"
TEMPLATES = SERVER / "templates"
IN_PYTHON = {"_": None, "mark": None, "say": None, "gettext": None, "ngettext": (1, 2)}
HEADER = """\
msgid ""
msgstr ""
"Language: {tag}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""
ENGLISH_ONLY = ("dashboard", "inbox")
"""For operators and developers: written in English, as plain text."""


def sources() -> Iterator[tuple[Path, str]]:
    for path in sorted(SERVER.rglob("*.py")):
        if path.relative_to(SERVER).parts[0] not in ENGLISH_ONLY:
            yield path, "python"
    for path in templates():
        yield path, "jinja"


def templates() -> list[Path]:
    return [
        path
        for path in sorted(TEMPLATES.rglob("*"))
        if path.suffix in (".html", ".txt") and path.relative_to(TEMPLATES).parts[0] not in ENGLISH_ONLY
    ]


@cache
def said() -> Catalog:
    """Every sentence, and the files that say it."""
    catalog = Catalog(fuzzy=False)
    for path, kind in sources():
        method = extract_python if kind == "python" else babel_extract
        keywords = IN_PYTHON if kind == "python" else {"_": None, "gettext": None, "ngettext": (1, 2)}
        with path.open("rb") as file:
            for _, message, _, _ in extract(method, file, keywords=keywords):
                catalog.add(message, locations=[(path.relative_to(SERVER).as_posix(), 0)])
    return catalog


def files() -> list[Path]:
    return sorted(LOCALES.glob("*.po"))


def read(path: Path) -> Catalog:
    return read_po(BytesIO(path.read_bytes()), locale=path.stem.replace("-", "_"))


def updated(path: Path) -> bytes:
    """The file with today's sentences; what was said of them stays, and nothing else."""
    catalog, written = read(path), BytesIO()
    catalog.update(said(), no_fuzzy_matching=True, update_header_comment=False)
    catalog.obsolete.clear()
    written.write(HEADER.format(tag=path.stem, plural=catalog.plural_forms).encode())
    write_po(written, catalog, width=100, include_lineno=False, omit_header=True)
    return written.getvalue()


def missing(catalog: Catalog) -> list[str]:
    """What has no words yet, or not for every number."""
    return [
        str(message.id)
        for message in catalog
        if message.id and not all([message.string] if isinstance(message.string, str) else message.string)
    ]


def main() -> None:
    for path in files():
        path.write_bytes(updated(path))
        sys.stdout.write(f"{path.name}: {len(missing(read(path)))} to translate\n")


if __name__ == "__main__":
    main()
