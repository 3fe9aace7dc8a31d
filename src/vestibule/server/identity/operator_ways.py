"""By which ways operators can sign in, so that no change of a policy locks them out of the dashboard."""

from collections.abc import Callable
from typing import Final, TypeAlias

from vestibule.server.identity.context import Identity
from vestibule.server.identity.domain_policies import policy_for
from vestibule.server.identity.errors import Conflict
from vestibule.server.identity.people import User
from vestibule.server.store.transaction import Transaction

Check: TypeAlias = Callable[[Transaction], None]

OWN_WAY: Final = (
    "You could not sign in any more: of what would still be allowed, your account has nothing. Set up "
    "another way at your account page first, or leave one of yours on."
)
NO_OWNER: Final = "No owner could sign in any more: leave on a way that one of them has."


def ways_of(tx: Transaction, user: User) -> frozenset[str]:
    """As policies call them. A code goes to any address; for the rest one must have something."""
    ways = {"magic_auth"}
    if tx.passwords.find(user.id) is not None:
        ways.add("password")
    if tx.passkeys.count(user.id):
        ways.add("passkey")
    return frozenset(ways)


def spare_operators(identity: Identity, acting_user_id: str) -> Check:
    """To be called in the transaction of a change, after it. Raises Conflict `operators_locked_out` when
    whoever makes it, or every owner, could not come back."""

    def check(tx: Transaction) -> None:
        if not _can_come(tx, acting_user_id):
            raise Conflict(OWN_WAY, code="operators_locked_out")
        owners = [each.user_id for each in tx.operators.list() if each.role == "owner" and each.user_id]
        if owners and not any(_can_come(tx, user_id) for user_id in owners):
            raise Conflict(NO_OWNER, code="operators_locked_out")

    return check


def _can_come(tx: Transaction, user_id: str) -> bool:
    user = tx.users.find(user_id)
    if user is None:
        return False
    return not policy_for(tx, user.email, None).methods.isdisjoint(ways_of(tx, user))


def operators_without_a_way(identity: Identity) -> list[str]:
    """The addresses of those who have an account here and no way in, as things are."""
    with identity.store.read() as tx:
        known = [each for each in tx.operators.list() if each.user_id is not None]
        return [each.email for each in known if not _can_come(tx, str(each.user_id))]
