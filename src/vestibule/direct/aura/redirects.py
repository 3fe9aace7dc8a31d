"""Where Aura lets a browser be sent: a plain path of the app, or an origin that the app trusts."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

MAX_PATH: Final = 100
NOT_GIVEN: Final = frozenset({"", "undefined", "null"})
RELATIVE: Final = re.compile(r"/[A-Za-z0-9_./?=&#-]*", re.ASCII)
ADDRESS: Final = re.compile(
    r"(https?)://(\[[0-9A-Fa-f:]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?(/[A-Za-z0-9_./?=&#()!$'*,;:@~-]*)?", re.ASCII
)
PATTERN: Final = re.compile(r"(https?)://(\*\.)?([a-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:(?:[0-9]{1,5}|\*))?(/.*)?")


def given(value: str | None) -> str | None:
    """Aura's client writes `undefined` where nothing was given."""
    return None if value is None or value.strip() in NOT_GIVEN else value


def is_relative(value: str) -> bool:
    """A short path in a small alphabet, so that no reader takes it for anything else."""
    return (
        0 < len(value) <= MAX_PATH
        and RELATIVE.fullmatch(value) is not None
        and not value.startswith("//")
        and ".." not in value
    )


def is_address(value: str) -> bool:
    """An absolute address of http or https, without a user and in a small alphabet."""
    match = ADDRESS.fullmatch(value)
    path = match[4] or "" if match else ""
    return match is not None and "//" not in path and ".." not in path


def is_trusted(value: str, trusted: Iterable[str]) -> bool:
    """Whether the address is on an origin that fits one of the patterns."""
    if not is_address(value):
        return False
    origin = origin_of(value)
    patterns = (compiled(each) for each in trusted)
    return any(each.fullmatch(origin) for each in patterns if each is not None)


def origin_of(address: str) -> str:
    """In a browser's spelling: without the usual port."""
    parts = urlsplit(address)
    usual = ":443" if parts.scheme == "https" else ":80"
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(usual)}"


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str] | None:
    """`https://*.example.com` stands for one label, `:*` for any port. None: it is no pattern."""
    match = PATTERN.fullmatch(pattern)
    if match is None:
        return None
    scheme, star, host, port, _ = match.groups()
    label = "[a-z0-9-]+[.]" if star else ""
    number = ":[0-9]{1,5}" if port == ":*" else re.escape(port or "")
    return re.compile(f"{scheme}://{label}{re.escape(host)}{number}", re.ASCII)


def target(value: str | None, *, own_origin: str, trusted: Iterable[str] = ()) -> str:
    """Where to: `value` if it is safe, `/` if it is not. Of an address of our own only the path is kept."""
    asked = given(value)
    if asked is None:
        return "/"
    if is_relative(asked):
        return asked
    if not is_address(asked):
        return "/"
    if origin_of(asked) == own_origin:
        parts = urlsplit(asked)
        path = asked[len(f"{parts.scheme}://{parts.netloc}") :]
        return path if is_relative(path) else "/"
    return asked if is_trusted(asked, trusted) else "/"
