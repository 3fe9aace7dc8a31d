"""What the report is made of: endpoints as the framework has them, what guards each, and what is wrong."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from vestibule.audit.words import in_words, roles_in
from vestibule.installation import Installation
from vestibule.session.guards import Requirement

WEBSOCKET = "WEBSOCKET"
ANY = "*"


class Kind(StrEnum):
    """What an endpoint is by nature. Only `app` and `opaque` need a guard."""

    APP = "app"
    OURS = "ours"
    DOCS = "docs"
    STATIC = "static"
    HEALTH = "health"
    AUTOMATIC = "automatic"
    SIGN_IN = "sign-in"
    OPAQUE = "opaque"


class Validated(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    NO_INPUT = "no input"


class Flaw(StrEnum):
    """What can be wrong; docs/how-to/audit-guards.md explains each."""

    UNGUARDED = "unguarded"
    METHOD_UNGUARDED = "method_unguarded"
    CANNOT_SEE = "cannot_see"
    OPENED_BY_PATTERN = "opened_by_pattern"
    NOT_APPLIED = "guard_not_applied"
    OVERRIDDEN = "guard_overridden"
    UNUSED = "guard_unused"
    SHADOWED = "shadowed"
    NOT_INSTALLED = "not_installed"
    NOT_HOLDING = "guard_not_holding"
    PAGE_ONLY = "page_guard_only"
    UNUSED_ALLOW = "allow_unused"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a guard does not hold, and what mends it."""

    flaw: Flaw
    why: str
    mend: str


@dataclass(frozen=True, slots=True)
class Guard:
    """With a `fault` it is declared and does not hold. `name` is for a guard that is none of ours."""

    requirement: Requirement | None
    place: str
    name: str = ""
    fault: Fault | None = None

    @property
    def words(self) -> str:
        return in_words(self.requirement) if self.requirement is not None else self.name


@dataclass(frozen=True, slots=True)
class Page:
    """What a person meets who opens it signed out: sign-in, or the page itself."""

    guarded: bool
    why: str


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One way in: the methods of a path that lead to the same code behind the same guards."""

    methods: tuple[str, ...]
    path: str
    handler: str
    source: str = ""
    kind: Kind = Kind.APP
    guards: tuple[Guard, ...] = ()
    validated: Validated = Validated.UNKNOWN
    page: Page = Page(False, "")
    # The `Auth` that answers before it, and the path that one is mounted at.
    auth: Installation | None = field(default=None, repr=False)
    below: str = ""
    # Who wrote that it is for everybody, such as `@public`.
    public: str = ""
    taken_by: "Endpoint | None" = field(default=None, repr=False)
    # The path with something harmless for each parameter, which a reader knows better where it is typed.
    probe: str = ""

    @property
    def holding(self) -> tuple[Guard, ...]:
        return tuple(guard for guard in self.guards if guard.fault is None)

    @property
    def guarded(self) -> bool:
        return bool(self.holding)

    @property
    def lacks_auth(self) -> bool:
        """A guard of ours asks the `Auth` of the app; without one it can only fail."""
        return self.auth is None and any(guard.requirement is not None for guard in self.holding)

    @property
    def address(self) -> str:
        return self.probe or as_address(self.path)

    @property
    def words(self) -> str:
        return " and ".join(dict.fromkeys(guard.words for guard in self.holding)) or "nothing"

    @property
    def names(self) -> tuple[str, ...]:
        """How an allow-list writes it: `GET /blog`."""
        return tuple(f"{method} {self.path}" for method in self.methods)

    @property
    def shown_methods(self) -> str:
        """HEAD goes with GET, so it is only named where it stands alone."""
        shown = [method for method in self.methods if method != "HEAD" or "GET" not in self.methods]
        return " ".join("any method" if method == ANY else method for method in shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something nobody meant, with the line that mends it."""

    flaw: Flaw
    methods: tuple[str, ...]
    path: str
    message: str
    mend: str
    source: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"{method} {self.path}" for method in self.methods)


@dataclass(slots=True)
class Surface:
    """What a reader saw of an app."""

    framework: str
    endpoints: list[Endpoint] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    installation: Installation | None = None
    # What answers requests, and whether that is ASGI.
    serve: Any = None
    is_asgi: bool = True
    host: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything `vestibule audit` says. `findings` are what the allow-list leaves."""

    app: str
    framework: str
    endpoints: tuple[Endpoint, ...]
    findings: tuple[Finding, ...]
    allowed: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()
    protect: bool | None = None
    public_paths: tuple[str, ...] = ()
    probed: int = 0

    @property
    def ok(self) -> bool:
        return not self.findings

    def of(self, endpoint: Endpoint) -> tuple[Finding, ...]:
        """What is wrong with an endpoint, allowed or not."""
        return tuple(
            each for each in (*self.findings, *self.allowed) if set(each.names) & set(endpoint.names)
        )

    def counts(self) -> Mapping[str, int]:
        own = [each for each in self.endpoints if each.kind in (Kind.APP, Kind.OPAQUE)]
        return {
            "endpoints": len(own),
            "guarded": sum(each.guarded for each in own),
            "page_only": sum(each.page.guarded and not each.guarded for each in own),
            "findings": len(self.findings),
        }


def roles_of(endpoints: Iterable[Endpoint]) -> list[str]:
    """Every role that some guard names, in the order of their first use."""
    found: dict[str, None] = {}
    for guard in _guards(endpoints):
        if guard.requirement is not None:
            found |= dict.fromkeys(roles_in(guard.requirement))
    return list(found)


def _guards(endpoints: Iterable[Endpoint]) -> Iterator[Guard]:
    for endpoint in endpoints:
        yield from endpoint.guards


def as_address(path: str) -> str:
    """A path with something harmless for each parameter."""
    pieces = path.split("{")
    filled = [pieces[0], *("1" + piece.partition("}")[2] if "}" in piece else piece for piece in pieces[1:])]
    return quote("".join(filled), safe="/!$&'()*+,;=:@~-._")
