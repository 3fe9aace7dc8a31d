"""Sign-in for Flask.

    auth = Auth(app)                       # or Auth() and auth.init_app(app)

    @app.get("/invoices")
    @requires(permission="invoices:read")  # below the route decorator
    def invoices():
        return {"for": current_session.user.email}

    blueprint.before_request(requires(role="admin"))      # a group of routes

`current_session` and `current_auth` are those of the request at hand.
"""

import functools
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, cast, overload
from urllib.parse import unquote

from flask import Flask, Response, current_app, has_request_context, request
from werkzeug.exceptions import HTTPException
from werkzeug.local import LocalProxy

from vestibule.direct_door import DirectDoor, blocking_direct
from vestibule.entry import BlockingEntry
from vestibule.errors import ConfigError, NotInstalled, VestibuleError
from vestibule.installation import Installation
from vestibule.session.config import Config
from vestibule.session.data import Data
from vestibule.session.guards import Requirement, Wanted, mark, requirement
from vestibule.session.model import Session
from vestibule.session.reply import Reply, merge_headers
from vestibule.templating import GuardExtension, template_names
from vestibule.wsgi import read_incoming, whole_incoming

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["Auth", "current_auth", "current_session", "current_user", "requires"]

KEY = "vestibule"
STATIC = "static"  # what Flask calls the endpoint of its files

View = TypeVar("View", bound=Callable[..., Any])


class Auth(Installation):
    """Give it the app; `Auth()` and `init_app(app)` with an application factory."""

    direct = DirectDoor(lambda _, way: blocking_direct(way, lambda _: _entry()))

    def __init__(self, app: Flask | None = None, config: Config | None = None, **settings: Any) -> None:
        super().__init__(config, **settings)
        self._app: weakref.ref[Flask] | None = None
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Once per app, before what else wraps `app.wsgi_app` and should see the cookies."""
        if KEY in app.extensions:
            raise ConfigError("This app has an `Auth` already. Remove the second one.")
        app.extensions[KEY] = self
        self._app = weakref.ref(app)
        app.before_request(self._before_request)
        app.after_request(_settled)
        app.context_processor(_template_names)
        extensions = [*app.jinja_options.get("extensions", ()), GuardExtension]
        app.jinja_options = {**app.jinja_options, "extensions": extensions}
        app.register_error_handler(VestibuleError, self._failed)
        app.wsgi_app = _Doorway(app, self)  # type: ignore[method-assign]

    def session(self) -> Session | None:
        """The session of this request, or None. Raises Unreachable."""
        return _entry().load()

    def refresh(self, *, organization_id: str | None = None) -> Session:
        """A new access token now; in another organization, if one is given. Raises Refused, Unreachable."""
        return _entry().refresh(organization_id=organization_id)

    def user(self) -> Any:
        """The app's own user, from `load_user`, or None when signed out. Raises Forbidden, Unreachable."""
        return _entry().user()

    def data(self) -> Data[Any]:
        """What the app keeps for this browser, signed in or not: `value`, `update`, `clear`."""
        return _entry().data()

    def sign_out(self, *, return_to: str | None = None) -> str:
        """Ends the session with this response. The browser must go to the address it returns."""
        return _entry().sign_out(return_to=return_to)

    def is_open(self, path: str) -> bool:
        """The app's static files are for everybody; what a view of its own answers is none of them."""
        app = self._app() if self._app else None
        if app is None or not app.has_static_folder:
            return False
        if has_request_context():  # Flask has found the view, with the method and the host at hand
            return request.endpoint == STATIC
        try:
            endpoint, _ = app.url_map.bind("localhost").match(unquote(path))
        except HTTPException:
            return False
        return bool(endpoint == STATIC)

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

    def _before_request(self) -> Any:
        answer = _entry().intercept()
        return _response(answer) if isinstance(answer, Reply) else answer

    def _failed(self, error: VestibuleError) -> Response:
        if isinstance(error, ConfigError):  # for whoever runs the app, not for the visitor
            raise error
        return _response(_entry().failed(error))


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
        visit = self._auth.core.visit(whole_incoming(environ, self._auth.core))
        environ[KEY] = BlockingEntry(self._auth, visit)
        headers = functools.cache(visit.headers)  # a server may let a crash start the response anew

        def start(status: str, theirs: list[tuple[str, str]], *crash: Any) -> Callable[[bytes], object]:
            merged = merge_headers(theirs, headers())
            visit.started()
            return start_response(status, merged, *crash)

        return self._inner(environ, start)


@dataclass(frozen=True, slots=True)
class Guard:
    """What `requires` returns: a decorator for views, and without a view a `before_request` function."""

    wanted: Requirement

    @property
    def __vestibule_requirement__(self) -> Requirement:
        """What `vestibule audit` reads."""
        return self.wanted

    @overload
    def __call__(self) -> Response | None: ...
    @overload
    def __call__(self, view: View) -> View: ...

    def __call__(self, view: View | None = None) -> View | Response | None:
        if view is None:
            reply = _entry().guard(self.wanted)
            return None if reply is None else _response(reply)
        _bypassed.update(_chain(view))

        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            reply = _entry().guard(self.wanted)
            if reply is not None:
                return _response(reply)
            return current_app.ensure_sync(view)(*args, **kwargs)

        return cast(View, mark(guarded, self.wanted))


def requires(*requirements: Requirement, **wanted: Unpack[Wanted]) -> Guard:
    """What a visitor must have. Bare: signed in."""
    return Guard(requirement(*requirements, **wanted))


current_session: Session = cast(Session, LocalProxy(lambda: _entry().load()))
"""The session of this request; false when signed out."""

current_user: Any = LocalProxy(lambda: _entry().user())
"""The app's own user, from `load_user`; false when signed out. Raises Forbidden for whom it does not know."""

current_auth: BlockingEntry = cast(BlockingEntry, LocalProxy(lambda: _entry()))
"""What a view can do with this request's session: refresh, switch, sign out, save, …"""

# Functions that exist in a guarded form: registered themselves, the guard would be passed by.
_bypassed: "weakref.WeakSet[Callable[..., Any]]" = weakref.WeakSet()


def _chain(view: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    current: Callable[..., Any] | None = view
    while current is not None:
        yield current
        current = getattr(current, "__wrapped__", None)


def _template_names() -> dict[str, Any]:
    entry = _entry()
    return template_names(entry, entry.load)


def _auth() -> Auth:
    auth = current_app.extensions.get(KEY)
    if auth is None:
        raise NotInstalled("This app has no `Auth`. Add the line `Auth(app)`.")
    return cast(Auth, auth)


def _entry() -> BlockingEntry:
    entry = request.environ.get(KEY)
    if entry is None:  # a request context without a request, as tests and shells push one
        auth = _auth()
        entry = request.environ[KEY] = BlockingEntry(auth, auth.core.visit(read_incoming(request.environ)))
    return cast(BlockingEntry, entry)


def _settled(response: Response) -> Response:
    """Here a store that does not answer is an error of the app like any other, with its page."""
    _entry().visit.settle()
    return response


def _response(reply: Reply) -> Response:
    return current_app.response_class(reply.body, reply.status, list(reply.headers))
