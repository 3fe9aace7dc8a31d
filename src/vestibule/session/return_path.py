"""Where to go after sign-in: always a path on our own site, whatever was asked for."""

import re
from urllib.parse import quote

MAX_LENGTH = 2048

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):", re.ASCII)
STRIPPED = re.compile(r"[\t\r\n]")
# Beyond what a URL parser drops, and also where a framework might decode before it redirects.
HOSTILE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|%0[0ad]", re.IGNORECASE)
BOTH_ENDS = "".join(map(chr, range(0x21)))
SPECIAL = frozenset({"http", "https", "ws", "wss", "ftp"})
SINGLE_DOT = frozenset({".", "%2e"})
DOUBLE_DOT = frozenset({"..", ".%2e", "%2e.", "%2e%2e"})

# What the URL standard leaves alone in each part, beside letters and digits.
PATH_SAFE = "!$%&'()*+,-./:;=@[]^_|~"
QUERY_SAFE = "!$%&()*+,-./:;=?@[]\\^_`{|}~"
FRAGMENT_SAFE = "!#$%&'()*+,-./:;=?@[]\\^_{|}~"


def sanitize_return_path(candidate: object, fallback: object = "/") -> str:
    """Path, query and fragment of `candidate`, else of `fallback`, else `/`: never another origin.

    A browser's reading of hostile input decides: scheme and host are dropped, backslashes are
    slashes, dot segments are resolved.
    """
    return _local(candidate) or _local(fallback) or "/"


def _local(candidate: object) -> str | None:
    if not isinstance(candidate, str) or not candidate or len(candidate) > MAX_LENGTH:
        return None
    text = STRIPPED.sub("", candidate)
    if HOSTILE.search(text):
        return None
    text, _, fragment = text.strip(BOTH_ENDS).partition("#")
    text, _, query = text.partition("?")
    path = _without_origin(text.replace("\\", "/"))
    if path is None:
        return None
    result = "/" + quote(_resolve(path), safe=PATH_SAFE).lstrip("/")
    result += "?" + quote(query, safe=QUERY_SAFE) if query else ""
    result += "#" + quote(fragment, safe=FRAGMENT_SAFE) if fragment else ""
    return result if len(result) <= MAX_LENGTH else None


def _without_origin(text: str) -> str | None:
    match = SCHEME.match(text)
    scheme = match[1].lower() if match else "https"
    rest = text[match.end() :] if match else text
    if scheme in SPECIAL and (scheme != "https" or rest.startswith("//")):
        host, slash, path = rest.lstrip("/").partition("/")
        return slash + path if host else None
    if rest.startswith("//"):
        _, slash, path = rest[2:].partition("/")
        return slash + path
    return rest


def _resolve(path: str) -> str:
    resolved: list[str] = []
    segments = path.removeprefix("/").split("/")
    for segment in segments:
        if segment.lower() in DOUBLE_DOT:
            del resolved[-1:]
        elif segment.lower() not in SINGLE_DOT:
            resolved.append(segment)
    if segments[-1].lower() in SINGLE_DOT | DOUBLE_DOT:
        resolved.append("")
    return "/".join(resolved)
