"""Between a visit and Django's own idea of who is there: `request.user`, its session, its signals.

Only where a `UserBackend` is among AUTHENTICATION_BACKENDS.
"""

from typing import TYPE_CHECKING, Any, cast

from asgiref.sync import sync_to_async
from django.apps import apps
from django.conf import settings
from django.core.signals import setting_changed
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from vestibule.django.installation import KEY
from vestibule.errors import ConfigError, Unreachable
from vestibule.session.model import Session

if TYPE_CHECKING:
    from vestibule.django.requests import RequestAuth
    from vestibule.django.users.backend import UserBackend

WHO = "_vestibule_person"
TABLE = (
    "`UserBackend` needs its table. Add 'vestibule.django.users' to INSTALLED_APPS, and run "
    "`python manage.py migrate`."
)

_backends: list["UserBackend | None"] = []


def backend() -> "UserBackend | None":
    """The one that is configured."""
    if not _backends:
        _backends.append(_backend())
    return _backends[0]


def introduce(entry: "RequestAuth") -> None:
    """Makes `request.user` the person of the session, asked when it is looked at; of Django's own login,
    where there is no session."""
    found = backend()
    if found is not None:
        entry.person = Person(entry, found)
        entry.person.present()


def signed_in(request: HttpRequest, session: Session) -> None:
    """What Django's `login` does: another person does not come upon what the former left in the session."""
    found = backend()
    if found is None:
        return
    from django.contrib.auth import SESSION_KEY
    from django.contrib.auth.signals import user_logged_in

    user = found.user_of(session)
    if user is None:
        return
    kept = getattr(request, "session", None)
    if kept is not None:
        own = {WHO: session.user.id, SESSION_KEY: user._meta.pk.value_to_string(user)}
        if all(kept.get(name, value) == value for name, value in own.items()):
            kept.cycle_key()
        else:
            kept.flush()
        kept[WHO] = session.user.id
    rotate_token(request)
    user_logged_in.send(sender=type(user), request=request, user=user)


def signed_out(request: HttpRequest) -> None:
    from django.contrib.auth import logout

    logout(request)


def ends_here(entry: "RequestAuth") -> bool:
    """Whether Django has still to hear that this request signed out."""
    return entry.visit.has_ended and not entry.told and backend() is not None


class Person:
    """Who is there, to be found once."""

    def __init__(self, entry: "RequestAuth", found: "UserBackend") -> None:
        self._entry = entry
        self._backend = found
        self._before: Any = getattr(entry.request, "user", None)
        self._before_async: Any = getattr(entry.request, "auser", None)
        self._known: tuple[str, Any] | None = None

    def present(self) -> None:
        """As `request.user`, from here on."""
        request = cast(Any, self._entry.request)
        request.user = SimpleLazyObject(self._get)
        request.auser = self._aget

    def _get(self) -> Any:
        try:
            session = self._entry.load()
        except Unreachable as outage:
            self._entry.outage = outage
            raise
        if session is not None:
            return self._user(session)
        return _nobody() if self._before is None or self._alone else self._before

    async def _aget(self) -> Any:
        try:
            session = await self._entry.aload()
        except Unreachable as outage:
            self._entry.outage = outage
            raise
        if session is not None:
            return await sync_to_async(self._user)(session)
        return _nobody() if self._before_async is None or self._alone else await self._before_async()

    @property
    def _alone(self) -> bool:
        """Whether Django's own login does not count: after signing out, and beside a token or a key, which
        alone decides who asks."""
        visit = self._entry.visit
        return visit.has_ended or visit.credential is not None

    def _user(self, session: Session) -> Any:
        if session.api_key is not None:  # it may do what it names, and not what its owner may
            return _nobody()
        if self._known is None or self._known[0] != session.user.id:
            self._known = (session.user.id, self._backend.user_of(session) or _nobody())
        return self._known[1]


def _nobody() -> Any:
    from django.contrib.auth.models import AnonymousUser

    return AnonymousUser()


def _backend() -> "UserBackend | None":
    if not apps.is_installed("django.contrib.auth"):
        return None
    for path in settings.AUTHENTICATION_BACKENDS:
        if path == "django.contrib.auth.backends.ModelBackend":
            continue
        kind = import_string(path)
        if any(each.__module__ == "vestibule.django.users.backend" for each in kind.__mro__):
            if not apps.is_installed("vestibule.django.users"):
                raise ConfigError(TABLE)
            from django.contrib.auth.signals import user_logged_out

            user_logged_out.connect(_logged_out, dispatch_uid="vestibule")
            return cast("UserBackend", kind())
    return None


def _logged_out(request: HttpRequest | None = None, **_: object) -> None:
    """Django's own `logout` ends our session too."""
    entry: RequestAuth | None = getattr(request, KEY, None)
    if entry is not None:
        entry.told = True
        if not entry.visit.has_ended:
            entry.sign_out()


def _forget(*, setting: str, **_: object) -> None:
    if setting in ("AUTHENTICATION_BACKENDS", "INSTALLED_APPS"):
        _backends.clear()


setting_changed.connect(_forget, dispatch_uid="vestibule.backend")
