"""A word by mail to whom an account belongs, whenever what opens it has changed (ASVS 6.3.7)."""

from typing import Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.letters import queue
from vestibule.server.languages import mark
from vestibule.server.store.transaction import Transaction

FACTOR_ADDED: Final = mark("An authenticator app was set up for it.")
FACTOR_REMOVED: Final = mark("An authenticator app of it was removed.")
RECOVERY_CODE_USED: Final = mark("Somebody signed in with one of its recovery codes.")
RECOVERY_CODES_MADE: Final = mark("New recovery codes were made for it. Those before are void.")
PASSWORD_SET: Final = mark("A password was set for it.")
PASSWORD_CHANGED: Final = mark("Its password was changed.")
PASSKEY_ADDED: Final = mark("A passkey was made for it.")
PASSKEY_REMOVED: Final = mark("A passkey of it was removed.")


def tell(tx: Transaction, identity: Identity, user_id: str, what: str, **data: int) -> None:
    """Goes to the address the account has, and out with the transaction that made the change."""
    user = tx.users.find(user_id)
    if user is None:
        return
    queue(
        tx,
        identity,
        kind="security_notice",
        recipient=user.email,
        locale=user.locale,
        email=user.email,
        what=what,
        **data,
        when=identity.now,
        reset_link=f"{identity.settings.public_url}/forgot-password",
    )
