"""A browser at this server, in cookies: which browser it is, who is signed in, who was here before.

The binding ties a sign-in under way, and every form of it, to the browser that began it. The session token
is the browser's own session here: it lets the next application in without another password. The acquaintance
says that this browser signed in to an account before, so that strangers' failures do not lock its owner out.
The invitation is the one whose link was opened here, for the sign-in that follows. The language is what
somebody chose on a page of ours, or what an application asked for.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from vestibule.errors import ConfigError
from vestibule.server import languages
from vestibule.server.identity.emails import lookup_key
from vestibule.server.identity.secrets import open_at_rest, seal_at_rest
from vestibule.server.languages import Language
from vestibule.server.settings import Settings

SESSION: Final = "vestibule"
BINDING: Final = "vestibule-browser"
ACQUAINTANCE: Final = "vestibule-known"
INVITATION: Final = "vestibule-invitation"
SETUP: Final = "vestibule-setup"
LAST_METHOD: Final = "vestibule-last"
LAST_ADDRESS: Final = "vestibule-address"
AN_HOUR: Final = 60 * 60
LANGUAGE: Final = "vestibule-language"
PUT_OFF: Final = "vestibule-later"
A_MONTH: Final = 30 * 24 * 60 * 60
A_YEAR: Final = 365 * 24 * 60 * 60
TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")


def binding(request: Request, settings: Settings) -> str | None:
    return _read(request, settings, BINDING)


def bind(response: Response, settings: Settings, token: str) -> None:
    """Every sign-in under way hangs on this cookie, so it lives as long as the longest of them may take."""
    _write(response, settings, BINDING, token, settings.browser_session_seconds)


def session_token(request: Request, settings: Settings) -> str | None:
    return _read(request, settings, SESSION)


def remember(response: Response, settings: Settings, token: str) -> None:
    _write(response, settings, SESSION, token, settings.browser_session_seconds)


def end(response: Response, settings: Settings) -> None:
    _write(response, settings, SESSION, "", 0)
    _write(response, settings, LAST_ADDRESS, "", 0)


def is_acquainted(request: Request, settings: Settings, *, account: str) -> bool:
    """Whether this very browser signed in to `account` (any stable name of it) before."""
    bound, given = binding(request, settings), _read(request, settings, ACQUAINTANCE)
    return bool(bound and given) and hmac.compare_digest(
        given or "", _mac(settings, "known", bound or "", account)
    )


def acquaint(response: Response, settings: Settings, token: str, *, account: str) -> None:
    _write(response, settings, ACQUAINTANCE, _mac(settings, "known", token, account), A_YEAR)


def remember_method(response: Response, settings: Settings, token: str, *, method: str) -> None:
    _write(response, settings, LAST_METHOD, f"{method}.{_mac(settings, 'last', token, method)}", A_YEAR)


def last_method(request: Request, settings: Settings) -> str:
    """How somebody signed in on this browser last; '' when nobody has, or a cookie of another one came."""
    bound = binding(request, settings)
    method, _, mac = request.cookies.get(cookie_name(LAST_METHOD, settings), "").rpartition(".")
    return method if bound and _is_mac(mac, settings, "last", bound, method) else ""


def remember_address(response: Response, settings: Settings, email: str) -> None:
    """Sealed: on a disk that somebody else reads, it is nobody's."""
    _write(response, settings, LAST_ADDRESS, seal_at_rest(email, settings.secret), A_YEAR)


def last_address(request: Request, settings: Settings) -> str:
    """The address of who signed in here last and did not sign out; '' in every other browser."""
    sealed = request.cookies.get(cookie_name(LAST_ADDRESS, settings), "")
    try:
        email = str(open_at_rest(sealed, settings.secret)) if sealed else ""
    except ConfigError:  # made up, or sealed under a secret that is no more
        return ""
    key = lookup_key(email)
    return email if key and is_acquainted(request, settings, account=key) else ""


def remember_invitation(response: Response, settings: Settings, token: str) -> None:
    _write(response, settings, INVITATION, token, AN_HOUR)


def invitation_token(request: Request, settings: Settings) -> str | None:
    return _read(request, settings, INVITATION)


def forget_invitation(response: Response, settings: Settings) -> None:
    _write(response, settings, INVITATION, "", 0)


def remember_setup(response: Response, settings: Settings, token: str) -> None:
    _write(response, settings, SETUP, token, AN_HOUR)


def setup_token(request: Request, settings: Settings) -> str | None:
    return _read(request, settings, SETUP)


def forget_setup(response: Response, settings: Settings) -> None:
    _write(response, settings, SETUP, "", 0)


def is_put_off(request: Request, settings: Settings, *, account: str) -> bool:
    """Whether `account` said on this browser that it wants no passkey for now."""
    bound, given = binding(request, settings), _read(request, settings, PUT_OFF)
    return bool(bound and given) and hmac.compare_digest(
        given or "", _mac(settings, "later", bound or "", account)
    )


def put_off(response: Response, settings: Settings, token: str, *, account: str) -> None:
    _write(response, settings, PUT_OFF, _mac(settings, "later", token, account), A_MONTH)


def asked_language(parameters: Mapping[str, str]) -> Language | None:
    """What a link of ours, or an application, says in so many words."""
    return languages.find_asked(_wishes(parameters))


def language(request: Request, settings: Settings) -> Language:
    return languages.negotiate(
        parameter=_wishes(request.query_params),
        cookie=request.cookies.get(cookie_name(LANGUAGE, settings), ""),
        accept_language=request.headers.get("accept-language", ""),
        default=settings.locale,
    )


def speak(response: Response, settings: Settings, chosen: Language) -> None:
    """From the next page on, whatever the browser itself is set to."""
    _write(response, settings, LANGUAGE, chosen.tag, A_YEAR)


def csrf_token(settings: Settings, token: str) -> str:
    """What a form must carry: made from the binding, which no other site can read or make."""
    return _mac(settings, "csrf", token)


def is_cross_site(request: Request, settings: Settings) -> bool:
    """Whether a form came from another origin. Browsers that say nothing are caught by the CSRF token."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    # Our pages send no referrer, and then the Fetch standard turns their own Origin into "null".
    return request.headers.get("origin", "null") not in ("null", settings.origin)


def _wishes(parameters: Mapping[str, str]) -> str:
    """OpenID Connect Core §3.1.2.1 for `ui_locales`."""
    return f"{parameters.get('locale', '')} {parameters.get('ui_locales', '')}"


def cookie_name(name: str, settings: Settings) -> str:
    """`__Host-` pins a cookie to this host and to https; plain http (development) cannot have it."""
    return f"__Host-{name}" if settings.secure else name


def _mac(settings: Settings, *words: str) -> str:
    mac = hmac.digest(settings.secret.encode(), "\0".join(words).encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def _is_mac(given: str, settings: Settings, *words: str) -> bool:
    return hmac.compare_digest(given.encode(), _mac(settings, *words).encode())


def _read(request: Request, settings: Settings, name: str) -> str | None:
    value = request.cookies.get(cookie_name(name, settings), "")
    return value if TOKEN.fullmatch(value) else None


def _write(response: Response, settings: Settings, name: str, value: str, max_age: int) -> None:
    response.set_cookie(
        cookie_name(name, settings),
        value,
        max_age=max_age,
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="lax",  # a sign-in begins by a navigation from the application's site
    )
