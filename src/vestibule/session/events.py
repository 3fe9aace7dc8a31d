"""What happened to sessions, for logs and for the app: stable codes, never a secret."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from vestibule.errors import Refused, Unreachable
from vestibule.session.model import Session
from vestibule.wire.claims import Claims

log = logging.getLogger("vestibule")

SIGNED_IN = "session.signed_in"
SIGN_IN_FAILED = "session.sign_in_failed"
REFRESHED = "session.refreshed"
REFRESH_FAILED = "session.refresh_failed"
SIGNED_OUT = "session.signed_out"
COOKIE_TRIMMED = "session.cookie_trimmed"
COOKIE_TOO_LARGE = "session.cookie_too_large"
UNREACHABLE = "session.unreachable"
CROSS_SITE_REFUSED = "request.cross_site_refused"
CREDENTIAL_REFUSED = "request.credential_refused"
RATE_LIMITED = "request.rate_limited"
REVOKED = "session.revoked"
REVOCATION_LIST_OLD = "revocation.list_old"
RATE_STORE_UNAVAILABLE = "rate.store_unavailable"
DATA_UNREADABLE = "data.unreadable"

WARNINGS = frozenset(
    {
        SIGN_IN_FAILED,
        REFRESH_FAILED,
        COOKIE_TRIMMED,
        COOKIE_TOO_LARGE,
        UNREACHABLE,
        CROSS_SITE_REFUSED,
        RATE_LIMITED,
        REVOCATION_LIST_OLD,
        RATE_STORE_UNAVAILABLE,
        DATA_UNREADABLE,
    }
)


@dataclass(frozen=True, slots=True)
class Event:
    """`code` is one of docs/reference/events.md; `data` holds ids and codes only."""

    code: str
    data: Mapping[str, object] = field(default_factory=dict)


OnEvent = Callable[[Event], object]
OnRefresh = Callable[[Session], object]
# An Unreachable passes by itself, a Refused does not.
OnRefreshError = Callable[[Refused | Unreachable], object]


class Journal:
    """The events of one request: logged at once, handed to the app when the response leaves,
    because flows never call the app."""

    def __init__(
        self,
        on_event: OnEvent | None = None,
        *,
        on_refresh: OnRefresh | None = None,
        on_refresh_error: OnRefreshError | None = None,
    ) -> None:
        self._on_event = on_event
        self._on_refresh = on_refresh
        self._on_refresh_error = on_refresh_error
        self._waiting: list[tuple[str, str, Callable[[], object]]] = []

    def record(self, code: str, **data: object) -> None:
        known = {key: value for key, value in data.items() if value is not None}
        details = " ".join(f"{key}={_one_line(value)}" for key, value in known.items())
        level = logging.WARNING if code in WARNINGS else logging.INFO
        log.log(level, "%s %s", code, details, extra={"code": code, "data": known})
        if self._on_event is not None:
            self._waiting.append(("on_event", code, partial(self._on_event, Event(code, known))))

    def refreshed(self, session: Session) -> None:
        self.record(REFRESHED, **ids_of(session))
        if self._on_refresh is not None:
            self._waiting.append(("on_refresh", REFRESHED, partial(self._on_refresh, session)))

    def refresh_failed(self, error: Refused | Unreachable, claims: Claims | None) -> None:
        self.record(
            REFRESH_FAILED,
            reason=error.error if isinstance(error, Refused) else error.code,
            transient=isinstance(error, Unreachable),
            user_id=claims and claims.sub,
            session_id=claims and claims.sid,
        )
        if self._on_refresh_error is not None:
            self._waiting.append(("on_refresh_error", REFRESH_FAILED, partial(self._on_refresh_error, error)))

    @property
    def is_waiting(self) -> bool:
        """Whether the app's hooks have something to be told."""
        return bool(self._waiting)

    def deliver(self) -> None:
        """A hook that raises is logged and harms nobody's request."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        for hook, code, tell in waiting:
            try:
                tell()
            except Exception:
                log.exception("%s failed on %s", hook, code)


def ids_of(session: Session) -> dict[str, object]:
    """Whose session it is, for an event about it."""
    return {"user_id": session.user.id, "session_id": session.id, "organization_id": session.organization_id}


def _one_line(value: object) -> str:
    # A code of the server's may hold a line break, which would forge a line of the log.
    return "".join(character if character.isprintable() else "?" for character in str(value))
