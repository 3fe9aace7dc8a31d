"""What this server was told when it started. It reads that once, so there is nothing to change here."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from inspect import getsource
from itertools import pairwise
from typing import Any, Final

from starlette.responses import Response

from vestibule.server.dashboard.deeds import page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.settings import PREFIX, Settings

SILENT: Final[Mapping[str, str]] = {
    "database": "Where everything is kept.",
    "environment": "Which of the two this is. The prefix of API keys says it, and so does every page here.",
    "mail_from": "Who the mail is from.",
    "access_token_seconds": "How long an access token is good for.",
    "browser_session_seconds": "How long a browser stays signed in at this server.",
    "code_seconds": "How long the code an application gets is good for.",
    "verification_seconds": "How long a mailed code is good for.",
    "password_reset_seconds": "How long the link of a reset is good for.",
    "password_min_length": "How many characters a password must have.",
    "user_management_writes": "In ten seconds, by one API key.",
}
"""Those whose name says enough to who reads the code."""


@dataclass(frozen=True, slots=True)
class Shown:
    name: str
    variable: str
    value: str
    is_default: bool
    is_secret: bool
    text: str


def show(desk: Desk) -> Response:
    asked = desk.query("q").strip().casefold()
    settings = [*_shown(desk.identity.settings)]
    found = [each for each in settings if asked in f"{each.variable} {each.text}".casefold()]
    return desk.page("settings.html", found=found, asked=desk.query("q"))


def _shown(settings: Settings) -> Iterator[Shown]:
    texts = {**SILENT, **_docstrings()}
    for each in fields(Settings):
        value = getattr(settings, each.name)
        yield Shown(
            each.name,
            PREFIX + each.name.upper(),
            _in_words(value, secret=not each.repr),
            is_default=each.default is not MISSING and value == each.default,
            is_secret=not each.repr,
            text=" ".join(texts.get(each.name, "").split()),
        )


def _in_words(value: Any, *, secret: bool) -> str:
    if value is None or value in ("", ()):
        return "not set"
    if secret:
        return "set"
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


@cache
def _docstrings() -> Mapping[str, str]:
    """What stands below each field of the class, which is where its meaning is written down."""
    (body,) = [each.body for each in ast.parse(getsource(Settings)).body if isinstance(each, ast.ClassDef)]
    found = {}
    for field, below in pairwise(body):
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            found[field.target.id] = str(below.value.value).replace("`", "")
    return found


DEEDS: Final = (page("/dashboard/settings", show, right="manage"),)
