"""Sessions that the WorkOS Python SDK sealed (Fernet): read, so that a move signs nobody out."""

import json

from cryptography.fernet import Fernet, InvalidToken

from vestibule.crypto.strict_json import Json, parse_json
from vestibule.errors import ConfigError, SealError

MAX_TOKEN = 16_384


def unseal_fernet(token: str, keys: tuple[str, ...]) -> Json:
    """The JSON inside, if one of the keys sealed it. Raises SealError."""
    if len(token) > MAX_TOKEN:
        raise SealError("longer than any cookie", code="bad_structure")
    for key in keys:
        try:
            return parse_json(Fernet(key).decrypt(token.encode("ascii")))
        except (InvalidToken, UnicodeEncodeError):
            continue
        except (ValueError, json.JSONDecodeError) as error:
            raise SealError("not JSON inside", code="bad_json") from error
    raise SealError("no key of these sealed it", code="bad_hmac")


def check_fernet_key(key: str) -> None:
    """Raises ConfigError when this cannot be the SDK's cookie password."""
    try:
        Fernet(key)
    except (ValueError, UnicodeError):
        raise ConfigError(
            "VESTIBULE_WORKOS_PYTHON_PASSWORDS holds what is no Fernet key. It takes the cookie password "
            "the app had with the WorkOS Python SDK: 44 characters that end with =."
        ) from None
