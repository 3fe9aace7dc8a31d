"""What a development server remembers between runs, in `.vestibule/` of its directory: without it every
restart would sign everybody out and print another password."""

import hashlib
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from vestibule.errors import ConfigError

DIRECTORY: Final = Path(".vestibule")
FILE: Final = "state.json"


@dataclass(slots=True)
class State:
    """Secrets of one development directory; readable by its owner only, and never committed."""

    directory: Path
    secret: str = field(repr=False)
    cookie_password: str = field(repr=False)
    demo_password: str = field(repr=False)
    api_keys: dict[str, str] = field(repr=False)

    @classmethod
    def open(cls, directory: Path = DIRECTORY) -> "State":
        """Read it, or begin one: the same for all who begin at the same moment."""
        try:
            directory.mkdir(mode=0o700, exist_ok=True)
            if not _file(directory).exists():
                cls._of(directory, {})._save(begins=True)
            known = json.loads(_file(directory).read_text())
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not what was written there"
            raise ConfigError(f"Cannot read {directory}: {reason}. Mend or delete it") from None
        state = cls._of(directory, known)
        if state._content() != known:
            state.save()
        return state

    @classmethod
    def _of(cls, directory: Path, known: dict[str, Any]) -> "State":
        return cls(
            directory=directory,
            secret=known.get("secret") or secrets.token_urlsafe(32),
            cookie_password=known.get("cookie_password") or secrets.token_urlsafe(32),
            demo_password=known.get("demo_password") or _pronounceable(),
            api_keys=dict(known.get("api_keys", {})),
        )

    @property
    def database(self) -> str:
        return f"sqlite:///{self.directory / 'vestibule.db'}"

    def api_key(self, database: str) -> str | None:
        return self.api_keys.get(_fingerprint(database))

    def remember_api_key(self, database: str, value: str) -> None:
        self.api_keys[_fingerprint(database)] = value
        self.save()

    def save(self) -> None:
        self._save(begins=False)

    def _save(self, *, begins: bool) -> None:
        """Written beside and moved over: a kill leaves the old one or the new one. Who `begins` one gives way
        to another process that was faster."""
        (self.directory / ".gitignore").write_text("*\n")
        beside = self.directory / f"{FILE}.{secrets.token_hex(4)}"
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(self._content(), file, indent=1)
        if begins:
            with suppress(FileExistsError):
                os.link(beside, _file(self.directory))
            beside.unlink()
        else:
            beside.replace(_file(self.directory))

    def _content(self) -> dict[str, Any]:
        return {
            "secret": self.secret,
            "cookie_password": self.cookie_password,
            "demo_password": self.demo_password,
            "api_keys": self.api_keys,
        }


def _file(directory: Path) -> Path:
    return directory / FILE


def _fingerprint(database: str) -> str:
    """Which database an API key is for; its URL may hold a password."""
    return hashlib.sha256(database.encode()).hexdigest()[:16]


def _pronounceable() -> str:
    """Easy to type from a terminal, and about 60 bits."""
    consonants, vowels = "bdfghjkmnprstvwz", "aeiou"
    syllables = [secrets.choice(consonants) + secrets.choice(vowels) for _ in range(9)]
    return "-".join("".join(syllables[start : start + 3]) for start in (0, 3, 6))
