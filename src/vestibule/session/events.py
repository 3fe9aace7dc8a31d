"""What happened to sessions, for logs and for the app: stable codes, never a secret."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

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

WARNINGS = frozenset(
    {SIGN_IN_FAILED, REFRESH_FAILED, COOKIE_TRIMMED, COOKIE_TOO_LARGE, UNREACHABLE, CROSS_SITE_REFUSED}
)


@dataclass(frozen=True, slots=True)
class Event:
    """`code` is one of docs/reference/events.md; `data` holds ids and codes only."""

    code: str
    data: Mapping[str, object] = field(default_factory=dict)


OnEvent = Callable[[Event], object]


class Journal:
    """The events of one request: logged at once, handed to the app when the response leaves,
    because flows never call the app."""

    def __init__(self, on_event: OnEvent | None = None) -> None:
        self._on_event = on_event
        self._waiting: list[Event] = []

    def record(self, code: str, **data: object) -> None:
        known = {key: value for key, value in data.items() if value is not None}
        details = " ".join(f"{key}={_one_line(value)}" for key, value in known.items())
        level = logging.WARNING if code in WARNINGS else logging.INFO
        log.log(level, "%s %s", code, details, extra={"code": code, "data": known})
        self._waiting.append(Event(code, known))

    def deliver(self) -> None:
        """A hook that raises is logged and harms nobody's request."""
        if not self._waiting:
            return
        events, self._waiting = self._waiting, []
        for event in events if self._on_event is not None else ():
            try:
                self._on_event(event)  # type: ignore[misc]
            except Exception:
                log.exception("on_event failed on %s", event.code)


def _one_line(value: object) -> str:
    # A code of the server's may hold a line break, which would forge a line of the log.
    return "".join(character if character.isprintable() else "?" for character in str(value))
