"""A `.env` file as the field reads it: `KEY=value` lines, quotes, comments; nothing expanded."""

import re
from pathlib import Path

LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*")
COMMENT = re.compile(r"\s+#.*")
QUOTED = re.compile(r"""(["'])(.*?)\1\s*(?:#.*)?""")
ESCAPES = {"\\n": "\n", '\\"': '"', "\\\\": "\\"}
ESCAPE = re.compile(r'\\[n"\\]')


def read_dotenv(path: Path) -> dict[str, str]:
    """The variables of the file; none when there is no such file."""
    try:
        text = path.read_text("utf-8-sig")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return {}
    return parse_dotenv(text)


def parse_dotenv(text: str) -> dict[str, str]:
    matches = (LINE.fullmatch(line) for line in text.splitlines())
    return {match[1]: _value(match[2]) for match in matches if match}


def _value(text: str) -> str:
    quoted = QUOTED.fullmatch(text)
    if quoted is None:
        return "" if text.startswith("#") else COMMENT.sub("", text)
    if quoted[1] == "'":
        return quoted[2]
    return ESCAPE.sub(lambda match: ESCAPES[match[0]], quoted[2])
