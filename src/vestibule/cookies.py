"""Cookies in, cookies out: reading a Cookie header and writing Set-Cookie lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote_to_bytes, urlsplit

from vestibule.errors import ConfigError

SAME_SITE = {"lax": "Lax", "strict": "Strict", "none": "None"}

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
ATTRIBUTE = re.compile(r"[\x20-\x3a\x3c-\x7e]*", re.ASCII)
STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:", re.ASCII)


@dataclass(frozen=True, slots=True)
class SetCookie:
    """One Set-Cookie line. The value is percent-encoded when written, as `parse_cookies` decodes it.
    Without a `path`, browsers take the directory of the page.

    `same_site` is lax, strict or none in any case. Raises ConfigError for anything that could break
    out of its place in the header.
    """

    name: str
    value: str = field(repr=False)
    max_age: int | None = None
    path: str = "/"
    domain: str | None = None
    secure: bool = True
    http_only: bool = True
    same_site: str = "lax"

    def __post_init__(self) -> None:
        if TOKEN.fullmatch(self.name) is None:
            raise ConfigError(f"{self.name!r} cannot be the name of a cookie.")
        for attribute in (self.path, self.domain or ""):
            if ATTRIBUTE.fullmatch(attribute) is None:
                raise ConfigError(f"{attribute!r} cannot be the path or domain of the cookie {self.name}.")
        if self.same_site.lower() not in SAME_SITE:
            raise ConfigError(f"SameSite is lax, strict or none, not {self.same_site!r}.")

    @classmethod
    def delete(
        cls,
        name: str,
        *,
        path: str = "/",
        domain: str | None = None,
        secure: bool = True,
        same_site: str = "lax",
    ) -> "SetCookie":
        """Browsers match name, domain and path: give those the cookie was set with."""
        return cls(name, "", max_age=0, path=path, domain=domain, secure=secure, same_site=same_site)

    def deletion(self) -> "SetCookie":
        """The line that removes this cookie."""
        return replace(self, value="", max_age=0)

    @property
    def size(self) -> int:
        """Bytes of name and value as sent, which browsers limit to 4,096."""
        return len(self.name) + len(encode_component(self.value))

    def header(self) -> str:
        """The value of the Set-Cookie header."""
        return "; ".join(self._parts())

    def _parts(self) -> Iterator[str]:
        yield f"{self.name}={encode_component(self.value)}"
        if self.path:
            yield f"Path={self.path}"
        if self.domain:
            yield f"Domain={self.domain}"
        if self.max_age is not None:
            yield f"Max-Age={self.max_age}"
        if self.http_only:
            yield "HttpOnly"
        if self.secure:
            yield "Secure"
        yield f"SameSite={SAME_SITE[self.same_site.lower()]}"


def parse_cookies(header: str | None) -> list[tuple[str, str]]:
    """Every cookie in order, duplicates included: a host-only and a domain cookie can share a name.

    A value with a malformed percent sequence is left out: it is as good as absent.
    """
    cookies = []
    for part in (header or "").split(";"):
        name, equals, value = part.partition("=")
        decoded = _decode(value.strip(" \t"))
        if equals and name.strip(" \t") and decoded is not None:
            cookies.append((name.strip(" \t"), decoded))
    return cookies


def encode_component(text: str) -> str:
    """Percent-encode as `encodeURIComponent`: a sealed text passes unchanged."""
    return quote(text, safe="!'()*", errors="replace")


def is_secure(redirect_uri: str, same_site: str) -> bool:
    """Whether a cookie gets `Secure`: unless the app plainly lives on http, yes."""
    if same_site.lower() == "none":
        return True
    if SCHEME.match(redirect_uri) is None:
        return True
    try:
        parts = urlsplit(redirect_uri)
    except ValueError:
        return True
    if parts.scheme == "http":
        return not parts.hostname
    return parts.scheme == "https"


def _decode(value: str) -> str | None:
    if "%" not in value:
        return value
    if STRAY_PERCENT.search(value):
        return None
    try:
        return unquote_to_bytes(value).decode("utf-8")
    except UnicodeError:
        return None
