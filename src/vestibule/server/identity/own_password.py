"""A password that its owner changes, or sets for the first time, while they are signed in."""

from vestibule.server.identity import hashing
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.models import BrowserSession
from vestibule.server.identity.new_passwords import check_password
from vestibule.server.identity.notices import PASSWORD_CHANGED, PASSWORD_SET, tell
from vestibule.server.identity.open_sessions import end_elsewhere_in
from vestibule.server.identity.people import User
from vestibule.server.identity.secrets import digest, new_token


def has_password(identity: Identity, user_id: str) -> bool:
    with identity.store.read() as tx:
        return tx.passwords.find(user_id) is not None


def set_own_password(
    identity: Identity, user: User, password: str, *, here: BrowserSession, end_others: bool
) -> str:
    """The token under which the browser's session goes on (LO-3). Links to reset the password are void.

    Raises NotFound, also when that session has ended, and Invalid `password_strength_error`.
    """
    check_password(identity, password, email=user.email)
    hashed = hashing.hash_password(password)
    now, token = identity.now, new_token()
    with identity.store.transaction() as tx:
        if tx.users.lock(user.id) is None:
            raise NotFound.of("User", user.id)
        if not tx.browser_sessions.rotate(here.id, token_hash=digest(token), now=now):
            raise NotFound.of("Session", here.id)
        first = tx.passwords.find(user.id) is None
        tx.passwords.set(user.id, hash=hashed, now=now)
        tx.resets.expire_all(user.id, now=now)
        if end_others:
            end_elsewhere_in(tx, identity, user.id, here=here)
        data = {"object": "password", "user_id": user.id, "updated_at": now}
        append(tx, identity, "password.created" if first else "password.updated", data)
        tell(tx, identity, user.id, PASSWORD_SET if first else PASSWORD_CHANGED)
    return token
