"""The sealed state of one sign-in: the `state` parameter and the cookie that binds it to this browser."""

import hmac
import os
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from vestibule.cookies import SetCookie, is_secure
from vestibule.crypto.pkce import create_pair, fnv1a
from vestibule.crypto.sealer import Sealer, sealer_of
from vestibule.crypto.strict_json import Json
from vestibule.errors import ConfigError, LoginError, SealError

LEGACY_NAME = "wos-auth-verifier"
NAME_PREFIX = "wos-auth-verifier-"
TEN_MINUTES = 600
CLOCK_SKEW_MS = 60_000
MAX_CUSTOM_STATE = 2048
MAX_COOKIE_LINE = 3800
MAX_PENDING = 5


@dataclass(frozen=True, slots=True)
class Verifier:
    """What the app must remember between the redirect to the server and the callback."""

    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    issued_at_ms: int
    return_pathname: str | None = None
    custom_state: str | None = field(default=None, repr=False)
    redirect_uri: str | None = None


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """`state` goes into the URL and, the same text, into the cookie; the challenge into the URL only."""

    state: str = field(repr=False)
    challenge: str


def create_state(
    sealer: str | Sealer,
    *,
    now_ms: int,
    return_pathname: str | None = None,
    custom_state: str | None = None,
    redirect_uri: str | None = None,
    entropy: Callable[[int], bytes] = os.urandom,
) -> PendingLogin:
    """Raises LoginError `state_too_large` when the caller's own state is over 2,048 bytes."""
    if custom_state is not None and len(custom_state.encode("utf-8", "surrogatepass")) > MAX_CUSTOM_STATE:
        raise _too_large(f"The custom state is over {MAX_CUSTOM_STATE} bytes.")
    pair = create_pair(entropy=entropy)
    payload: dict[str, Json] = {
        "nonce": str(uuid.UUID(bytes=entropy(16), version=4)),
        "codeVerifier": pair.verifier,
        "issuedAt": now_ms,
        "returnPathname": return_pathname,
        "customState": custom_state,
        "redirectUri": redirect_uri,
    }
    present = {key: value for key, value in payload.items() if value is not None}
    state = sealer_of(sealer, entropy=entropy).seal(present, ttl=TEN_MINUTES, now_ms=now_ms)
    return PendingLogin(state=state, challenge=pair.challenge)


def open_state(
    state: str | None, cookie_value: str | None, sealer: str | Sequence[str] | Sealer, *, now_ms: int
) -> Verifier:
    """The verifier, if this browser began this sign-in. LoginError codes, in the order of the checks:
    `state_missing verifier_cookie_missing state_mismatch state_unreadable state_expired`."""
    if not state:
        raise LoginError(
            "The callback has no state parameter.",
            code="state_missing",
            hint="Start at the app's own sign-in address; set it as the server's initiate-login URL.",
        )
    if not cookie_value:
        raise LoginError(
            "The browser did not send the cookie of this sign-in.",
            code="verifier_cookie_missing",
            hint="Look at the redirect URI (same host and scheme as the app), the cookie's domain and "
            "SameSite, and at proxies that drop Set-Cookie from redirects.",
        )
    # Compare before opening: what this browser did not begin is never decrypted.
    if not hmac.compare_digest(_bytes(state), _bytes(cookie_value)):
        raise LoginError(
            "The state belongs to another sign-in.",
            code="state_mismatch",
            hint="Start again, in one tab.",
        )
    verifier = _read(_unseal(state, sealer_of(sealer), now_ms))
    if not -CLOCK_SKEW_MS <= now_ms - verifier.issued_at_ms <= TEN_MINUTES * 1000:
        raise _expired()
    return verifier


def verifier_name(state: str) -> str:
    """The name of the cookie of this sign-in; each has its own, so tabs do not disturb each other."""
    return NAME_PREFIX + fnv1a(state)


def verifier_cookie(
    state: str, *, redirect_uri: str, same_site: str = "lax", domain: str | None = None
) -> SetCookie:
    """Raises LoginError `state_too_large` when browsers would drop the cookie."""
    cookie = SetCookie(
        verifier_name(state),
        state,
        max_age=TEN_MINUTES,
        domain=domain or None,
        secure=is_secure(redirect_uri, same_site),
        same_site=_crossing(same_site),
    )
    if len(cookie.header()) > MAX_COOKIE_LINE:
        raise _too_large(f"The verifier cookie is over {MAX_COOKIE_LINE} bytes.")
    return cookie


def delete_verifier(
    name: str, *, redirect_uri: str | None = None, same_site: str = "lax", domain: str | None = None
) -> SetCookie:
    """Without `redirect_uri` (the state could not be read) a Lax deletion is written without Secure,
    so that a callback on http accepts it. Raises ConfigError for a name that is no verifier's."""
    if not is_verifier_name(name):
        raise ConfigError(f"{name!r} is not a verifier cookie.")
    crossing = _crossing(same_site)
    secure = crossing == "none" if redirect_uri is None else is_secure(redirect_uri, same_site)
    return SetCookie.delete(name, domain=domain or None, secure=secure, same_site=crossing)


def is_verifier_name(name: str) -> bool:
    return name == LEGACY_NAME or name.startswith(NAME_PREFIX)


def verifiers_to_evict(names: Iterable[str], *, keep: str, limit: int = MAX_PENDING) -> tuple[str, ...]:
    """Verifier cookies to delete when one more (`keep`) is set, lest the Cookie header outgrow servers.

    All or nothing: names carry no age, so the newest cannot be told from the oldest.
    """
    others = tuple(dict.fromkeys(name for name in names if is_verifier_name(name) and name != keep))
    return others if len(others) + 1 > limit else ()


def _crossing(same_site: str) -> str:
    # The way back from the server is a cross-site navigation, which Strict would not survive.
    return "none" if same_site.lower() == "none" else "lax"


def _unseal(state: str, sealer: Sealer, now_ms: int) -> Json:
    try:
        return sealer.unseal(state, now_ms=now_ms)
    except SealError as error:
        raise (_expired() if error.code == "expired" else _unreadable()) from error


def _read(payload: Json) -> Verifier:
    members = payload if isinstance(payload, dict) else {}
    issued_at = members.get("issuedAt")
    # Next.js states carry no issuedAt and are refused, as authkit-session does.
    if isinstance(issued_at, bool) or not isinstance(issued_at, int | float) or not abs(issued_at) < 2**53:
        raise _unreadable()
    return Verifier(
        nonce=_required(members, "nonce"),
        code_verifier=_required(members, "codeVerifier"),
        issued_at_ms=int(issued_at),
        return_pathname=_optional(members, "returnPathname"),
        custom_state=_optional(members, "customState"),
        redirect_uri=_optional(members, "redirectUri"),
    )


def _required(members: dict[str, Json], key: str) -> str:
    value = members.get(key)
    if not isinstance(value, str):
        raise _unreadable()
    return value


def _optional(members: dict[str, Json], key: str) -> str | None:
    return _required(members, key) if key in members else None


def _unreadable() -> LoginError:
    return LoginError(
        "The state of this sign-in cannot be read.",
        code="state_unreadable",
        hint="All processes of the app, and its front end if that began the sign-in, must use the same "
        "cookie password.",
    )


def _expired() -> LoginError:
    return LoginError(
        "This sign-in was begun more than ten minutes ago.",
        code="state_expired",
        hint="Start again. If it was not so long, compare the clocks of the app's machines.",
    )


def _too_large(message: str) -> LoginError:
    return LoginError(message, code="state_too_large", hint="Keep the state and the return path short.")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
