"""What settings must be; every check answers with the problems it found and how to mend them."""

import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import SplitResult, urlsplit

from vestibule.cookies import ATTRIBUTE, SAME_SITE, TOKEN, is_secure
from vestibule.crypto.passwords import check_cookie_password
from vestibule.errors import ConfigError
from vestibule.session.own_paths import PATHS

DEFAULT_PORTS = {"http": ":80", "https": ":443"}
PROFILES = ("vestibule", "workos")
RATE_STORES = ("redis://", "rediss://", "redis+unix://", "redis+sentinel://", "redis+cluster://")
NO_LIST = (
    "VESTIBULE_REVOCATION=list needs a Vestibule server: WorkOS has no list of revoked sessions. "
    "`unset VESTIBULE_REVOCATION`."
)
MOUNTED = re.compile(r"(?!.*/(user_management|sso|oauth2|\.well-known)(/|$))(/[A-Za-z0-9._~-]+)+/?")
DEV = "`vestibule dev -- <your command>` starts a server and sets it"


def server_url(url: str) -> Iterator[str]:
    """An origin; or with the path that an app has mounted its own server under, but no endpoint of ours."""
    parts = web_url(url)
    if (
        parts is None
        or (parts.path not in ("", "/") and MOUNTED.fullmatch(parts.path) is None)
        or parts.query
        or parts.fragment
    ):
        yield (
            f"VESTIBULE_URL is the identity server's origin, such as https://id.example.com, not {url!r}. "
            "Set it with `export VESTIBULE_URL=https://…`."
        )


def client_id(value: str) -> Iterator[str]:
    if not value:
        yield f"VESTIBULE_CLIENT_ID is not set. `export VESTIBULE_CLIENT_ID=client_…`; {DEV}."


def redirect_uri(uri: str) -> Iterator[str]:
    if not uri:
        yield (
            "VESTIBULE_REDIRECT_URI is not set: the address of the callback in this app. "
            f"`export VESTIBULE_REDIRECT_URI=http://localhost:8000/callback`; {DEV}."
        )
    elif "${" in uri:
        yield (
            f"VESTIBULE_REDIRECT_URI holds {uri!r}: the variable in it was not expanded. "
            "Write the address out, or pass a function as redirect_uri=."
        )
    elif (parts := web_url(uri)) is None or parts.fragment:
        yield (
            f"VESTIBULE_REDIRECT_URI is a full address, not {uri!r}. "
            "`export VESTIBULE_REDIRECT_URI=https://app.example.com/callback`."
        )


def passwords(values: Iterable[str]) -> Iterator[str]:
    found = tuple(values)
    if not found:
        yield (
            "VESTIBULE_COOKIE_PASSWORD is not set. "
            '`export VESTIBULE_COOKIE_PASSWORD="$(openssl rand -base64 24)"`, the same in every process.'
        )
    yield from raised(check_cookie_password, found)


def cookie(*, name: str, domain: str | None, same_site: str, max_age: int) -> Iterator[str]:
    if TOKEN.fullmatch(name) is None:
        yield f"VESTIBULE_COOKIE_NAME cannot be {name!r}. `unset VESTIBULE_COOKIE_NAME` for wos-session."
    if ATTRIBUTE.fullmatch(domain or "") is None:
        yield f"VESTIBULE_COOKIE_DOMAIN cannot be {domain!r}. `unset VESTIBULE_COOKIE_DOMAIN`."
    if same_site.lower() not in SAME_SITE:
        yield (
            f"VESTIBULE_COOKIE_SAME_SITE is lax, strict or none, not {same_site!r}. "
            "`unset VESTIBULE_COOKIE_SAME_SITE` for lax."
        )
    if max_age < 0:
        yield "VESTIBULE_COOKIE_MAX_AGE is 0 or more seconds. `unset VESTIBULE_COOKIE_MAX_AGE` for 400 days."


def cookie_on(uri: str, *, name: str, domain: str | None, same_site: str) -> Iterator[str]:
    """Whether a browser would keep the cookie at all, on the app's own address."""
    host = urlsplit(uri).hostname or ""
    wanted = (domain or host).lower().lstrip(".")
    if host != wanted and not host.endswith(f".{wanted}"):
        yield (
            f"VESTIBULE_COOKIE_DOMAIN is {domain!r}, but the app is at {host}: "
            "browsers would drop the cookie. `unset VESTIBULE_COOKIE_DOMAIN`, or set a domain the app is in."
        )
    if name.startswith("__Host-") and domain:
        yield f"The cookie {name} must not have a domain. `unset VESTIBULE_COOKIE_DOMAIN`."
    if name.startswith(("__Host-", "__Secure-")) and not is_secure(uri, same_site):
        yield f"The cookie {name} needs https. `unset VESTIBULE_COOKIE_NAME` for development on http."


