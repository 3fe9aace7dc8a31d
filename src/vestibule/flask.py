"""Sign-in for Flask.

auth = Auth(app)                       # or Auth() and auth.init_app(app)

@app.get("/invoices")
@requires(permission="invoices:read")  # below the route decorator
def invoices():
    return {"for": current_session.user.email}

blueprint.before_request(requires(role="admin"))      # a group of routes
"""

import asyncio
import functools
import inspect
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, cast, overload
from urllib.parse import quote

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.local import LocalProxy
from werkzeug.wsgi import get_input_stream

from vestibule.errors import ConfigError, NotInstalled, Unreachable, VestibuleError
from vestibule.flow import Flow, run
from vestibule.installation import Installation
from vestibule.session.config import Config
from vestibule.session.core import MAX_BODY
from vestibule.session.guards import Requirement, Wanted, requirement
from vestibule.session.incoming import Incoming
from vestibule.session.model import Session, SignIn
from vestibule.session.reply import Reply, merge_headers
from vestibule.session.visit import Visit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["Auth", "current_session", "requires"]

KEY = "vestibule"
UNRESERVED = "/!$&'()*+,;=:@~-._"

T = TypeVar("T")
View = TypeVar("View", bound=Callable[..., Any])


class Auth(Installation):
    """Give it the app; `Auth()` and `init_app(app)` with an application factory."""

    def __init__(self, app: Flask | None = None, config: Config | None = None, **settings: Any) -> None:
        super().__init__(config, **settings)
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Once per app, before what else wraps `app.wsgi_app` and should see the cookies."""
        if KEY in app.extensions:
            raise ConfigError("This app has an `Auth` already. Remove the second one.")
        app.extensions[KEY] = self
        app.before_request(self._before_request)
        app.register_error_handler(VestibuleError, self._failed)
        app.wsgi_app = _Doorway(app, self)  # type: ignore[method-assign]

    def session(self) -> Session | None:
        """The session of this request, or None. Raises Unreachable."""
        return self._run(_visit().load())

    def refresh(self, *, organization_id: str | None = None) -> Session:
        """A new access token now; in another organization, if one is given. Raises Refused, Unreachable."""
        return self._run(_visit().refresh(organization_id=organization_id))

    def sign_out(self, *, return_to: str | None = None) -> str:
        """Ends the session with this response. The browser must go to the address it returns."""
        return _visit().end(return_to=return_to)

    def check_guards(self, app: Flask) -> None:
        """Raises ConfigError for each view whose `requires` stands above the route decorator, where Flask
        does not see it. Runs with the first request."""
        problems = [
            f"`requires` is above the route decorator of {endpoint!r}, so nothing guards it. Put it below."
            for endpoint, view in app.view_functions.items()
            if view in _bypassed
        ]
        if problems:
            raise ConfigError(problems, code="guard_not_applied")

    def guard(self, wanted: Requirement | None = None) -> Reply | None:
        """None: go on. Else what the visitor gets instead."""
        visit = _visit()
        try:
            return self._run(self.core.guard(visit, wanted))
        except Unreachable as error:
            return self.core.unreachable(visit, error)

    def _before_request(self) -> Any:
        visit = _visit()
        refused = self.core.refuse_cross_site(visit)
        if refused is not None:
            return _response(refused)
        route = self.core.route(visit.incoming)
        if route is not None:
            return self._own(visit, route)
        if visit.incoming.is_navigation:
            self._run(visit.preload())
        return None

    def _own(self, visit: Visit, route: str) -> Any:
        """The answer of one of the package's own routes."""
        try:
            answer = self._run(self.core.answer(visit, route))
            if isinstance(answer, SignIn):
                _call(self.on_sign_in, answer)
                answer = self.core.complete(visit, answer)
        except VestibuleError as error:
            if route == "callback":
                custom = _call(self.on_sign_in_error, error)
                if custom is not None:
                    return custom
            return self._failed(error)
        return _response(answer)

    def _failed(self, error: VestibuleError) -> Response:
        if isinstance(error, ConfigError):  # for whoever runs the app, not for the visitor
            raise error
        visit = _visit()
        if isinstance(error, Unreachable):
            return _response(self.core.unreachable(visit, error))
        return _response(self.core.failed(visit, error))

    def _run(self, flow: Flow[T]) -> T:
        return run(flow, self.transport.send)


