"""What applications may ask for: the scopes of OpenID Connect, and the environment's permissions."""

from collections.abc import Collection, Sequence
from typing import Final

from vestibule.server.identity.errors import Invalid
from vestibule.server.store.transaction import Transaction

OFFLINE: Final = "offline_access"
OF_PEOPLE: Final = ("openid", "profile", "email", OFFLINE)
USUAL: Final = ("openid", "profile", "email")
MAX_SCOPES: Final = 100


def check_scopes(tx: Transaction, wanted: Sequence[str], *, people: bool = True) -> list[str]:
    """As an application is registered with them. Raises Invalid. `people`: whether any sign in to it."""
    if len(wanted) > MAX_SCOPES:
        raise Invalid.field("scopes", "too_many_scopes", f"At most {MAX_SCOPES} scopes.")
    known = {*(OF_PEOPLE if people else ()), *tx.permissions.hold(wanted)}
    for scope in wanted:
        if scope not in known:
            message = f"There is no scope {scope[:100]!r}: create the permission first."
            raise Invalid.field("scopes", "invalid_scope", message)
    return list(dict.fromkeys(wanted))


def asked_scopes(given: str | None, allowed: Collection[str]) -> tuple[str, ...] | None:
    """Of a request, in its order. None: it asks for more than it may. Who asks for nothing gets what is
    registered (RFC 6749 §3.3), but for what lasts: that is asked for by name."""
    if not (given or "").split():
        return tuple(scope for scope in allowed if scope != OFFLINE)
    asked = tuple(dict.fromkeys((given or "").split()))
    return asked if set(asked) <= set(allowed) else None
