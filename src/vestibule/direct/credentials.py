"""A user name and a password, looked at by the app: it has the accounts, and we the care around them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from vestibule.direct.expiry import Lifetime
from vestibule.direct.kept import GRANTS, Kept
from vestibule.direct.passwords import verify_password
from vestibule.errors import ConfigError
from vestibule.wire import fields
from vestibule.wire.models import User

__all__ = ["Authorize", "Credentials"]

MAX_USERNAME = 320
MAX_PASSWORD = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What somebody typed. `username` may be an e-mail address; it is the app that knows."""

    username: str
    password: str = field(repr=False)

    def verify(self, stored: str | None) -> bool:
        """Whether the password is the one of `hash_password`'s text. For an account that does not exist give
        None: that takes as long, and is false."""
        return verify_password(self.password, stored)

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "Credentials | None":
        """None when one is missing, or longer than any that was ever set."""
        username = (form.get("username") or form.get("email") or "").strip()
        password = form.get("password") or ""
        if not username or not password or len(username) > MAX_USERNAME or len(password) > MAX_PASSWORD:
            return None
        return cls(username=username, password=password)


Found: TypeAlias = "User | Mapping[str, Any] | None"
Authorize: TypeAlias = Callable[[Credentials], "Found | Awaitable[Found]"]
"""Who that is: a User, or a mapping with `id` and what else is known (`email`, `name`, `role`, …)."""


def kept_of_found(found: object, *, now: int) -> Kept:
    """Raises ConfigError for what `authorize` must not return."""
    user, grants = _user_of(found)
    kept = Kept(
        id="", user=user, lifetime=Lifetime(now, now), authenticated_at=now, provider=None, method="Password"
    )
    return kept.granted(grants)


def _user_of(found: object) -> tuple[User, dict[str, object]]:
    if isinstance(found, User):
        return found, {}
    if not isinstance(found, Mapping):
        raise ConfigError(
            f"`authorize` returns a User, a dict with an id, or None; not {type(found).__name__}."
        )
    grants = {name: value for name, value in found.items() if name in GRANTS}
    try:
        user = User.from_api({**found, "id": _id_of(found), "email": fields.text(found, "email") or ""})
    except ValueError:
        raise ConfigError("What `authorize` returns needs an `id`, which stays.") from None
    return user, grants


def _id_of(found: Mapping[str, object]) -> str:
    given = found.get("id")
    return str(given) if isinstance(given, str | int) and not isinstance(given, bool) else ""
