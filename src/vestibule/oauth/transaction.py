"""One sign-in through a provider: what must be remembered until its callback, and the cookie that binds it
to the browser that began it."""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from vestibule.cookies import SetCookie, is_secure
from vestibule.crypto.pkce import fnv1a
from vestibule.crypto.sealer import Sealer
from vestibule.crypto.strict_json import Json
from vestibule.errors import LoginError, SealError
from vestibule.wire import fields

COOKIE_PREFIX = "vestibule-oauth-"
PURPOSE = "vestibule.oauth"
HANDOFF_PURPOSE = "vestibule.oauth.form_post"
HANDOFF_PARAM = "handoff"
HANDOFF_FIELDS = ("state", "code", "iss", "error", "error_description", "user")
MAX_HANDOFF_FIELD = 4096
TEN_MINUTES = 600
ONE_MINUTE = 60
CLOCK_SKEW = 60
MAX_COOKIE_LINE = 3800
MAX_PENDING = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """`note` is the caller's own, such as who wants to connect this account."""

    provider: str
    state: str = field(repr=False)
    code_verifier: str = field(repr=False)
    redirect_uri: str
    started_at: int
    nonce: str | None = field(default=None, repr=False)
    return_to: str | None = None
    max_age: int | None = None
    note: str | None = field(default=None, repr=False)

    def to_json(self) -> dict[str, Json]:
        members: dict[str, Json] = {
            "provider": self.provider,
            "state": self.state,
            "code_verifier": self.code_verifier,
            "redirect_uri": self.redirect_uri,
            "started_at": self.started_at,
            "nonce": self.nonce,
            "return_to": self.return_to,
            "max_age": self.max_age,
            "note": self.note,
        }
        return {name: value for name, value in members.items() if value is not None}

    @classmethod
    def from_json(cls, value: Mapping[str, object]) -> "Transaction":
        """Raises ValueError without what every sign-in has."""
        required = [
            fields.text(value, name) for name in ("provider", "state", "code_verifier", "redirect_uri")
        ]
        provider, state, code_verifier, redirect_uri = (each or "" for each in required)
        started_at = fields.seconds(value, "started_at")
        if not all(required) or started_at is None:
            raise ValueError("not a sign-in")
        return cls(
            provider=provider,
            state=state,
            code_verifier=code_verifier,
            redirect_uri=redirect_uri,
            started_at=started_at,
            nonce=fields.text(value, "nonce"),
            return_to=fields.text(value, "return_to"),
            max_age=fields.seconds(value, "max_age"),
            note=fields.text(value, "note"),
        )

    def is_over(self, now: float) -> bool:
        return not -CLOCK_SKEW <= now - self.started_at <= TEN_MINUTES


def cookie_name(state: str) -> str:
    """Each sign-in has a cookie of its own, so that tabs do not disturb each other."""
    return COOKIE_PREFIX + fnv1a(state)


def transaction_cookie(transaction: Transaction, sealer: Sealer, *, domain: str | None = None) -> SetCookie:
    """Raises LoginError `state_too_large` when browsers would drop the cookie."""
    payload = {"purpose": PURPOSE, **transaction.to_json()}
    cookie = SetCookie(
        cookie_name(transaction.state),
        sealer.seal(payload, ttl=TEN_MINUTES, now_ms=transaction.started_at * 1000),
        max_age=TEN_MINUTES,
        domain=domain,
        secure=is_secure(transaction.redirect_uri, "lax"),
    )
    if len(cookie.header()) > MAX_COOKIE_LINE:
        raise LoginError(
            f"The cookie of this sign-in is over {MAX_COOKIE_LINE} bytes.",
            code="state_too_large",
            hint="Keep the state and the return path short.",
        )
    return cookie


def open_transaction(
    state: str | None, cookies: Iterable[tuple[str, str]], sealer: Sealer, *, now: float
) -> Transaction:
    """The sign-in, if this browser began it. LoginError codes, in the order of the checks: `state_missing
    verifier_cookie_missing state_mismatch state_unreadable state_expired`."""
    if not state:
        raise LoginError(
            "The callback has no state parameter.",
            code="state_missing",
            hint="Start at the app's own sign-in address, not at the provider.",
        )
    ours = [(name, value) for name, value in cookies if name.startswith(COOKIE_PREFIX)]
    if not ours:
        raise LoginError(
            "The browser did not send the cookie of this sign-in.",
            code="verifier_cookie_missing",
            hint="Look at the redirect URI (same host and scheme as the app), the cookie's domain, and at "
            "proxies that drop Set-Cookie from redirects.",
        )
    sealed = [value for name, value in ours if name == cookie_name(state)]
    if not sealed:
        raise mismatch()
    transaction = _unsealed(sealed[0], sealer, now)
    if not hmac.compare_digest(_bytes(transaction.state), _bytes(state)):
        raise mismatch()
    if transaction.is_over(now):
        raise expired()
    return transaction


def cookies_to_evict(names: Iterable[str], *, keep: str) -> tuple[str, ...]:
    """Sign-ins to forget when one more (`keep`) begins, lest the Cookie header outgrow servers. All or
    nothing: names carry no age."""
    others = tuple(dict.fromkeys(name for name in names if name.startswith(COOKIE_PREFIX) and name != keep))
    return others if len(others) + 1 > MAX_PENDING else ()


def hand_off(form: Mapping[str, str], callback_url: str, sealer: Sealer, *, now: float) -> str:
    """Where to send a browser that came by `form_post`, a cross-site POST without our Lax cookies: the same
    callback by GET, with the answer sealed, as it holds a name and a code."""
    answer = {name: form[name][:MAX_HANDOFF_FIELD] for name in HANDOFF_FIELDS if form.get(name)}
    payload = {"purpose": HANDOFF_PURPOSE, **answer}
    sealed = sealer.seal(payload, ttl=ONE_MINUTE, now_ms=int(now * 1000))
    return f"{callback_url}{'&' if '?' in callback_url else '?'}{urlencode({HANDOFF_PARAM: sealed})}"


def take_over(handoff: str, sealer: Sealer, *, now: float) -> dict[str, str]:
    """The parameters that `hand_off` sealed. They are no more trusted than those of any callback."""
    members = _opened(handoff, sealer, now, purpose=HANDOFF_PURPOSE)
    return {name: value for name in HANDOFF_FIELDS if (value := fields.text(members, name)) is not None}


def _unsealed(sealed: str, sealer: Sealer, now: float) -> Transaction:
    try:
        return Transaction.from_json(_opened(sealed, sealer, now, purpose=PURPOSE))
    except ValueError as error:
        raise _unreadable() from error


def _opened(sealed: str, sealer: Sealer, now: float, *, purpose: str) -> Mapping[str, object]:
    try:
        payload = sealer.unseal(sealed, now_ms=int(now * 1000))
    except SealError as error:
        raise (expired() if error.code == "expired" else _unreadable()) from error
    # A session under the same password is no sign-in, nor the reverse.
    if not isinstance(payload, dict) or payload.get("purpose") != purpose:
        raise _unreadable()
    return payload


def mismatch() -> LoginError:
    return LoginError(
        "The state belongs to another sign-in.", code="state_mismatch", hint="Start again, in one tab."
    )


def expired() -> LoginError:
    return LoginError(
        "This sign-in was begun more than ten minutes ago.",
        code="state_expired",
        hint="Start again. If it was not so long, compare the clocks of the app's machines.",
    )


def _unreadable() -> LoginError:
    return LoginError(
        "The state of this sign-in cannot be read.",
        code="state_unreadable",
        hint="All processes of the app must use the same cookie password.",
    )


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
