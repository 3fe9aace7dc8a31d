"""Everything an adapter needs; an adapter translates requests and responses and decides nothing."""

import logging
import time
from collections.abc import Callable
from threading import Lock

from vestibule.errors import ConfigError, LoginError, Unreachable, VestibuleError
from vestibule.flow import Flow
from vestibule.session import answers, events
from vestibule.session.config import Config
from vestibule.session.events import Journal, OnEvent
from vestibule.session.guards import Requirement, step_up
from vestibule.session.incoming import Incoming
from vestibule.session.model import SignIn
from vestibule.session.problems import ErrorPage, Problem, problem_of
from vestibule.session.reply import Reply
from vestibule.session.routes import Routes, route_of
from vestibule.session.sessions import Sessions
from vestibule.session.visit import Visit

__all__ = ["Core"]

MAX_BODY = 65_536

log = logging.getLogger("vestibule")


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
        self._config = config
        self.clock = clock
        self._on_event = on_event
        self._error_page = error_page
        self._routes = Routes(error_page)
        self._sessions: Sessions | None = None
        self._lock = Lock()

    @property
    def config(self) -> Config:
        """Made on first use, so that importing an app needs no environment. Raises ConfigError."""
        return self.sessions.config

    @property
    def sessions(self) -> Sessions:
        """One for all requests: it keeps the key set. Raises ConfigError."""
        return self._sessions or self._first_sessions()

    def visit(self, incoming: Incoming) -> Visit:
        """Raises ConfigError."""
        return Visit(incoming, self.sessions, Journal(self._on_event))

    def refuse_cross_site(self, visit: Visit) -> Reply | None:
        """403 for a changing request made by a page of another origin that is not trusted."""
        incoming, config = visit.incoming, visit.config
        if incoming.is_safe or not incoming.is_cross_site({*config.trusted_origins, config.origin}):
            return None
        visit.journal.record(events.CROSS_SITE_REFUSED, method=incoming.method)
        problem = Problem(
            status=403,
            code="cross_site",
            title="This request came from another site",
            message="A page of another site made this request, and changes are only accepted from this one.",
            hint="If that site is yours, add its origin to VESTIBULE_TRUSTED_ORIGINS.",
        )
        return answers.explain(incoming, problem, self._error_page)

    def route(self, incoming: Incoming) -> str | None:
        """`sign_in sign_up callback sign_out session organization`, or None: the app's own."""
        return route_of(incoming, prefix=self.config.prefix, callback_path=self.config.callback_path)

    def reads_body(self, incoming: Incoming) -> bool:
        """Whether `Incoming.body` must be there before `answer` (at most `MAX_BODY` bytes)."""
        return incoming.method == "POST" and self.route(incoming) in ("organization", "sign_out")

    def answer(self, visit: Visit, route: str) -> Flow[Reply | SignIn]:
        """The answer of one of our routes. A SignIn comes from the callback only: run the app's hook,
        then `complete`. Raises LoginError, Refused and ConfigError for `failed`, Unreachable."""
        visit.on_own_route()
        return (yield from self._routes.answer(visit, route))

    def complete(self, visit: Visit, sign_in: SignIn) -> Reply:
        """Signs the browser in and sends it to where it wanted to go. Raises SessionTooLarge."""
        visit.commit(sign_in)
        return Reply.redirect(sign_in.return_path)

    def failed(self, visit: Visit, error: VestibuleError) -> Reply:
        """The page or JSON that explains a failure; it never holds a secret."""
        if isinstance(error, Unreachable):
            return self.unreachable(visit, error)
        if isinstance(error, LoginError):
            visit.journal.record(events.SIGN_IN_FAILED, reason=error.code)
        if isinstance(error, ConfigError):
            log.error("config.invalid: %s", error)
        incoming = visit.incoming
        # A second try should still end where the first was to end.
        return_to = visit.return_path_of_state() if "state" in incoming.params else None
        sign_in = answers.our_path(visit, "sign-in", return_to=return_to)
        problem = problem_of(error, sign_in=sign_in, here=incoming.root_path + visit.config.home)
        return answers.explain(incoming, problem, self._error_page)

    def guard(self, visit: Visit, requirement: Requirement | None = None) -> Flow[Reply | None]:
        """None: go on. Else what the visitor gets instead: a redirect, 401 or 403. Raises Unreachable."""
        session = yield from visit.load()
        if session is None:
            return answers.signed_out(visit)
        missing = requirement.missing(session, visit.now) if requirement is not None else None
        if missing is None:
            return None
        max_age = step_up(missing)
        if max_age is not None:
            return answers.stale(visit, max_age)
        return answers.forbidden(visit, missing, self._error_page)

    def unreachable(self, visit: Visit, error: Unreachable) -> Reply:
        """503 with Retry-After. The cookie is kept."""
        visit.journal.record(events.UNREACHABLE, path=visit.incoming.path)
        incoming = visit.incoming
        route = self.route(incoming)
        sign_in = answers.our_path(visit, "sign-in")
        here = sign_in if route == "callback" or incoming.method != "GET" else incoming.url_path
        problem = problem_of(error, sign_in=sign_in, here=here)
        retry_after = ("Retry-After", str(error.retry_after))
        return answers.explain(incoming, problem, self._error_page, headers=(retry_after,))

    def _first_sessions(self) -> Sessions:
        with self._lock:
            if self._sessions is None:
                config = self._config if isinstance(self._config, Config) else self._config()
                self._sessions = Sessions(config, clock=self.clock)
            return self._sessions
