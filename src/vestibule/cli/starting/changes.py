"""What would be written, shown before and done after; nothing that is there is ever replaced."""

import difflib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from vestibule.errors import VestibuleError

PRIVATE = 0o600
HIDDEN = "…"


@dataclass(frozen=True, slots=True)
class Change:
    """`before` None: a new file. `secrets` are never shown; a file that is `private` is its owner's."""

    path: Path
    after: str = field(repr=False)
    before: str | None = field(default=None, repr=False)
    private: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def diff(self) -> Iterator[str]:
        """Unified, as `git diff` shows it. Of a private file only what is added: the rest may be secret."""
        name = self.path.as_posix()
        lines = difflib.unified_diff(
            _lines(self.before or ""),
            _lines(self._shown),
            fromfile="/dev/null" if self.before is None else f"a/{name}",
            tofile=f"b/{name}",
            n=0 if self.private else 3,
            lineterm="",
        )
        yield from lines

    @property
    def _shown(self) -> str:
        shown = self.after
        for secret in self.secrets:
            shown = shown.replace(secret, HIDDEN)
        return shown

    def apply(self, directory: Path) -> None:
        """Raises VestibuleError when the file has changed since it was looked at."""
        path = directory / self.path
        path.parent.mkdir(parents=True, exist_ok=True)
        content = self.after.encode("utf-8")
        if self.before is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(path, flags, PRIVATE if self.private else 0o666), "wb") as file:
                file.write(content)
            return
        with path.open("r+b") as file:
            if file.read() != self.before.encode("utf-8"):
                raise VestibuleError(f"{self.path} changed in the meantime: run `vestibule init` again")
            file.seek(0)
            file.write(content)
            file.truncate()


def apply_all(changes: tuple[Change, ...], directory: Path) -> None:
    """Raises VestibuleError naming what could not be written, and what had been."""
    done: list[str] = []
    for change in changes:
        try:
            change.apply(directory)
        except OSError as error:
            raise VestibuleError(_stopped(change, done, error.strerror or str(error))) from None
        except VestibuleError as error:
            raise VestibuleError(_stopped(change, done, error.message)) from None
        done.append(change.path.as_posix())


def _stopped(change: Change, done: list[str], reason: str) -> str:
    written = f"Written before: {', '.join(done)}." if done else "Nothing was written."
    return f"Cannot write {change.path.as_posix()}: {reason}. {written}"


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").splitlines()
