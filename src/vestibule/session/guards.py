"""What a session must have: values that combine with `&` and `|` and know no framework."""

import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TypedDict, TypeVar

from vestibule.errors import ConfigError
from vestibule.session.model import Session

__all__ = [
    "All",
    "AnyOf",
    "Has",
    "InOrganization",
    "Missing",
    "Rate",
    "Recent",
    "Requirement",
    "Wanted",
    "mark",
    "requirement",
]

Missing = dict[str, object]

HALF_A_MINUTE = 30
RATE = re.compile(r"[1-9]\d{0,8}/([1-9]\d{0,4} ?)?(second|minute|hour|day)s?", re.ASCII)
MARK = "__vestibule_requirement__"


class Requirement(ABC):
    """`missing` is None when the session has everything, else what it lacks, in the words of `requires`."""

    @property
    def rates(self) -> "tuple[Rate, ...]":
        """How often it lets somebody in who has everything."""
        return ()

    @abstractmethod
    def missing(self, session: Session, now: float) -> Missing | None: ...

    def __and__(self, other: "Requirement") -> "Requirement":
        return All((self, other))

    def __or__(self, other: "Requirement") -> "Requirement":
        return AnyOf((self, other))


@dataclass(frozen=True, slots=True)
class Has(Requirement):
    """All of `wanted` are among the session's permissions, roles, entitlements or flags."""

    word: str
    wanted: tuple[str, ...]

    def missing(self, session: Session, now: float) -> Missing | None:
        lacking = [each for each in self.wanted if each not in _granted(session, self.word)]
        return {self.word: lacking} if lacking else None


@dataclass(frozen=True, slots=True)
class InOrganization(Requirement):
    """The session is in one of these organizations; in any, when none is named."""

    accepted: tuple[str, ...] = ()

    def missing(self, session: Session, now: float) -> Missing | None:
        current = session.organization_id
        if current is not None and (not self.accepted or current in self.accepted):
            return None
        return {"organization": list(self.accepted) or True}


@dataclass(frozen=True, slots=True)
class Recent(Requirement):
    """The person proved who they are at most `seconds` ago. A future time counts as now; somebody who
    impersonates them proved nothing of the kind.

    The way back from the server takes a moment, so the shortest age is half a minute; else `recent=0`
    would send the person round in circles.
    """

    seconds: int

    def missing(self, session: Session, now: float) -> Missing | None:
        authenticated_at = None if session.impersonator else session.claims.auth_time
        if authenticated_at is not None and now - authenticated_at <= max(self.seconds, HALF_A_MINUTE):
            return None
        return {"recent": self.seconds}


@dataclass(frozen=True, slots=True)
class Rate(Requirement):
    """At most so often for each user: `"10/minute"`, `"100/hour"`, several by commas; counted when everything
    else is there. Guards of the same `name` share their count; without one it is the place in your code.
    Raises ConfigError."""

    limits: str
    name: str = ""

    def __post_init__(self) -> None:
        for each in self.each:
            if RATE.fullmatch(each) is None:
                raise ConfigError(
                    f"A rate is a number of times in a unit, such as 10/minute or 100/2 hours, not {each!r}. "
                    "The units are second, minute, hour and day."
                )
        if find_spec("limits") is None:  # pragma: no cover - tested in a process of its own
            raise ConfigError("`rate=` needs the library that counts: pip install 'vestibule[rate]'")
        if not self.name:
            object.__setattr__(self, "name", _place_in_app())

    @property
    def each(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.limits.split(","))

    @property
    def rates(self) -> "tuple[Rate, ...]":
        return (self,)

    def missing(self, session: Session, now: float) -> Missing | None:
        return None


@dataclass(frozen=True, slots=True)
class All(Requirement):
    requirements: tuple[Requirement, ...] = ()

    @property
    def rates(self) -> tuple[Rate, ...]:
        return tuple(rate for requirement in self.requirements for rate in requirement.rates)

    def missing(self, session: Session, now: float) -> Missing | None:
        found: Missing = {}
        for requirement in self.requirements:
            _add(found, requirement.missing(session, now) or {})
        return found or None


