"""Everything an adapter needs; an adapter translates requests and responses and decides nothing."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from threading import Lock

from vestibule.errors import ConfigError, LoginError, SignInNeeded, Unreachable, VestibuleError
from vestibule.flow import Flow
from vestibule.session import answers, events, routes
from vestibule.session.config import Config
from vestibule.session.data import Shelf
from vestibule.session.events import Journal, OnEvent, OnRefresh, OnRefreshError
from vestibule.session.guards import Requirement, step_up
from vestibule.session.incoming import SAFE_METHODS, Incoming
from vestibule.session.model import Session, SignIn
from vestibule.session.problems import ErrorPage, Problem, problem_of
from vestibule.session.protection import Protection
from vestibule.session.reply import Reply
from vestibule.session.urls import with_query
from vestibule.session.visit import Visit
from vestibule.session.way import Answer, SessionSource, Way, kind_of

__all__ = ["Core"]

MAX_BODY = 65_536
# Where only a browser has business: a header that a proxy adds must not come between it and its cookies.
FOR_BROWSERS = frozenset({"sign_in", "sign_up", "callback", "sign_out"})

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
        on_refresh: OnRefresh | None = None,
        on_refresh_error: OnRefreshError | None = None,
        error_page: ErrorPage | None = None,
        error_redirect_url: str | None = None,
        return_path: str | None = None,
        open_paths: Callable[[str], bool] | None = None,
        shelf: Shelf | None = None,
        way: Way | None = None,
    ) -> None:
        self._config = config
        self._way = way or routes.ThroughServer()
        self.clock = clock
        self._journal = partial(Journal, on_event, on_refresh=on_refresh, on_refresh_error=on_refresh_error)
        self._error_page = error_page
        self._error_redirect_url = error_redirect_url
        self._return_path = return_path
        self._shelf = shelf
        self._open_paths = open_paths or (lambda path: False)
        self._sessions: SessionSource | None = None
        self._protection: Protection | None = None
        self._lock = Lock()

    @property
    def config(self) -> Config:
        """Made on first use, so that importing an app needs no environment. Raises ConfigError."""
        return self.sessions.config

    @property
    def sessions(self) -> SessionSource:
        """One for all requests: it keeps the key set. Raises ConfigError."""
        return self._sessions or self._first_sessions()

    def restart(
        self,
        *,
        clock: Callable[[], float] | None = None,
        config: Config | Callable[[], Config] | None = None,
    ) -> Callable[[], object]:
        """Begins anew, with what was known of the identity server forgotten; what it returns puts the former
        clock and settings back. For tests."""
        undo = partial(self.restart, clock=self.clock, config=self._config)
        with self._lock:
            self.clock = clock or self.clock
            self._config = config or self._config
            self._sessions = self._protection = None
        return undo

    def visit(self, incoming: Incoming) -> Visit:
        """Raises ConfigError."""
        sessions, credential = self.sessions, None
        if sessions.callers is not None:
            credential = sessions.callers.credential(incoming.headers)
        if credential is None or kind_of(self.route(incoming)) in FOR_BROWSERS:
            return Visit(incoming, sessions, self._journal(), shelf=self._shelf)
        incoming = replace(incoming, by_program=True)
        return Visit(incoming, sessions, self._journal(), credential, shelf=self._shelf)

    def refuse_cross_site(self, visit: Visit) -> Reply | None:
        """403 for a changing request made by a page of another origin that is not trusted."""
        incoming, config = visit.incoming, visit.config
        if (
            incoming.is_safe
            or incoming.by_program
            or not incoming.is_cross_site({*config.trusted_origins, config.origin})
            or self._takes_cross_site(incoming)
        ):
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
        """The name of one of our routes, such as `callback`, or None: the app's own."""
        return self._way.route_of(incoming, self.config)

    def reads_body(self, incoming: Incoming) -> bool:
        """Whether `Incoming.body` must be there before `answer` (at most `MAX_BODY` bytes)."""
        if incoming.method in SAFE_METHODS:
            return False
        route = self.route(incoming)
        return route is not None and self._way.reads_body(route)

    def answer(self, visit: Visit, route: str) -> Flow[Answer]:
        """The answer of one of our routes. With a SignIn run the app's hook, then `complete`; with an AppCall
        its hook, then what it says. Raises LoginError, Refused and ConfigError for `failed`, Unreachable."""
        visit.on_own_route()
        return (yield from self._way.answer(visit, route))

    def complete(self, visit: Visit, sign_in: SignIn) -> Reply:
        """Signs the browser in and sends it to where it wanted to go, or to the app's own `return_path`.
        Raises SessionTooLarge."""
        session = visit.commit(sign_in)
        path = self._return_path or sign_in.return_path
        reply = sign_in.reply(session, path) if sign_in.reply is not None else None
        return reply or Reply.redirect(path)

    def protect(self, visit: Visit) -> Flow[Reply | None]:
        """Whole-app protection, for what is no route of ours. None: the app answers. Raises Unreachable."""
        config = visit.config
        if not config.protect:
            return None
        if self._protection is None:
            self._protection = Protection(config)
        path = visit.incoming.path
        if self._protection.is_public(path) or self._open_paths(path):
            return None
        if (yield from visit.load()) is not None:
            return None
        return answers.signed_out(visit, page=self._protection.sign_in_page(path))

    def failed(self, visit: Visit, error: VestibuleError) -> Reply:
        """The page or JSON that explains a failure; it never holds a secret."""
        if isinstance(error, Unreachable):
            return self.unreachable(visit, error)
        if isinstance(error, LoginError):
            visit.journal.record(events.SIGN_IN_FAILED, reason=error.code)
        if isinstance(error, ConfigError):
            log.error("config.invalid: %s", error)
        if isinstance(error, SignInNeeded):
            return answers.sign_in_needed(visit, error, self._error_page)
        incoming = visit.incoming
        if isinstance(error, LoginError) and self._error_redirect_url and incoming.wants_page:
            return Reply.redirect(with_query(self._error_redirect_url, error=error.code))
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

    def too_many(self, visit: Visit, session: Session, *, rate: str, seconds: int) -> Reply:
        """429 with Retry-After."""
        visit.journal.record(events.RATE_LIMITED, user_id=session.user.id, guard=rate)
        return answers.too_many(visit, seconds, self._error_page)

    def unreachable(self, visit: Visit, error: Unreachable) -> Reply:
        """503 with Retry-After. The cookie is kept."""
        visit.journal.record(events.UNREACHABLE, path=visit.incoming.path)
        incoming = visit.incoming
        route = self.route(incoming)
        sign_in = answers.our_path(visit, "sign-in")
        here = sign_in if kind_of(route) == "callback" or incoming.method != "GET" else incoming.url_path
        problem = problem_of(error, sign_in=sign_in, here=here)
        retry_after = ("Retry-After", str(error.retry_after))
        return answers.explain(incoming, problem, self._error_page, headers=(retry_after,))

    def _takes_cross_site(self, incoming: Incoming) -> bool:
        route = self.route(incoming)
        return route is not None and self._way.takes_cross_site(route)

    def _first_sessions(self) -> SessionSource:
        with self._lock:
            if self._sessions is None:
                config = self._config if isinstance(self._config, Config) else self._config()
                self._sessions = self._way.sessions(config, clock=self.clock)
            return self._sessions
