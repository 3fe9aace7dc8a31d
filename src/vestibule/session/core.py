"""Everything an adapter needs; an adapter translates requests and responses and decides nothing."""

import time
from collections.abc import Callable

from vestibule.errors import Unreachable, VestibuleError
from vestibule.flow import Flow
from vestibule.session.config import Config
from vestibule.session.events import OnEvent
from vestibule.session.guards import Requirement
from vestibule.session.incoming import Incoming
from vestibule.session.model import SignIn
from vestibule.session.problems import ErrorPage
from vestibule.session.reply import Reply
from vestibule.session.visit import Visit


class Core:
    """For each request: `visit`, then `refuse_cross_site`, then `answer` if `route` knows the path,
    else the app with `guard` where it asks; and `visit.headers()` on whatever leaves."""

    def __init__(
        self,
        config: Config | Callable[[], Config],
        *,
        clock: Callable[[], float] = time.time,
        on_event: OnEvent | None = None,
        error_page: ErrorPage | None = None,
    ) -> None:
        raise NotImplementedError

    @property
    def config(self) -> Config:
        """Made on first use, so that importing an app needs no environment. Raises ConfigError."""
        raise NotImplementedError

    def visit(self, incoming: Incoming) -> Visit:
        raise NotImplementedError

    def refuse_cross_site(self, visit: Visit) -> Reply | None:
        """403 for a changing request made by a page of another origin that is not trusted."""
        raise NotImplementedError

    def route(self, incoming: Incoming) -> str | None:
        """`sign_in sign_up callback sign_out session organization`, or None: the app's own."""
        raise NotImplementedError

    def reads_body(self, incoming: Incoming) -> bool:
        """Whether `Incoming.body` must be there before `answer` (at most `MAX_BODY` bytes)."""
        raise NotImplementedError

    def answer(self, visit: Visit, route: str) -> Flow[Reply | SignIn]:
        """The answer of one of our routes. A SignIn comes from the callback only: run the app's hook,
        then `complete`. Raises LoginError, Refused and ConfigError for `failed`, Unreachable."""
        raise NotImplementedError

    def complete(self, visit: Visit, sign_in: SignIn) -> Reply:
        """Signs the browser in and sends it to where it wanted to go. Raises SessionTooLarge."""
        raise NotImplementedError

    def failed(self, visit: Visit, error: VestibuleError) -> Reply:
        """The page or JSON that explains a failure; it never holds a secret."""
        raise NotImplementedError

    def guard(self, visit: Visit, requirement: Requirement | None = None) -> Flow[Reply | None]:
        """None: go on. Else what the visitor gets instead: a redirect, 401 or 403."""
        raise NotImplementedError

    def unreachable(self, visit: Visit, error: Unreachable) -> Reply:
        """503 with Retry-After. The cookie is kept."""
        raise NotImplementedError
