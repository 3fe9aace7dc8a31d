"""Pending authentications: the token somebody holds who proved one thing and owes one more step."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied
from vestibule.server.identity.secrets import digest, new_token

TEN_MINUTES: Final = 600

Reason = Literal["email_verification", "organization_selection", "mfa_challenge", "mfa_enrollment"]


@dataclass(frozen=True, slots=True)
class Pending:
    """`state` is what the step that made it wanted kept, such as the session to be."""

    user_id: str
    reason: str
    state: Mapping[str, Any] = field(repr=False)


def create_pending(
    identity: Identity,
    *,
    user_id: str,
    reason: Reason,
    state: Mapping[str, Any] | None = None,
    seconds: int = TEN_MINUTES,
) -> str:
    token, now = new_token(), identity.now
    with identity.store.transaction() as tx:
        tx.pending.create(
            token_hash=digest(token),
            user_id=user_id,
            reason=reason,
            state=dict(state or {}),
            expires_at=now + dt.timedelta(seconds=seconds),
            created_at=now,
        )
    return token


def find_pending(identity: Identity, token: str, *, reason: Reason | tuple[Reason, ...]) -> Pending:
    """Looks without using it up. Raises Denied `invalid_pending_authentication_token`."""
    with identity.store.read() as tx:
        stored = tx.pending.find(digest(token), now=identity.now)
    reasons = (reason,) if isinstance(reason, str) else reason
    if stored is None or stored.reason not in reasons:
        raise no_such_pending()
    return Pending(stored.user_id, stored.reason, stored.state)


def consume_pending(identity: Identity, token: str, *, reason: Reason) -> Pending:
    """Once. A token for another step is refused and stays good for its own."""
    find_pending(identity, token, reason=reason)
    with identity.store.transaction() as tx:
        stored = tx.pending.consume(digest(token), now=identity.now)
    if stored is None:
        raise no_such_pending()
    return Pending(stored.user_id, stored.reason, stored.state)


def no_such_pending() -> Denied:
    return Denied(
        "The pending authentication token is unknown, was used or has expired: begin to sign in again.",
        code="invalid_pending_authentication_token",
    )
