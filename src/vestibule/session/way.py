"""How people come to be signed in: through an identity server, or in direct mode at the providers themselves.

The core asks its `Way` for what differs: where sessions come from, and what our own routes answer.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from vestibule.flow import Flow
from vestibule.session.callers import Callers, Credential
from vestibule.session.config import Config
from vestibule.session.ended import EndedSessions
from vestibule.session.events import Journal
from vestibule.session.incoming import Incoming
from vestibule.session.model import Loaded, Session, SignIn
from vestibule.session.payload import Payload
from vestibule.session.reply import Reply
from vestibule.session.verifier import Verifier
from vestibule.wire.claims import Claims
from vestibule.wire.tokens import TokenAnswer

if TYPE_CHECKING:
    from vestibule.session.visit import Visit


class SessionSource(Protocol):
    """Shared by all requests. `Sessions` is the one with an identity server behind it."""

    config: Config
    clock: Callable[[], float]
    ended: EndedSessions
    callers: Callers | None

    def load(
        self, cookies: Iterable[tuple[str, str]], *, journal: Journal | None = None, may_refresh: bool = True
    ) -> Flow[Loaded]: ...

    def load_caller(self, callers: Callers, credential: Credential, journal: Journal) -> Flow[Loaded]: ...

    def renew(
        self, payload: Payload, known: Claims | None, *, organization_id: str | None = None
    ) -> Flow[Session]: ...

    def exchange(self, code: str, verifier: Verifier) -> Flow[tuple[TokenAnswer, Session]]: ...

    def admit(self, answer: TokenAnswer | Mapping[str, object]) -> Flow[Session]: ...

    def cookies_for(self, session: Session, journal: Journal) -> Loaded: ...

    def kept_or_written(self, session: Session, journal: Journal) -> Loaded: ...

    def need_server(self, what: str) -> None:
        """Raises ConfigError where no identity server is behind it, as in direct mode."""

    def id_in(self, cookies: Iterable[tuple[str, str]]) -> str | None:
        """The id of the session in these cookies, valid or not."""

    def sign_out_url(self, session_id: str, target: str | None) -> str | None:
        """Where the browser must go to end it; None: it has ended with its cookie. `target`: an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppCall:
    """A flow never calls the app: it ends with this, the adapter calls the hook (blocking or async), and
    goes on with what `then` makes of the result."""

    hook: Callable[[Any], Any]
    argument: object = field(repr=False)
    then: "Callable[[Any], Flow[Answer]]"


Answer: TypeAlias = Reply | SignIn | AppCall


class Way(Protocol):
    """One for each app. A route's name begins with its kind: `callback/github` is a `callback`."""

    def sessions(self, config: Config, *, clock: Callable[[], float]) -> SessionSource: ...

    def route_of(self, incoming: Incoming, config: Config) -> str | None:
        """The name of our route at this address, or None: the app's own."""

    def reads_body(self, route: str) -> bool:
        """Whether a POST there is answered by what its body says."""

    def takes_cross_site(self, route: str) -> bool:
        """Whether a provider's page posts there, as `response_mode=form_post` has it."""

    def answer(self, visit: "Visit", route: str) -> Flow[Answer]:
        """Raises LoginError, Refused, Unreachable, ConfigError."""


def kind_of(route: str | None) -> str | None:
    return route.partition("/")[0] if route else None
