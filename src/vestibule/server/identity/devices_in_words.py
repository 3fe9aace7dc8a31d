"""What a `User-Agent` header says in two words each: the program, and what it runs on.

It is for people to know their own devices by, so the common ones are named and the rest is left out. Nothing
is decided by it: anybody can send any header.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["computer", "phone", "tablet", "program", "unknown"]
LONGEST: Final = 512

# In this order: nearly every browser says that it is some of those further down, too.
PROGRAMS: Final = (
    (r"\bEdg(?:e|A|iOS)?/", "Edge"),
    (r"\b(?:OPR|OPiOS|Opera)/", "Opera"),
    (r"\bVivaldi/", "Vivaldi"),
    (r"\bSamsungBrowser/", "Samsung Internet"),
    (r"\bYaBrowser/", "Yandex Browser"),
    (r"\bDuckDuckGo/|\bDdg/", "DuckDuckGo"),
    (r"\b(?:Firefox|FxiOS)/", "Firefox"),
    (r"\b(?:Chrome|CriOS|HeadlessChrome)/", "Chrome"),
    (r"\bVersion/[\d.]+ .*\bSafari/", "Safari"),
)
SYSTEMS: Final[tuple[tuple[str, str, Kind], ...]] = (
    (r"\biPad\b", "iPad", "tablet"),
    (r"\biPhone\b|\biPod\b", "iPhone", "phone"),
    (r"\bAndroid\b.*\bMobile\b", "Android", "phone"),
    (r"\bAndroid\b", "Android", "tablet"),
    (r"\bCrOS\b", "ChromeOS", "computer"),
    (r"\bWindows\b", "Windows", "computer"),
    (r"\bMacintosh\b|\bMac OS X\b", "macOS", "computer"),
    (r"\bLinux\b|\bX11\b", "Linux", "computer"),
)
SCRIPTS: Final = (
    (r"curl/", "curl"),
    (r"Wget/", "Wget"),
    (r"(?:python-|httpx|aiohttp|Python/|workos-python)", "Python"),
    (r"(?:node|undici|axios|WorkOS/)", "Node.js"),
    (r"Go-http-client/", "Go"),
    (r"okhttp/", "OkHttp"),
    (r"(?:Java/|Apache-HttpClient)", "Java"),
    (r"(?:Ruby|Faraday)", "Ruby"),
    (r"(?:GuzzleHttp|PHP)", "PHP"),
    (r"PostmanRuntime/", "Postman"),
)


@dataclass(frozen=True, slots=True)
class Device:
    """`program` and `system` are names that are the same in every language; None where nothing is known."""

    program: str | None
    system: str | None
    kind: Kind


UNKNOWN: Final = Device(None, None, "unknown")


@lru_cache(maxsize=1024)
def device_of(user_agent: str | None) -> Device:
    text = (user_agent or "")[:LONGEST]
    script = _first(SCRIPTS, text, re.match)
    if script is not None:
        return Device(script, None, "program")
    program = _first(PROGRAMS, text, re.search)
    for pattern, system, kind in SYSTEMS:
        if re.search(pattern, text):
            return Device(program, system, kind)
    return UNKNOWN if program is None else Device(program, None, "unknown")


def _first(known: Iterable[tuple[str, str]], text: str, find: Callable[[str, str], object]) -> str | None:
    return next((name for pattern, name in known if find(pattern, text)), None)
