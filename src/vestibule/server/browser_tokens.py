"""The refresh token of an app that is nothing but a page: in a cookie of this server, unreadable to scripts.

Beside it lies a marker that the page can read, so that it knows after a reload whether to ask. The official
browser client looks for it by this name, on the domain that page and server share.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from vestibule.cookies import SetCookie
from vestibule.server import browsers
from vestibule.server.identity.context import Identity
from vestibule.server.identity.cors_origins import registered_origins
from vestibule.server.identity.environment import get_client_id
from vestibule.server.identity.sessions import has_live_session
from vestibule.server.settings import Settings

REFRESH: Final = "vestibule-refresh"
MARKER: Final = "workos-has-session"
TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
CLIENT_ID: Final = re.compile(r"[A-Za-z0-9_]{1,100}", re.ASCII)
MOST_CLIENTS: Final = 10


def kept_token(cookies: Mapping[str, str], settings: Settings) -> str | None:
    value = cookies.get(browsers.cookie_name(REFRESH, settings), "")
    return value if TOKEN.fullmatch(value) else None


def brings_cookies(cookies: Mapping[str, str], settings: Settings) -> bool:
    """Whether the page sends this server's cookies along: every browser that signed in here has one."""
    names = (REFRESH, browsers.SESSION, browsers.BINDING)
    return any(TOKEN.fullmatch(cookies.get(browsers.cookie_name(name, settings), "")) for name in names)


def keep(
    token: str,
    *,
    settings: Settings,
    client_id: str,
    origin: str,
    seconds: int,
    cookies: Mapping[str, str],
) -> Sequence[SetCookie]:
    """Both cookies, for `seconds`. Clients of other servers on the same domain keep their place."""
    clients = [*_others(cookies, client_id), client_id]
    return [
        _refresh(settings, token, seconds),
        _marker(settings, ".".join(clients), shared_domain(settings.public_url, origin), seconds),
    ]


def forget(
    *, settings: Settings, client_id: str, origins: Iterable[str], cookies: Mapping[str, str]
) -> Sequence[SetCookie]:
    """Deletions of what this browser has, on every domain the marker may have been set for."""
    lines = []
    if browsers.cookie_name(REFRESH, settings) in cookies:
        lines.append(_refresh(settings, "", 0))
    if client_id in cookies.get(MARKER, "").split("."):
        others = ".".join(_others(cookies, client_id))
        domains = {shared_domain(settings.public_url, origin) for origin in origins} | {None}
        for domain in sorted(domains, key=str):
            marker = _marker(settings, others, domain, settings.session_seconds)
            lines.append(marker if others and domain else marker.deletion())
    return lines


def leftovers(identity: Identity, cookies: Mapping[str, str]) -> Sequence[SetCookie]:
    """Deletions of what is of no use any more: its session has ended, just now or before."""
    token = kept_token(cookies, identity.settings)
    if token is not None and has_live_session(identity, token):
        return ()
    return forget(
        settings=identity.settings,
        client_id=get_client_id(identity),
        origins=registered_origins(identity),
        cookies=cookies,
    )


def shared_domain(server: str, page: str) -> str | None:
    """What both hosts end with, two labels at least. None: they are one host, or share nothing."""
    ours, theirs = urlsplit(server).hostname or "", urlsplit(page).hostname or ""
    if ours == theirs or _is_address(ours):
        return None
    shared: list[str] = []
    for one, other in zip(reversed(ours.split(".")), reversed(theirs.split(".")), strict=False):
        if one != other:
            break
        shared.insert(0, one)
    return ".".join(shared) if len(shared) > 1 else None


def _refresh(settings: Settings, value: str, seconds: int) -> SetCookie:
    name = browsers.cookie_name(REFRESH, settings)
    # Strict: it is for requests of pages on this site alone, and no navigation needs it.
    return SetCookie(name, value, max_age=seconds, secure=settings.secure, same_site="strict")


def _marker(settings: Settings, value: str, domain: str | None, seconds: int) -> SetCookie:
    return SetCookie(MARKER, value, max_age=seconds, domain=domain, secure=settings.secure, http_only=False)


def _others(cookies: Mapping[str, str], client_id: str) -> Sequence[str]:
    named = cookies.get(MARKER, "").split(".")
    return [each for each in named if CLIENT_ID.fullmatch(each) and each not in (client_id, "1")][
        :MOST_CLIENTS
    ]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
