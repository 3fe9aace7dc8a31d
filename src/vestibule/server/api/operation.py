"""Declaring an operation of the API: what it reads, what it answers, and what must be true before it runs.

    operations = Operations("users")

    @operations.post("/user_management/users", body=CreateUser, answers=UserShape, status=201, hashes=True)
    def create_user(call: Call[CreateUser]) -> UserShape: ...

The function is blocking and knows no HTTP; `endpoint.py` runs it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeAlias, TypeVar

from vestibule.server.answers import Answer, Envelope
from vestibule.server.api.bodies import Body
from vestibule.server.api.queries import Listing, Query
from vestibule.server.identity.context import Identity

B = TypeVar("B")

DAY: Final = 24 * 60 * 60


def always(body: Any) -> bool:
    return True


def never(body: Any) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[B]):
    """One request that passed every check. `path` holds the path parameters, `awaited()` says whether the
    client still waits."""

    identity: Identity
    body: B = field(repr=False)
    path: dict[str, str]
    query: Query = field(repr=False)
    listing: Listing
    ip_address: str | None
    user_agent: str | None
    credentials: str | None = field(default=None, repr=False)
    awaited: Callable[[], bool] = lambda: True
    origin: str | None = None
    if_none_match: str | None = None
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)


Run: TypeAlias = Callable[[Call[Any]], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`public`: no API key. `tokens`: the answer holds some, so it is kept for seconds only.
    `repeats`: whether an Idempotency-Key is heeded. `hashes`: whether a password is hashed."""

    method: str
    path: str
    run: Run
    tag: str
    status: int = 200
    body: type[Body] | None = None
    answers: Any = None
    public: bool = False
    forms: bool = False
    lists: bool = False
    filters: tuple[str, ...] = ()
    envelope: Envelope = "message"
    tokens: bool = False
    repeats: Callable[[Any], bool] = always
    hashes: Callable[[Any], bool] = never

    @property
    def name(self) -> str:
        return str(getattr(self.run, "__name__", self.path))

    @property
    def summary(self) -> str:
        return (self.run.__doc__ or self.name.replace("_", " ").capitalize() + ".").strip()

    def answer(self, call: Call[Any]) -> Answer:
        result = self.run(call)
        if isinstance(result, Answer):
            return result
        return Answer(self.status, result)


class Operations:
    """The operations of one resource, in the order they are declared."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self._declared: list[Operation] = []

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._declared)

    def get(self, path: str, **options: Any) -> Callable[[Run], Run]:
        return self._declare("GET", path, options)

    def post(self, path: str, **options: Any) -> Callable[[Run], Run]:
        return self._declare("POST", path, options)

    def put(self, path: str, **options: Any) -> Callable[[Run], Run]:
        return self._declare("PUT", path, options)

    def patch(self, path: str, **options: Any) -> Callable[[Run], Run]:
        return self._declare("PATCH", path, options)

    def delete(self, path: str, **options: Any) -> Callable[[Run], Run]:
        return self._declare("DELETE", path, options)

    def _declare(self, method: str, path: str, options: dict[str, Any]) -> Callable[[Run], Run]:
        for option in ("hashes", "repeats"):
            if isinstance(options.get(option), bool):
                options[option] = always if options[option] else never

        def declare(run: Run) -> Run:
            self._declared.append(Operation(method=method, path=path, run=run, tag=self.tag, **options))
            return run

        return declare


def by_path(operations: Sequence[Operation]) -> dict[str, dict[str, Operation]]:
    """`{path: {method: operation}}`: one route for each path, so that 405 can name the methods."""
    paths: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method] = operation
    return paths
