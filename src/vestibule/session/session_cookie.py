"""Opening the session cookie and writing it, within what browsers keep."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from vestibule.cookies import SetCookie, is_secure
from vestibule.crypto.fernet import unseal_fernet
from vestibule.crypto.seal import unseal
from vestibule.crypto.sealer import Sealer
from vestibule.crypto.strict_json import Json
from vestibule.errors import SealError, SessionTooLarge
from vestibule.session.config import Config
from vestibule.session.payload import Payload, in_camel_case

# Browsers drop a cookie whose name and value are longer, without a word.
MAX_COOKIE = 4096
ACCESS_TOKEN = "workos-access-token"  # noqa: S105 - the name the JavaScript store looks for
HALF_A_MINUTE = 30


Readers = tuple[tuple[Callable[[str], Json], bool], ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """`outdated`: sealed with a previous password, to be sealed anew."""

    payload: Payload
    outdated: bool


@dataclass(frozen=True, slots=True)
class Written:
    """`trimmed` names the parts that had to be left out."""

    cookie: SetCookie
    trimmed: tuple[str, ...] = ()


def open_session(values: Sequence[str], passwords: tuple[str, ...]) -> Opened | None:
    """The first usable one: a host-only and a domain cookie may share the name."""
    return open_with(_readers(passwords), values)


def readers_of(config: Config) -> Readers:
    """What opens a cookie, and whether what it opens is outdated: whatever is not sealed as we seal now."""
    return _readers(
        config.cookie_passwords, own=config.own_sealer, workos_python=config.workos_python_passwords
    )


def open_with(readers: Readers, values: Sequence[str]) -> Opened | None:
    for value in values:
        for read, outdated in readers:
            payload = _open(read, value)
            if payload is not None:
                return Opened(payload, outdated=outdated)
    return None


def write_session(payload: Payload, config: Config) -> Written:
    """Leaves out what nobody needs on every request, only if it does not fit. Raises SessionTooLarge."""
    trimmed: list[str] = []
    for part, candidate in _candidates(payload, trim=config.cookie_trim):
        if part:
            trimmed.append(part)
        cookie = _cookie(config, config.sealer.seal(candidate.to_cookie()))
        if cookie.size <= MAX_COOKIE:
            return Written(cookie, tuple(trimmed))
    parts = _sizes(candidate)
    raise SessionTooLarge(
        f"The session needs {cookie.size} bytes, and browsers keep {MAX_COOKIE}.",
        parts=parts,
        hint=f"The largest part is {max(parts, key=lambda part: parts[part])}. Permissions, roles and custom "
        "claims make the access token long: put fewer of them into it.",
    )


def delete_session(config: Config) -> SetCookie:
    """With the attributes it was set with, or browsers keep it."""
    return _cookie(config, "").deletion()


def access_token_cookie(config: Config, token: str) -> SetCookie:
    """The token for scripts of the page, for half a minute: `eager_access_token`. Without a path, as the
    JavaScript store that takes it deletes it without one."""
    secure = is_secure(config.callback_url(), config.cookie_same_site)
    return SetCookie(
        ACCESS_TOKEN, token, max_age=HALF_A_MINUTE, path="", secure=secure, http_only=False, same_site="lax"
    )


def delete_host_session(config: Config) -> SetCookie:
    """A cookie of the same name from before the domain was set would survive the other deletion."""
    return replace(delete_session(config), domain=None)


def _readers(
    passwords: tuple[str, ...], *, own: Sealer | None = None, workos_python: tuple[str, ...] = ()
) -> Readers:
    newest, previous = passwords[:1], passwords[1:]
    readers: list[tuple[Callable[[str], Json], bool]] = [] if own is None else [(own.unseal, False)]
    readers.append((lambda value: unseal(value, newest), own is not None))
    if previous:
        readers.append((lambda value: unseal(value, previous), True))
    if workos_python:
        readers.append((lambda value: in_camel_case(unseal_fernet(value, workos_python)), True))
    return tuple(readers)


def _open(read: Callable[[str], Json], value: str) -> Payload | None:
    try:
        return Payload.read(read(value))
    except SealError:
        return None


def cookie_of(config: Config, name: str, value: str, *, max_age: int) -> SetCookie:
    """With the attributes that the settings give every lasting cookie of ours."""
    return SetCookie(
        name,
        value,
        max_age=max_age,
        domain=config.cookie_domain or None,
        secure=is_secure(config.callback_url(), config.cookie_same_site),
        same_site=config.cookie_same_site,
    )


def _cookie(config: Config, value: str) -> SetCookie:
    return cookie_of(config, config.cookie_name, value, max_age=config.cookie_max_age)


def _candidates(payload: Payload, *, trim: bool) -> Iterator[tuple[str, Payload]]:
    yield "", payload
    if not trim:
        return
    if payload.oauth_tokens is not None:
        payload = replace(payload, oauth_tokens=None)
        yield "oauth_tokens", payload
    if payload.user.metadata:
        payload = replace(payload, user=replace(payload.user, metadata={}))
        yield "user.metadata", payload
    if payload.user.profile_picture_url is not None:
        payload = replace(payload, user=replace(payload.user, profile_picture_url=None))
        yield "user.profile_picture_url", payload


def _sizes(payload: Payload) -> dict[str, int]:
    members = payload.to_cookie()
    return {
        key: len(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
        for key, value in members.items()
    }