@dataclass(frozen=True, slots=True)
class AnyOf(Requirement):
    requirements: tuple[Requirement, ...]

    def __post_init__(self) -> None:
        if any(requirement.rates for requirement in self.requirements):
            raise ConfigError("A rate is no alternative: combine it by `&`, or give it as `rate=`.")

    def missing(self, session: Session, now: float) -> Missing | None:
        alternatives = [requirement.missing(session, now) for requirement in self.requirements]
        return None if None in alternatives else {"any_of": alternatives}


class Wanted(TypedDict, total=False):
    """The words of `requires`, the same in every adapter: `**wanted: Unpack[Wanted]`."""

    permission: str | Iterable[str] | None
    role: str | Iterable[str] | None
    entitlement: str | Iterable[str] | None
    flag: str | Iterable[str] | None
    organization: str | Iterable[str] | bool | None
    recent: int | None
    rate: str | Iterable[str] | None


def requirement(
    *requirements: Requirement,
    permission: str | Iterable[str] | None = None,
    role: str | Iterable[str] | None = None,
    entitlement: str | Iterable[str] | None = None,
    flag: str | Iterable[str] | None = None,
    organization: str | Iterable[str] | bool | None = None,
    recent: int | None = None,
    rate: str | Iterable[str] | None = None,
) -> Requirement:
    """All of it together; nothing at all means: signed in.

    Several permissions, roles, entitlements or flags are all needed. `organization=True` means any,
    several mean one of them. `recent=0` asks for a fresh sign-in each time.
    """
    wanted = {"permission": permission, "role": role, "entitlement": entitlement, "flag": flag}
    parts = [
        *requirements,
        *(Has(word, _texts(value)) for word, value in wanted.items() if value is not None),
    ]
    if organization is not None and organization is not False:
        parts.append(InOrganization(() if organization is True else _texts(organization)))
    if recent is not None:
        parts.append(Recent(recent))
    if rate is not None:
        parts.append(Rate(", ".join(_texts(rate))))
    return parts[0] if len(parts) == 1 else All(tuple(parts))


G = TypeVar("G")


def mark(guard: G, wanted: Requirement) -> G:
    """Notes on a guard what it asks for, so that `vestibule audit` can tell. Over another guard, both hold:
    `functools.wraps` has copied the inner one's mark."""
    before = getattr(guard, MARK, None)
    setattr(guard, MARK, wanted if before is None else All((before, wanted)))
    return guard


def step_up(missing: Mapping[str, object]) -> int | None:
    """The `max_age` that mends it, when a fresh sign-in alone would; else None."""
    if missing.keys() == {"recent"}:
        seconds = missing["recent"]
        return seconds if isinstance(seconds, int) else None
    alternatives = missing.get("any_of")
    if missing.keys() == {"any_of"} and isinstance(alternatives, list):
        ages = [age for each in alternatives if (age := step_up(each)) is not None]
        return max(ages, default=None)
    return None


def _granted(session: Session, word: str) -> frozenset[str]:
    granted = {
        "permission": session.permissions,
        "role": session.roles,
        "entitlement": session.entitlements,
        "flag": session.feature_flags,
    }
    return granted[word]


def _place_in_app() -> str:
    """Where in the app a guard is made: the same in all of its processes."""
    frame = sys._getframe(1)
    while frame.f_back is not None and _is_ours(frame.f_globals.get("__name__", "")):
        frame = frame.f_back
    return f"{frame.f_globals.get('__name__', '')}:{frame.f_lineno}"


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in ("vestibule", "dataclasses")


def _texts(value: str | Iterable[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _add(found: Missing, more: Missing) -> None:
    for word, value in more.items():
        present = found.get(word)
        if word == "any_of" and present is not None:
            # Two choices that must both be met: neither may swallow the other.
            found.setdefault("all_of", []).append({word: value})  # type: ignore[attr-defined]
            continue
        if isinstance(present, list) and isinstance(value, list):
            value = [*present, *(each for each in value if each not in present)]
        elif word == "recent" and isinstance(present, int) and isinstance(value, int):
            value = min(present, value)
        found[word] = value
