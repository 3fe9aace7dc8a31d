"""How long a session of direct mode lives. All times are whole seconds since 1970."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

Policy = Literal["fixed", "absolute", "rolling", "sliding"]
POLICIES: tuple[str, ...] = get_args(Policy)


@dataclass(frozen=True, slots=True)
class Lifetime:
    """`ends_at`: what no extension goes beyond; None: there is no such end."""

    issued_at: int
    expires_at: int
    ends_at: int | None = None

    def is_over(self, now: float) -> bool:
        return now >= self.expires_at or (self.ends_at is not None and now > self.ends_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """`fixed` and `absolute`: `max_age` after the sign-in. `rolling`: `max_age` after each request.
    `sliding`: likewise, as soon as less than the share `sliding_threshold` of it is left.
    None lives longer than `max_duration` after the sign-in."""

    policy: Policy = "absolute"
    max_age: int
    max_duration: int | None = None
    sliding_threshold: float = 0.5

    def begin(self, now: int) -> Lifetime:
        ends_at = None if self.max_duration is None else now + self.max_duration
        return Lifetime(now, _earlier(now + self.max_age, ends_at), ends_at)

    def extended(self, lifetime: Lifetime, now: int) -> Lifetime | None:
        """None: it stays as it is."""
        if self.policy in ("fixed", "absolute"):
            return None
        left = lifetime.expires_at - now
        if self.policy == "sliding" and left >= self.max_age * self.sliding_threshold:
            return None
        expires_at = _earlier(now + self.max_age, lifetime.ends_at)
        return replace(lifetime, expires_at=expires_at) if expires_at > lifetime.expires_at else None


def _earlier(moment: int, end: int | None) -> int:
    return moment if end is None else min(moment, end)
