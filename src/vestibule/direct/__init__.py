"""Direct mode: sign-in through OAuth providers with a sealed cookie, without a server or a database.

    from vestibule.fastapi import Auth

    auth = Auth.direct(app, "github")

Each adapter's `Auth` has it; here are the values that hooks get and functions return.
"""

from vestibule.direct.api import AsyncDirect, BlockingDirect, SessionResult, SignInResult, SignOutResult
from vestibule.direct.credentials import Authorize, Credentials
from vestibule.direct.kept import DirectSession
from vestibule.direct.linking import Link
from vestibule.direct.passwords import hash_password, needs_rehash, verify_password
from vestibule.direct.signing_in import DirectSignIn, Grants

__all__ = [
    "AsyncDirect",
    "Authorize",
    "BlockingDirect",
    "Credentials",
    "DirectSession",
    "DirectSignIn",
    "Grants",
    "Link",
    "SessionResult",
    "SignInResult",
    "SignOutResult",
    "hash_password",
    "needs_rehash",
    "verify_password",
]
