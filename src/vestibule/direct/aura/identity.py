"""What a token of Aura says about a person, as its `/session` shows it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from vestibule.crypto.strict_json import Json

FIELDS: Final = ("sub", "name", "image", "email")
EMAIL: Final = re.compile(
    r"(?!\.)(?!.*\.\.)[A-Za-z0-9_'+.-]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}"
)


def identity_of(claims: Mapping[str, Json]) -> dict[str, Json] | None:
    """Of Aura's default schema: the four fields in its order, and those alone. None for what it refuses."""
    identity = {name: claims[name] for name in FIELDS if name in claims}
    for name, value in identity.items():
        if not isinstance(value, str) and (name == "sub" or value is not None):
            return None
    email = identity.get("email")
    if not isinstance(identity.get("sub"), str) or (isinstance(email, str) and not EMAIL.fullmatch(email)):
        return None
    return identity


def time_text(seconds: int) -> str:
    """As `Date.toISOString` writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
