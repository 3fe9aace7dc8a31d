"""`.env` with the app's settings, `.env.example` for everybody else, and `.gitignore`, so that only the
second reaches the repository."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vestibule.cli import git
from vestibule.cli.starting.changes import Change
from vestibule.cli.starting.texts import Text
from vestibule.session.config import variable_names
from vestibule.session.dotenv import parse_dotenv

ENV: Final = Path(".env")
EXAMPLE: Final = Path(".env.example")
IGNORE: Final = Path(".gitignore")
IGNORES_ENV: Final = r"/?(\*\*/)?(\.env\*?|\*\.env|\.env\.\*)/?"
HEAD: Final = "# For Vestibule. `vestibule dev` sets these itself; `vestibule doctor` checks them.\n"
NOTES: Final = {
    "url": "# The identity server.\n",
    "client_id": "# Printed by `vestibule serve`; not secret.\n",
    "api_key": "# From `vestibule keys create`. Secret.\n",
    "redirect_uri": "# Where a sign-in comes back to. Register exactly this at the server.\n",
    "cookie_passwords": "# Seals the session cookie: secret, and the same in every process.\n",
}
VARIABLES: Final = {
    "url": "VESTIBULE_URL",
    "client_id": "VESTIBULE_CLIENT_ID",
    "api_key": "VESTIBULE_API_KEY",
    "redirect_uri": "VESTIBULE_REDIRECT_URI",
    "cookie_passwords": "VESTIBULE_COOKIE_PASSWORD",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is known of the settings."""

    url: str
    client_id: str
    app_url: str
    callback: str = "/auth/callback"

    def values(self, password: str) -> dict[str, str]:
        return {
            "url": self.url,
            "client_id": self.client_id,
            "api_key": "",
            "redirect_uri": self.app_url.rstrip("/") + self.callback,
            "cookie_passwords": password,
        }


def plan_environment(directory: Path, wanted: Wanted) -> Iterator[Change]:
    """Settings that are there, under any of their names, stay as they are."""
    password = secrets.token_urlsafe(32)
    yield from _with_settings(directory, ENV, wanted.values(password), password=password)
    yield from _with_settings(directory, EXAMPLE, wanted.values(""), password=None)
    yield from _ignored(directory)


def _with_settings(
    directory: Path, path: Path, values: dict[str, str], *, password: str | None
) -> Iterator[Change]:
    text = Text.read(directory / path)
    if text is None and (directory / path).exists():
        return
    known = parse_dotenv(text.content) if text else {}
    missing = {name: value for name, value in values.items() if not known.keys() & {*variable_names(name)}}
    if known.keys() & {"WORKOS_API_HOSTNAME", "WORKOS_API_KEY"}:
        missing.pop("url", None)
    if not missing:
        return
    block = HEAD + "".join(f"{NOTES[name]}{VARIABLES[name]}={value}\n" for name, value in missing.items())
    if text is not None and text.lines:
        block = "\n" + block
    yield Change(
        path,
        after=(text or Text.of("")).appended(block).content,
        before=text.content if text else None,
        private=password is not None,
        secrets=(password,) if password else (),
    )


def _ignored(directory: Path) -> Iterator[Change]:
    text = Text.read(directory / IGNORE)
    if text is None and (directory / IGNORE).exists():
        return
    lines = []
    covered = git.ignores(directory, ENV.name)
    if not (text is not None and text.has_line(IGNORES_ENV) if covered is None else covered):
        lines.append(".env")
    if git.ignores(directory, EXAMPLE.name):
        lines.append("!.env.example")
    if lines:
        block = "".join(f"{line}\n" for line in lines)
        after = (text or Text.of("")).appended(block)
        yield Change(IGNORE, after=after.content, before=text.content if text else None)
