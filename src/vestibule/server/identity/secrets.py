"""Bearer secrets: made here, shown once, kept only as a digest. And what must be read again: sealed."""

import hashlib
import secrets
from typing import Any, Final, cast

from vestibule.crypto.seal import seal, unseal
from vestibule.errors import ConfigError, SealError

TOKEN_BYTES: Final = 32


def new_token() -> str:
    """43 characters of base64url: 256 bits, so a plain digest is enough to keep it by."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def seal_at_rest(value: Any, secret: str) -> str:
    return seal(value, secret)


def open_at_rest(sealed: str, secret: str) -> Any:
    """Raises ConfigError when the database was written under another secret."""
    try:
        return cast(Any, unseal(sealed, secret))
    except SealError:
        raise ConfigError(
            "The database was written under another VESTIBULE_SERVER_SECRET: set the former one again, "
            "or run `vestibule keys rotate` to make new signing keys under this one",
            code="secret_changed",
        ) from None
