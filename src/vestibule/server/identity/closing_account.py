"""The end of an account at its owner's own wish, unless others would be left without anybody to lead them."""

from collections.abc import Sequence

from vestibule.server.identity import events
from vestibule.server.identity.context import Identity
from vestibule.server.identity.emails import lookup_key
from vestibule.server.identity.errors import Denied, Invalid, NotFound
from vestibule.server.identity.letters import queue
from vestibule.server.identity.memberships import check_not_last_owner, list_active_memberships
from vestibule.server.identity.people import User, user_data
from vestibule.server.identity.sessions import revoke_all


def list_led_alone(identity: Identity, user_id: str) -> Sequence[tuple[str, str]]:
    """Id and name of each organization in which others would have nobody to lead them."""
    led = []
    for membership, name in list_active_memberships(identity, user_id):
        with identity.store.transaction() as tx:
            try:
                check_not_last_owner(tx, membership)
            except Denied:
                led.append((membership.organization_id, name))
    return led


def close_account(identity: Identity, user: User, *, typed: str) -> None:
    """Ends every session, then deletes the user and says farewell by mail; events stay.

    `typed` is the address, by which they say that they mean it. Raises NotFound; Invalid for another address;
    Denied `last_owner`.
    """
    if lookup_key(typed) != lookup_key(user.email):
        raise Invalid.field("email", "email_mismatch", "This is not the address of the account.")
    with identity.store.transaction() as tx:
        if tx.users.lock(user.id) is None:
            raise NotFound.of("User", user.id)
        for membership, _ in sorted(tx.memberships.list_active(user.id), key=lambda pair: pair[0].id):
            check_not_last_owner(tx, membership)
        revoke_all(tx, identity, user.id)
        deleted = tx.users.delete(user.id)
        if deleted is None:
            raise NotFound.of("User", user.id)
        events.append(tx, identity, "user.deleted", user_data(deleted))
        queue(
            tx,
            identity,
            kind="account_deleted",
            recipient=deleted.email,
            locale=deleted.locale,
            email=deleted.email,
            when=identity.now,
        )
