"""Paths by glob, read as the JavaScript middleware reads them (path-to-regexp 6).

/about            that page, with or without a final slash
/blog/:path*      /blog and everything below it
/posts/:id        one segment
/api/(.*)         everything below /api/
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

from vestibule.errors import ConfigError

SEGMENT = "[^/#?]+?"
PARAMETER = re.compile(r":([A-Za-z0-9_]+)")
END = "[/#?]?"
SAFE = "!$&'()*+,/:;=@%~[]|^"
# Two readers may disagree about where such a path leads, so it is never a public one.
AMBIGUOUS = re.compile(r"%2e|%2f|%5c|%25|\\|//|(^|/)\.{1,2}(/|$)", re.IGNORECASE)


class Globs:
    """Raises ConfigError for a glob that cannot be read."""

    def __init__(self, globs: Iterable[str]) -> None:
        self._patterns = tuple(compile_glob(glob) for glob in globs)

    def match(self, path: str) -> bool:
        """`path` is percent-encoded, as in the address. Case counts."""
        if not self._patterns or AMBIGUOUS.search(path):
            return False
        return any(pattern.fullmatch(path) for pattern in self._patterns)


@lru_cache(maxsize=256)
def compile_glob(glob: str) -> re.Pattern[str]:
    """Raises ConfigError, naming the glob."""
    text = glob if glob.startswith("/") else f"/{glob}"
    path = quote(text.partition("?")[0], safe=SAFE)
    try:
        return re.compile(_source(path) + END, re.ASCII)
    except (ValueError, re.error) as error:
        raise ConfigError(
            f"{glob!r} is no path or glob ({error}). Write paths like /about, /blog/:path* or /api/(.*)."
        ) from None


def _source(path: str) -> str:
    source, at = "", 0
    while at < len(path):
        prefix = "/" if path[at] == "/" else ""
        start = at + len(prefix)
        token, length = _token(path, start)
        if token is None:
            source += re.escape(path[at])
            at += 1
            continue
        at = start + length
        modifier = path[at] if at < len(path) and path[at] in "*+" else ""
        at += len(modifier)
        source += _group(prefix, token, modifier)
    return source


def _token(path: str, at: int) -> tuple[str | None, int]:
    """The pattern of a parameter that begins here, and how long it is in the glob."""
    named = PARAMETER.match(path, at)
    if named is not None:
        inner, length = _parenthesis(path, named.end())
        return inner or SEGMENT, named.end() - at + length
    if path.startswith("*", at):
        raise ValueError("a * stands behind a :name or a (pattern)")
    inner, length = _parenthesis(path, at)
    return inner, length


def _parenthesis(path: str, at: int) -> tuple[str | None, int]:
    if not path.startswith("(", at):
        return None, 0
    depth = 0
    for index in range(at, len(path)):
        depth += {"(": 1, ")": -1}.get(path[index], 0)
        if depth == 0:
            inner = path[at + 1 : index]
            if not inner or "(" in inner:
                raise ValueError("groups inside of a pattern are not allowed")
            return inner, index + 1 - at
    raise ValueError("a parenthesis stays open")


def _group(prefix: str, inner: str, modifier: str) -> str:
    slash = re.escape(prefix)
    if modifier:
        optional = "?" if modifier == "*" else ""
        return f"(?:{slash}(?:{inner})(?:{slash}(?:{inner}))*){optional}"
    return f"(?:{slash}(?:{inner}))"
