"""For Django REST framework: the session as an authentication class, `requires` as a permission.

class Invoices(APIView):
    authentication_classes = [SessionAuthentication]
    permission_classes = [Requires(permission="invoices:read")]

Changes that a page of another site asks for were refused by the middleware, in place of DRF's CSRF token.
"""

from dataclasses import dataclass
from typing import Any, Unpack

from rest_framework.authentication import BaseAuthentication  # type: ignore[import-untyped]
from rest_framework.exceptions import PermissionDenied, Throttled  # type: ignore[import-untyped]
from rest_framework.permissions import BasePermission  # type: ignore[import-untyped]
from rest_framework.request import Request  # type: ignore[import-untyped]

from vestibule.django.bridge import backend
from vestibule.django.requests import RequestAuth, entry_of
from vestibule.session.answers import in_words
from vestibule.session.guards import Requirement, Wanted, mark, requirement
from vestibule.session.model import Session

__all__ = ["Person", "Requires", "SessionAuthentication"]


@dataclass(frozen=True, slots=True)
class Person:
    """`request.user` of an API where no `UserBackend` keeps users of Django's own."""

    session: Session
    is_authenticated: bool = True
    is_anonymous: bool = False
    is_active: bool = True
    is_staff: bool = False

    @property
    def pk(self) -> str:
        return self.session.user.id

    def __str__(self) -> str:
        return self.session.user.email or self.pk


class SessionAuthentication(BaseAuthentication):  # type: ignore[misc]
    """`request.user` is the person, `request.auth` what `request.auth` is in any view."""

    def authenticate(self, request: Request) -> tuple[Any, RequestAuth] | None:
        entry = entry_of(request)
        session = entry.load()
        if session is None:
            return None
        found = backend()
        user = Person(session) if found is None else found.user_of(session)
        return None if user is None else (user, entry)

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"' if entry_of(request).core.config.bearer else 'Session realm="api"'


class Requires(BasePermission):  # type: ignore[misc]
    """`Requires(permission="invoices:read")` in `permission_classes`; bare: signed in."""

    def __init__(self, *requirements: Requirement, **wanted: Unpack[Wanted]) -> None:
        self.wanted = requirement(*requirements, **wanted)
        mark(self, self.wanted)

    def __call__(self) -> "Requires":
        """The framework makes a new one for each request of a class; this one serves all."""
        return self

    def has_permission(self, request: Request, view: object) -> bool:
        entry = entry_of(request)
        session = entry.load()
        if session is None:
            return False  # a 401, if an authentication class says with what to come back
        missing = self.wanted.missing(session, entry.visit.now)
        if missing is not None:
            message = f"This needs more than you have: {in_words(missing)}."
            error = {"code": "forbidden", "message": message, "missing": missing}
            raise PermissionDenied({"error": error})
        reply = entry.guard(self.wanted)  # what is counted is counted here
        if reply is not None:
            raise Throttled(int(dict(reply.headers).get("Retry-After", "1")))
        return True