class _Doorway:
    """Around the whole app, so that cookies leave with every answer, a crash's too."""

    def __init__(self, app: Flask, auth: Auth) -> None:
        self._inner: WSGIApplication = app.wsgi_app
        self._app = weakref.ref(app)
        self._auth = auth
        self._checked = False

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if not self._checked and (app := self._app()) is not None:
            self._auth.check_guards(app)
            self._checked = True
        mounted = self._auth.mounted
        if mounted is not None and mounted.takes(environ.get("PATH_INFO", "")):
            return mounted.wsgi(environ, start_response)
        visit = self._auth.core.visit(self._incoming(environ))
        environ[KEY] = visit
        headers = functools.cache(visit.headers)  # a server may let a crash start the response anew

        def start(status: str, theirs: list[tuple[str, str]], *crash: Any) -> Callable[[bytes], object]:
            merged = merge_headers(theirs, headers())
            visit.started()
            return start_response(status, merged, *crash)

        return self._inner(environ, start)

    def _incoming(self, environ: "WSGIEnvironment") -> Incoming:
        incoming = read_incoming(environ)
        if self._auth.core.reads_body(incoming):
            incoming = read_incoming(environ, body=_body(environ))
        return incoming


@dataclass(frozen=True, slots=True)
class Guard:
    """What `requires` returns: a decorator for views, and without a view a `before_request` function."""

    wanted: Requirement

    @overload
    def __call__(self) -> Response | None: ...
    @overload
    def __call__(self, view: View) -> View: ...

    def __call__(self, view: View | None = None) -> View | Response | None:
        if view is None:
            reply = _auth().guard(self.wanted)
            return None if reply is None else _response(reply)
        _bypassed.update(_chain(view))

        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            reply = _auth().guard(self.wanted)
            if reply is not None:
                return _response(reply)
            return current_app.ensure_sync(view)(*args, **kwargs)

        return cast(View, guarded)


def requires(*requirements: Requirement, **wanted: Unpack[Wanted]) -> Guard:
    """What a visitor must have. Bare: signed in."""
    return Guard(requirement(*requirements, **wanted))


current_session: Session = cast(Session, LocalProxy(lambda: _auth().session()))
"""The session of this request; false when signed out."""

# Functions that exist in a guarded form: registered themselves, the guard would be passed by.
_bypassed: "weakref.WeakSet[Callable[..., Any]]" = weakref.WeakSet()


def _chain(view: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    current: Callable[..., Any] | None = view
    while current is not None:
        yield current
        current = getattr(current, "__wrapped__", None)


def read_incoming(environ: "WSGIEnvironment", *, body: bytes = b"") -> Incoming:
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    return Incoming(
        method=environ["REQUEST_METHOD"],
        path=_encoded(environ.get("PATH_INFO", "")),
        query=environ.get("QUERY_STRING", ""),
        headers=headers,
        scheme=environ.get("wsgi.url_scheme", "http"),
        host=environ.get("HTTP_HOST") or environ.get("SERVER_NAME", ""),
        root_path=_encoded(environ.get("SCRIPT_NAME", "").rstrip("/")),
        body=body,
    )


def _body(environ: "WSGIEnvironment") -> bytes:
    try:
        return get_input_stream(environ).read(MAX_BODY)
    except (OSError, HTTPException):  # broken off, or garbled: the same as nothing
        return b""


def _encoded(path: str) -> str:
    return quote(path.encode("latin-1"), safe=UNRESERVED)  # WSGI hands bytes over as latin-1 (PEP 3333)


def _call(hook: Callable[..., Any] | None, argument: object) -> Any:
    result = None if hook is None else hook(argument)
    return asyncio.run(result) if inspect.iscoroutine(result) else result


def _auth() -> Auth:
    auth = current_app.extensions.get(KEY)
    if auth is None:
        raise NotInstalled("This app has no `Auth`. Add the line `Auth(app)`.")
    return cast(Auth, auth)


def _visit() -> Visit:
    visit = request.environ.get(KEY)
    if visit is None:  # a request context without a request, as tests and shells push one
        visit = request.environ[KEY] = _auth().core.visit(read_incoming(request.environ))
    return cast(Visit, visit)


def _response(reply: Reply) -> Response:
    return current_app.response_class(reply.body, reply.status, list(reply.headers))
