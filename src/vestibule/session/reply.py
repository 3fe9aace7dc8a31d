"""An answer the session core gives itself; the adapter turns it into the framework's response."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

NO_STORE = ("Cache-Control", "private, no-store")
VARY = ("Vary", "Cookie")


@dataclass(frozen=True, slots=True)
class Reply:
    """Set-Cookie is not among the headers: that is `Visit.headers`, on every response."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)

    @classmethod
    def redirect(cls, location: str, *, status: int = 303) -> "Reply":
        return cls(status, (("Location", location), NO_STORE))

    @classmethod
    def json(
        cls,
        status: int,
        code: str,
        message: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        **extra: object,
    ) -> "Reply":
        """An error for programs: `{"error": {"code": …, "message": …, …}}`."""
        return cls.data(status, {"error": {"code": code, "message": message, **extra}}, headers=headers)

    @classmethod
    def data(cls, status: int, body: object, *, headers: Iterable[tuple[str, str]] = ()) -> "Reply":
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        # Foreign text may hold half a surrogate pair, which UTF-8 cannot carry.
        return cls(
            status,
            (("Content-Type", "application/json"), NO_STORE, *headers),
            text.encode("utf-8", "replace"),
        )

    @classmethod
    def page(cls, status: int, html: str, *, headers: Iterable[tuple[str, str]] = ()) -> "Reply":
        return cls(
            status,
            (("Content-Type", "text/html; charset=utf-8"), NO_STORE, *headers),
            html.encode("utf-8", "replace"),
        )


def merge_headers(app: Iterable[tuple[str, str]], visit: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The app's headers and the visit's: Vary is united, Cache-Control is the visit's, each Set-Cookie
    stays a line of its own. Adapters send exactly this."""
    theirs, ours = list(app), list(visit)
    if not ours:
        return theirs
    names = {name.lower() for name, _ in ours}
    kept = [pair for pair in theirs if pair[0].lower() not in names & {"cache-control", "vary"}]
    if "vary" not in names:
        return kept + ours
    varies = [value for name, value in (*theirs, *ours) if name.lower() == "vary"]
    return [*kept, *(pair for pair in ours if pair[0].lower() != "vary"), ("Vary", _united(varies))]


def _united(varies: Iterable[str]) -> str:
    names = [name.strip() for value in varies for name in value.split(",") if name.strip()]
    return "*" if "*" in names else ", ".join({name.lower(): name for name in names}.values())
