"""`UserBackend`: keeps one of Django's users in step with each person who signs in."""

from typing import Any, cast

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from vestibule.django.installation import get_auth
from vestibule.django.users.models import Identity
from vestibule.errors import LoginError
from vestibule.session.guards import Requirement
from vestibule.session.model import Session

NAMES = ("email", "first_name", "last_name")


class UserBackend(ModelBackend):
    """In AUTHENTICATION_BACKENDS it makes `request.user` the user of the session; permissions and groups are
    Django's. It takes no passwords. Its methods are there to be overridden."""

    def authenticate(self, request: HttpRequest | None, *_: Any, **__: Any) -> None:
        return None

    async def aauthenticate(self, request: HttpRequest | None, *_: Any, **__: Any) -> None:
        return None

    def user_of(self, session: Session) -> Any:
        """The user, made or brought up to date; None for one who is not active."""
        user = self.find(session) or self._first(session)
        self.update(user, session)
        return user if self.user_can_authenticate(user) else None

    def find(self, session: Session) -> Any:
        """The user of this person, or None when they are here for the first time."""
        found = Identity.objects.select_related("user").filter(subject=session.user.id).first()
        return found.user if found else None

    def adopt(self, session: Session) -> Any:
        """A user who has been here before this person was known, to be theirs from now on. None, unless
        overridden; make sure of `session.user.email_verified` before going by an address."""
        return None

    def create(self, session: Session) -> Any:
        """A new user, without a password. Their user name is the id at the identity server, or the address
        in projects that have no other name. Raises LoginError `account_exists`."""
        model: Any = get_user_model()
        by_address = model.get_email_field_name() == model.USERNAME_FIELD
        user = model(**{model.USERNAME_FIELD: session.user.email if by_address else session.user.id})
        user.set_unusable_password()
        try:
            with transaction.atomic():
                user.save()
        except IntegrityError:
            raise LoginError(
                "Another account of this app has this name already.",
                code="account_exists",
                hint="Ask whoever runs this app: `UserBackend.adopt` can join the two.",
            ) from None
        return user

    def update(self, user: Any, session: Session) -> None:
        """Asked with every request that asks for the user; writes only what has changed."""
        auth = get_auth()
        known = {name: getattr(session.user, name) for name in NAMES}
        # An API client's token has no names.
        wanted: dict[str, Any] = {name: value for name, value in known.items() if value}
        for field, requirement in (("is_staff", auth.staff), ("is_superuser", auth.superuser)):
            if requirement is not None:
                wanted[field] = _meets(session, requirement)
        changed = [name for name, value in wanted.items() if getattr(user, name, value) != value]
        for name in changed:
            setattr(user, name, wanted[name])
        if changed:
            user.save(update_fields=changed)

    def _first(self, session: Session) -> AbstractBaseUser:
        try:
            with transaction.atomic():
                user = self.adopt(session) or self.create(session)
                Identity.objects.create(subject=session.user.id, user=user)
        except (IntegrityError, LoginError):
            found = self.find(session)  # another request of theirs was quicker
            if found is None:
                raise
            return cast(AbstractBaseUser, found)
        return cast(AbstractBaseUser, user)


def _meets(session: Session, requirement: Requirement) -> bool:
    return requirement.missing(session, get_auth().core.clock()) is None
