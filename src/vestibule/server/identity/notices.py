"""A word by mail to whom an account belongs, whenever what opens it has changed (ASVS 6.3.7)."""

from typing import Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.letters import queue
from vestibule.server.store.transaction import Transaction

FACTOR_ADDED: Final = "An authenticator app was set up for it."
FACTOR_REMOVED: Final = "An authenticator app of it was removed."
RECOVERY_CODE_USED: Final = "Somebody signed in with one of its recovery codes. {remaining} are left."
RECOVERY_CODES_MADE: Final = "New recovery codes were made for it. Those before are void."
PASSWORD_SET: Final = "A password was set for it."
PASSWORD_CHANGED: Final = "Its password was changed."
PASSKEY_ADDED: Final = "A passkey was made for it."
PASSKEY_REMOVED: Final = "A passkey of it was removed."


def tell(tx: Transaction, identity: Identity, user_id: str, what: str) -> None:
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
        when=f"{identity.now:%d %B %Y at %H:%M} UTC",
        reset_link=f"{identity.settings.public_url}/forgot-password",
    )
