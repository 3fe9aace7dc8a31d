"""Who may use a development server: people at this machine, because it shows every mail to everyone."""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from vestibule.embedded.exchanges import Answered, Asked
from vestibule.server.settings import is_loopback

FORWARDED: Final = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip")
TEXT: Final = (
    b"A development server answers this machine only, by the name localhost, and this request came from "
    b"elsewhere.\nFor others: set VESTIBULE_REDIRECT_URI to the address they reach the app at, with https.\n"
)


def is_stranger(asked: Asked) -> bool:
    """Also who comes by a proxy, or by a name of another site that was made to lead here (DNS rebinding)."""
    if asked.client is not None and _is_elsewhere(asked.client[0]):
        return True
    if not _is_here(asked.first(b"host")):
        return True
    forwarded = (value.decode("latin-1") for name, value in asked.headers if name in FORWARDED)
    return not all(_is_here(part.strip()) for value in forwarded for part in value.split(","))


def refusal() -> Answered:
    headers = ((b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"))
    return Answered(403, headers, TEXT)


def _is_elsewhere(client: str) -> bool:
    """A socket file and a test's client have names that are no addresses."""
    try:
        return not ipaddress.ip_address(client).is_loopback
    except ValueError:
        return False


def _is_here(place: str) -> bool:
    """A host with or without a port, or an address."""
    try:
        return is_loopback(place) or is_loopback(urlsplit(f"//{place}").hostname or "")
    except ValueError:
        return False
