"""How a session of direct mode gets into its cookie, and out again."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from vestibule.cookies import SetCookie
from vestibule.crypto.sealer import Sealer
from vestibule.direct.kept import Kept
from vestibule.errors import SealError, SessionTooLarge
from vestibule.session.config import Config
from vestibule.session.session_cookie import MAX_COOKIE, cookie_of

PURPOSE = "vestibule.direct"


class SessionCodec(Protocol):
    """Must encrypt and authenticate: what `open` returns is believed."""

    def seal(self, kept: Kept) -> str: ...

    def open(self, value: str, *, now: float) -> Kept | None:
        """None for anything that is no session of ours, or one that cannot be read any more. What has
        expired is returned all the same."""


@dataclass(frozen=True, slots=True)
class SealedSessions:
    """With the cookie passwords, the first writes and all of them read."""

    sealer: Sealer

    def seal(self, kept: Kept) -> str:
        return self.sealer.seal({"purpose": PURPOSE, **kept.to_json()})

    def open(self, value: str, *, now: float) -> Kept | None:
        try:
            found = self.sealer.unseal(value, now_ms=int(now * 1000))
            # A transaction or the app's data under the same password is no session.
            if not isinstance(found, dict) or found.get("purpose") != PURPOSE:
                return None
            return Kept.from_json(found)
        except (SealError, ValueError):
            return None


def write(
    kept: Kept, codec: SessionCodec, config: Config, *, now: float
) -> tuple[SetCookie, tuple[str, ...]]:
    """The cookie, and the parts that had to be left out of it. Raises SessionTooLarge."""
    trimmed: list[str] = []
    for part, candidate in _candidates(kept, trim=config.cookie_trim):
        if part:
            trimmed.append(part)
        seconds = max(1, kept.lifetime.expires_at - int(now))
        cookie = cookie_of(config, config.cookie_name, codec.seal(candidate), max_age=seconds)
        if cookie.size <= MAX_COOKIE:
            return cookie, tuple(trimmed)
    parts = {name: len(str(value)) for name, value in candidate.to_json().items()}
    raise SessionTooLarge(
        f"The session needs {cookie.size} bytes, and browsers keep {MAX_COOKIE}.",
        parts=parts,
        hint="Grant fewer permissions, or keep what the app knows of somebody in its own database.",
    )


def _candidates(kept: Kept, *, trim: bool) -> Iterator[tuple[str, Kept]]:
    yield "", kept
    if not trim:
        return
    user = kept.user
    if user.metadata:
        user = replace(user, metadata={})
        yield "user.metadata", replace(kept, user=user)
    if user.profile_picture_url is not None:
        user = replace(user, profile_picture_url=None)
        yield "user.profile_picture_url", replace(kept, user=user)
