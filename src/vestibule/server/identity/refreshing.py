"""Refresh rotation: one successor for each token, however often and from wherever the token is presented.

A reply can be lost, and browsers ask several times at once. So for 30 seconds a used token brings the same
successor again, as long as nobody has used that; it is kept sealed under a key that only the holder of the
used token has. Anything else is a token used twice, which somebody may have stolen.
"""

import datetime as dt
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeAlias

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vestibule.server.identity.clients import Client
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import OAuthDenied
from vestibule.server.identity.events import append
from vestibule.server.identity.models import Session
from vestibule.server.identity.people import User
from vestibule.server.identity.secrets import digest, new_token
from vestibule.server.identity.sessions import end_session, session_data
from vestibule.server.identity.switching import NotEnough, check_switch, refusal_of
from vestibule.server.identity.tokens import access_claims, find_access, not_a_member, sign_access_token
from vestibule.server.store.refresh_tokens import UsedToken
from vestibule.server.store.store import StoreUnavailable
from vestibule.server.store.transaction import Transaction
from vestibule.wire.tokens import SUPERSEDED

PURPOSE: Final = b"vestibule refresh token successor"
NONCE_BYTES: Final = 12
MAX_TOKEN: Final = 512

Awaited: TypeAlias = Callable[[], bool]
"""Whether whoever asked is still there for the answer."""


def always_awaited() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Refreshed:
    session: Session
    user: User
    refresh_token: str = field(repr=False)
    access_token: str = field(repr=False)


class Reuse(StrEnum):
    """Why a used token is refused."""

    STRAGGLER = "successor_used"  # parallel calls look the same: the session stays
    LATE = "after_replay_window"  # nobody waits that long for a reply: the session ends


@dataclass(frozen=True, slots=True)
class _Attempt:
    client: Client
    token: str = field(repr=False)
    successor: str = field(repr=False)
    organization_id: str | None


@dataclass(frozen=True, slots=True)
class _Rotated:
    session: Session
    user: User
    refresh_token: str = field(repr=False)
    claims: dict[str, Any] = field(repr=False)


def refresh(
    identity: Identity,
    client: Client,
    refresh_token: str,
    *,
    organization_id: str | None = None,
    awaited: Awaited = always_awaited,
) -> Refreshed:
    """A refresh is no sign-in. `organization_id` moves the session, and later refreshes stay there.

    Raises OAuthDenied: `invalid_grant`, `organization_membership_not_found` (then the token stays good),
    `token_too_big`. Raises StepUp when the organization asks for more than the session was opened with.
    Raises StoreUnavailable when the database was so slow that the answer is not `awaited` any more: a token
    used up for nobody would sign its owner out half a minute later.
    """
    if len(refresh_token) > MAX_TOKEN:
        raise _invalid()
    attempt = _Attempt(client, refresh_token, new_token(), organization_id)
    try:
        with identity.store.transaction() as tx:
            outcome = _rotate(tx, identity, attempt)
            if not awaited():
                raise StoreUnavailable("a refresh took longer than its client waits")
    except NotEnough as missing:
        raise refusal_of(identity, missing) from None
    if isinstance(outcome, Reuse):
        raise _superseded() if outcome is Reuse.STRAGGLER else _invalid()
    # Signed after the commit: no lock is held while the key works, and a kill in between loses a reply,
    # which the next attempt of the client gets again.
    access_token = sign_access_token(identity, outcome.claims)
    return Refreshed(outcome.session, outcome.user, outcome.refresh_token, access_token)


def _rotate(tx: Transaction, identity: Identity, attempt: _Attempt) -> _Rotated | Reuse:
    """What must be undone is raised; what must be kept although it is a refusal is returned."""
    now, token_hash = identity.now, digest(attempt.token)
    idle_at = now + dt.timedelta(seconds=identity.settings.session_idle_seconds)
    session = tx.sessions.touch_by_token(
        token_hash, client_id=attempt.client.client_id, now=now, idle_at=idle_at
    )
    if session is None:
        raise _invalid()
    successor = attempt.successor
    rotated = tx.refresh_tokens.rotate(
        token_hash,
        successor_hash=digest(successor),
        successor_sealed=_seal_successor(attempt.token, successor),
        now=now,
    )
    if not rotated:
        used = tx.refresh_tokens.get_used(token_hash)
        reuse = _judge(identity, used)
        if reuse is not None:
            _note_reuse(tx, identity, session, reuse)
            return reuse
        successor = _open_successor(attempt.token, used.successor_sealed)
    return _continue(tx, identity, session, successor, attempt.organization_id)


def _judge(identity: Identity, used: UsedToken) -> Reuse | None:
    window = dt.timedelta(seconds=identity.settings.replay_window_seconds)
    if identity.now - used.used_at > window:
        return Reuse.LATE
    return None if used.successor_used_at is None else Reuse.STRAGGLER


def _note_reuse(tx: Transaction, identity: Identity, session: Session, reuse: Reuse) -> None:
    data = session_data(identity, session) | {"reason": reuse.value}
    append(tx, identity, "session.refresh_token_reused", data, organization_id=session.organization_id)
    if reuse is Reuse.LATE:  # RFC 9700 §4.14.2
        end_session(tx, identity, session.id)


def _continue(
    tx: Transaction, identity: Identity, session: Session, successor: str, organization_id: str | None
) -> _Rotated:
    target = organization_id or session.organization_id
    access = None
    if target is not None:
        access = find_access(tx, session.user_id, target)
        if access is None:
            raise not_a_member() if organization_id else _invalid()
        if target != session.organization_id:
            check_switch(tx, session, target)
            session = tx.sessions.move(session.id, organization_id=target)
    user = tx.users.find(session.user_id)
    if user is None:
        raise _invalid()
    return _Rotated(session, user, successor, access_claims(tx, identity, session, access))


def _seal_successor(token: str, successor: str) -> str:
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(_key(token)).encrypt(nonce, successor.encode("ascii"), None)
    return urlsafe_b64encode(nonce + sealed).decode("ascii")


def _open_successor(token: str, sealed: str) -> str:
    raw = urlsafe_b64decode(sealed)
    return AESGCM(_key(token)).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], None).decode("ascii")


def _key(token: str) -> bytes:
    return HKDF(SHA256(), 32, None, PURPOSE).derive(token.encode("utf-8", "surrogatepass"))


def _superseded() -> OAuthDenied:
    """Says no more than the holder of that token could see, and keeps an app from deleting the cookie that a
    quicker request of the same browser has just been given."""
    refusal = _invalid()
    return OAuthDenied(refusal.message, code=refusal.code, **{SUPERSEDED: True})


def _invalid() -> OAuthDenied:
    # One text for every cause: the answer does not say whether a token ever existed.
    return OAuthDenied("The refresh token is unknown, used, or its session has ended.", code="invalid_grant")
