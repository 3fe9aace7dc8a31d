"""Keeping somebody out for now: nothing of theirs is lost, and nobody gets in as them meanwhile."""

from collections.abc import Mapping
from typing import Any

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Forbidden, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.people import User, user_data
from vestibule.server.identity.sessions import revoke_all
from vestibule.server.store.transaction import Transaction


def suspend_user(identity: Identity, user_id: str) -> User:
    """Ends every session of theirs at once. Whoever is suspended stays so. Raises NotFound."""
    with identity.store.transaction() as tx:
        user = tx.users.suspend(user_id, now=identity.now)
        if user is None:
            return _existing(tx, user_id)
        revoke_all(tx, identity, user_id)
        append(tx, identity, "user.suspended", _data(user))
    return user


def unsuspend_user(identity: Identity, user_id: str) -> User:
    """They can sign in again; sessions do not come back. Raises NotFound."""
    with identity.store.transaction() as tx:
        user = tx.users.unsuspend(user_id, now=identity.now)
        if user is None:
            return _existing(tx, user_id)
        append(tx, identity, "user.unsuspended", _data(user))
    return user


def check_not_suspended(user: User) -> None:
    """To be asked once somebody has proven who they are, and not before: strangers learn nothing.

    Raises Forbidden `user_suspended`.
    """
    if user.suspended_at is not None:
        raise Forbidden("This account is suspended.", code="user_suspended")


def _existing(tx: Transaction, user_id: str) -> User:
    user = tx.users.find(user_id)
    if user is None:
        raise NotFound.of("User", user_id)
    return user


def _data(user: User) -> Mapping[str, Any]:
    return {**user_data(user), "suspended_at": user.suspended_at}