def limits(*, refresh_buffer: int | None, session_max_age: int | None) -> Iterator[str]:
    if refresh_buffer is not None and refresh_buffer < 0:
        yield "VESTIBULE_REFRESH_BUFFER is 0 (never early) or more seconds. `unset VESTIBULE_REFRESH_BUFFER`."
    if session_max_age is not None and session_max_age <= 0:
        yield "VESTIBULE_SESSION_MAX_AGE is above 0 seconds. `unset VESTIBULE_SESSION_MAX_AGE`."


def data(name: str, *, max_age: int, session_cookie: str) -> Iterator[str]:
    if TOKEN.fullmatch(name) is None or name == session_cookie:
        yield (
            f"VESTIBULE_DATA_COOKIE_NAME cannot be {name!r}. "
            "`unset VESTIBULE_DATA_COOKIE_NAME` for vestibule-data."
        )
    if max_age <= 0:
        yield "VESTIBULE_DATA_MAX_AGE is above 0 seconds. `unset VESTIBULE_DATA_MAX_AGE` for 30 days."


def revocation(value: str, *, seconds: int) -> Iterator[str]:
    if value not in ("off", "list"):
        yield f"VESTIBULE_REVOCATION is off or list, not {value!r}. `unset VESTIBULE_REVOCATION` for off."
    if seconds < 1:
        yield (
            "VESTIBULE_REVOCATION_SECONDS is 1 or more seconds. `unset VESTIBULE_REVOCATION_SECONDS` for 5."
        )


def rate_store(url: str | None) -> Iterator[str]:
    """Never with the address itself: it may hold a password."""
    if url and not url.startswith(RATE_STORES):
        yield (
            "VESTIBULE_RATE_STORE is the address of a Redis, such as redis://127.0.0.1:6379. "
            "`unset VESTIBULE_RATE_STORE` to count in each process."
        )


def needs_api_key(**wanted: bool) -> Iterator[str]:
    for setting in [name.upper() for name, on in wanted.items() if on]:
        yield (
            f"VESTIBULE_{setting} asks the identity server, and needs VESTIBULE_API_KEY for it. "
            f"`export VESTIBULE_API_KEY=sk_…`, or `unset VESTIBULE_{setting}`."
        )


def cache_sizes(**sizes: int) -> Iterator[str]:
    for name, size in sizes.items():
        if size < 0:
            variable = f"VESTIBULE_{name.upper()}"
            yield f"{variable} is 0 (nothing is remembered) or how many are. `unset {variable}`."


def paths(*, prefix: str, home: str) -> Iterator[str]:
    if prefix and (not prefix.startswith("/") or prefix.endswith("/") or "//" in prefix):
        yield f"VESTIBULE_PREFIX is a path such as /auth, not {prefix!r}. `unset VESTIBULE_PREFIX` for /auth."
    if not home.startswith("/") or home.startswith(("//", "/\\")):
        yield f"VESTIBULE_HOME is a path of this app, not {home!r}. `unset VESTIBULE_HOME` for /."


def callback_path(uri: str, *, prefix: str) -> Iterator[str]:
    path = urlsplit(uri).path
    if path in {f"{prefix}/{name}" for name in PATHS.values()}:
        yield (
            f"VESTIBULE_REDIRECT_URI leads to {path}, which is no callback but another route of ours. "
            f"`export VESTIBULE_REDIRECT_URI={origin_of(uri)}{prefix}/callback`."
        )


def profile(value: str) -> Iterator[str]:
    if value not in PROFILES:
        yield f"VESTIBULE_PROFILE is vestibule or workos, not {value!r}. `unset VESTIBULE_PROFILE`."


def origins(values: Iterable[str]) -> Iterator[str]:
    for value in values:
        parts = web_url(value)
        if parts is None or parts.path not in ("", "/") or parts.query or parts.fragment:
            yield (
                f"VESTIBULE_TRUSTED_ORIGINS holds {value!r}, which is no origin. "
                "`export VESTIBULE_TRUSTED_ORIGINS=https://www.example.com`."
            )


def web_url(url: str) -> SplitResult | None:
    """The parts of an absolute http(s) address without user info, else None."""
    try:
        parts = urlsplit(url)
        valid = (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        return None
    plain = not any(character <= " " or character in "\\\x7f" for character in url)
    return parts if valid and plain and "@" not in parts.netloc else None


def origin_of(url: str) -> str:
    """Of an address that was checked before, as browsers write it in `Origin`: no default port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower().removesuffix(DEFAULT_PORTS[parts.scheme])


def raised(check: Callable[[str], object], values: Iterable[str]) -> Iterator[str]:
    """The problems a check raises for any of these values."""
    for value in values:
        try:
            check(value)
        except ConfigError as error:
            yield from error.problems
