"""A file as lines, with the line endings it has."""

import io
import re
from dataclasses import dataclass
from pathlib import Path

UTF8_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Text:
    """`lines` keep their ends; `newline` is how most of them end."""

    lines: tuple[str, ...]
    newline: str

    @classmethod
    def of(cls, text: str) -> "Text":
        # Not `splitlines`: to Python a form feed or U+2028 inside a string ends no line.
        lines = tuple(io.StringIO(text, newline="").readlines())
        windows = sum(line.endswith("\r\n") for line in lines)
        return cls(lines, "\r\n" if windows * 2 > len(lines) else "\n")

    @classmethod
    def read(cls, path: Path) -> "Text | None":
        """None: there is no such file, or it is no UTF-8 text."""
        try:
            return cls.of(path.read_bytes().decode("utf-8"))
        except (OSError, UnicodeDecodeError):
            return None

    @property
    def content(self) -> str:
        return "".join(self.lines)

    def inserted(self, after: int, block: str) -> "Text":
        """With the lines of `block` after line number `after`, counted from 1."""
        lines = [*self.lines]
        if after and not lines[after - 1].endswith(("\n", "\r")):
            lines[after - 1] += self.newline
        lines[after:after] = [line + self.newline for line in block.split("\n")[:-1]]
        return Text(tuple(lines), self.newline)

    def appended(self, block: str) -> "Text":
        return self.inserted(len(self.lines), block)

    def has_line(self, pattern: str) -> bool:
        return any(re.fullmatch(pattern, line.strip().removeprefix(UTF8_MARK)) for line in self.lines)
