"""What a handler says in its signature when it wants the session."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, TypeAlias, TypeVar

from litestar.handlers import BaseRouteHandler
from litestar.typing import FieldDefinition

from vestibule.entry import AsyncEntry
from vestibule.session.guards import MARK, Requirement, mark, requirement
from vestibule.session.model import Session

if TYPE_CHECKING:
    from litestar.di import NamedDependency
else:
    try:
        from litestar.di import NamedDependency
    except ImportError:  # Litestar before 2.23
        from litestar.params import Dependency

        NamedDependency = Annotated[TypeVar("T"), Dependency()]

SESSION, AUTH = "session", "auth"


class SignedIn:
    """Says in an annotation that the session is there."""

    def __init__(self) -> None:
        mark(self, requirement())


CurrentSession: TypeAlias = NamedDependency[Annotated[Session, SignedIn()]]
"""The session, for a parameter named `session`. Signed out: a browser opening a page goes to sign-in,
everything else gets a 401."""

OptionalSession: TypeAlias = NamedDependency[Session | None]
"""The session or None, for a parameter named `session`."""

CurrentAuth: TypeAlias = NamedDependency[AsyncEntry]
"""What a handler can do with this request's session: refresh, switch, sign out, save, …; for a parameter
named `auth`."""


def asked(handler: BaseRouteHandler) -> Iterator[FieldDefinition]:
    """Each parameter named `session`, of the handler and of the dependencies it uses."""
    dependencies = handler.resolve_dependencies()
    seen: set[str] = set()

    def walk(fields: Mapping[str, FieldDefinition]) -> Iterator[FieldDefinition]:
        for name, field in fields.items():
            if name == SESSION:
                yield field
            if name in dependencies and name not in seen:
                seen.add(name)
                yield from walk(dependencies[name].parsed_fn_signature.parameters)

    return walk(handler.parsed_fn_signature.parameters)


def mark_of(field: FieldDefinition) -> Requirement | None:
    return next((getattr(each, MARK) for each in field.metadata if hasattr(each, MARK)), None)
