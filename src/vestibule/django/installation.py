"""The one `Auth` of a Django project, made from `settings.VESTIBULE`."""

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, unquote

from django.conf import settings
from django.core.signals import setting_changed
from django.urls import NoReverseMatch, Resolver404, get_script_prefix, resolve, reverse
from django.utils.module_loading import import_string

from vestibule.direct_door import DirectDoor, blocking_direct
from vestibule.errors import ConfigError
from vestibule.installation import Installation
from vestibule.session.config import Config
from vestibule.session.guards import Requirement

if TYPE_CHECKING:
    from vestibule.direct.api import AsyncDirect
    from vestibule.direct.way import DirectWay

# Settings of ours that may be given by name, because settings.py cannot import what needs the settings.
BY_NAME = frozenset(
    {
        "on_sign_in", "on_sign_in_error", "on_event", "on_refresh", "on_refresh_error",
        "error_page", "load_user", "redirect_uri", "sealer", "send", "data_store", "limiter",
        "authorize", "on_link", "on_unlink", "revocations", "token_store",
    }
)  # fmt: skip
VALUES = frozenset({"sealer", "send", "data_store", "limiter", "revocations", "token_store"})
ROUTE = "vestibule:sign-in"
SERVE_FILES = frozenset({"django.views.static", "django.contrib.staticfiles.views"})
KEY = "_vestibule"  # where a request has its `auth`, whatever others write to that name


class Auth(Installation):
    """`VESTIBULE = {…}` is `Auth(**…)`; give an `Auth` itself to have its keywords checked.

    `staff` and `superuser` are requirements: `UserBackend` writes to `is_staff` and `is_superuser` who meets
    them. `admin=False` leaves the admin's own sign-in form in place.
    """

    direct = DirectDoor(lambda _, way: blocking_direct(way, _entry_in))

    def __init__(
        self,
        config: Config | None = None,
        *,
        staff: Requirement | None = None,
        superuser: Requirement | None = None,
        admin: bool = True,
        **settings: Any,
    ) -> None:
        super().__init__(config, **{name: _found(name, value) for name, value in settings.items()})
        self.staff = staff
        self.superuser = superuser
        self.admin = admin
        self._has_looked = self._looks = False
        self._looking = threading.RLock()

    @property
    def adirect(self) -> "AsyncDirect":
        """`direct` for async views, to be awaited. Raises NotInstalled."""
        from vestibule.direct.api import AsyncDirect

        _ = self.direct
        return AsyncDirect(cast("DirectWay", self.way), lambda request: _entry_in(request).awaited)

    def is_open(self, path: str) -> bool:
        """Static and media files are for everybody; what a view of the project answers is none of them."""
        roots = [_path_of(root) for root in (settings.STATIC_URL, settings.MEDIA_URL)]
        return any(path.startswith(root) for root in roots if len(root) > 1) and _is_no_view(unquote(path))

    def find_prefix(self) -> None:
        """Where the URLconf includes our routes. Before the settings are read, because the URLconf, imported
        for it, may ask for them."""
        if self._has_looked:
            return
        with self._looking:  # the first requests come together, and none may go on without it
            if self._has_looked or self._looks:
                return
            self._looks = True
            try:
                prefix, found, _ = (included_path() or "").rpartition("/sign-in")
            finally:
                self._looks = False
            if prefix and found and self._config is None:
                self._defaults.setdefault("prefix", prefix)
            self._has_looked = True


def get_auth() -> Auth:
    """The project's own, made when first asked for. Raises ConfigError."""
    given = getattr(settings, "VESTIBULE", None)
    if isinstance(given, Auth):
        return given
    found = _made.get("auth")
    return found if found is not None else _make(given)


def included_path() -> str | None:
    """Where the URLconf has sign-in: `/auth/sign-in` by `path("auth/", include("vestibule.django"))`."""
    try:
        path = reverse(ROUTE)
    except NoReverseMatch:
        return None
    return path.removeprefix(get_script_prefix().rstrip("/"))


def _entry_in(request: Any) -> Any:
    return getattr(getattr(request, "_request", request), KEY)


def _make(given: object) -> Auth:
    with _lock:
        if "auth" not in _made:
            if given is not None and not isinstance(given, Mapping):
                raise ConfigError("The setting VESTIBULE is a dict, or an `Auth` of vestibule.django.")
            _made["auth"] = _auth_of(dict(cast("Mapping[str, Any]", given or {})))
        return _made["auth"]


def _auth_of(given: dict[str, Any]) -> Auth:
    embedded, direct = given.pop("embedded", None), given.pop("direct", None)
    if embedded is not None:
        return Auth.embedded(**{**given, **embedded})
    if direct is not None:
        providers, settings_of_it = _split(direct)
        named = {name: _found(name, value) for name, value in {**given, **settings_of_it}.items()}
        return Auth.direct(*providers, **named)
    return Auth(**given)


def _split(direct: object) -> tuple[list[Any], dict[str, Any]]:
    """`["github", google()]`, or a dict that has them as `providers` beside the settings of direct mode."""
    if isinstance(direct, Mapping):
        rest = {name: value for name, value in direct.items() if name != "providers"}
        return list(direct.get("providers", ())), rest
    return list(cast("list[Any]", direct)), {}


def _found(name: str, value: Any) -> Any:
    """What a dotted path names, looked up when it is called for the first time."""
    if name not in BY_NAME or not isinstance(value, str) or "/" in value:
        return value
    return import_string(value) if name in VALUES else _Named(value)


class _Named:
    """A function by its dotted path."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __call__(self, *args: Any) -> Any:
        function: Callable[..., Any] = import_string(self.path)
        return function(*args)


def _path_of(root: str | None) -> str:
    """The path of STATIC_URL below what the app is mounted under; nothing when files are on another host."""
    if not root or "//" in root:
        return ""
    path = "/" + root.lstrip("/")
    prefix = get_script_prefix()
    path = path[len(prefix) - 1 :] if len(prefix) > 1 and path.startswith(prefix) else path
    return quote(path if path.endswith("/") else f"{path}/", safe="/%~")


def _is_no_view(path: str) -> bool:
    """Whether files are served there: by Django's own view for it, or by something in front of all views."""
    try:
        view = resolve(path).func
    except Resolver404:
        return True
    return getattr(view, "__module__", "") in SERVE_FILES


def _forget(*, setting: str, **_: object) -> None:
    if setting in ("VESTIBULE", "ROOT_URLCONF") and (former := _made.pop("auth", None)) is not None:
        former.transport.close()


_made: dict[str, Auth] = {}
_lock = threading.RLock()
setting_changed.connect(_forget, dispatch_uid="vestibule")
