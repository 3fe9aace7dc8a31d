"""What a handler says in its signature when it wants the session."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, TypeAlias, TypeVar

from litestar.handlers import BaseRouteHandler
from litestar.typing import FieldDefinition

from vestibule.entry import AsyncEntry
from vestibule.session.data import Data
from vestibule.session.guards import mark, requirement
from vestibule.session.model import Session

if TYPE_CHECKING:
    from litestar.di import NamedDependency

    T = TypeVar("T")
    Given: TypeAlias = NamedDependency[T]
else:
    # Not validated: Litestar takes no session that is one of direct mode for a session.
    T = TypeVar("T")
    try:
        from litestar.di import NamedDependency
        from litestar.params import SkipValidation

        Given = NamedDependency[SkipValidation[T]]
    except ImportError:  # Litestar before 2.23
        from litestar.params import Dependency

        Given = Annotated[T, Dependency(skip_validation=True)]

U = TypeVar("U")
D = TypeVar("D")


class Asked:
    """The name a parameter must have, for Litestar finds dependencies by it."""

    def __init__(self, name: str, *, signed_in: bool = False) -> None:
        self.name = name
        self.signed_in = signed_in
        if signed_in:
            mark(self, requirement())


CurrentSession: TypeAlias = Given[Annotated[Session, Asked("session", signed_in=True)]]
"""The session, for a parameter named `session`. Signed out: a browser opening a page goes to sign-in,
everything else gets a 401."""

OptionalSession: TypeAlias = Given[Annotated[Session | None, Asked("session")]]
"""The session or None, for a parameter named `session`."""

CurrentUser: TypeAlias = Given[Annotated[U, Asked("user", signed_in=True)]]
"""The app's own user, from `load_user`: `user: CurrentUser[MyUser]`. Signed out: as `CurrentSession`."""

AppData: TypeAlias = Given[Annotated[Data[D], Asked("app_data")]]
"""What the app keeps for this browser, signed in or not: `app_data: AppData[Cart]`."""

CurrentAuth: TypeAlias = Given[Annotated[AsyncEntry, Asked("auth")]]
"""What a handler can do with this request's session, for a parameter named `auth`: refresh, switch, sign
out, save, …"""


def fields_of(handler: BaseRouteHandler) -> Iterator[FieldDefinition]:
    """The parameters of a handler and of the dependencies it uses."""
    dependencies = handler.resolve_dependencies()
    seen: set[str] = set()

    def walk(fields: Mapping[str, FieldDefinition]) -> Iterator[FieldDefinition]:
        for name, field in fields.items():
            yield field
            if name in dependencies and name not in seen:
                seen.add(name)
                yield from walk(dependencies[name].parsed_fn_signature.parameters)

    return walk(handler.parsed_fn_signature.parameters)


def asked_in(field: FieldDefinition) -> Asked | None:
    return next((each for each in field.metadata if isinstance(each, Asked)), None)
