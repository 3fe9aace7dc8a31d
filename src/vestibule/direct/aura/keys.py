"""The secrets of Aura, and the two keys it makes of them."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vestibule.crypto.passwords import PUBLISHED
from vestibule.errors import ConfigError

KEY_LENGTH: Final = 32
MIN_BYTES: Final = 32
MIN_DIGITS: Final = 9
# Aura's own measure of a text, in bits.
MIN_ENTROPY_OF_CHARACTER: Final = 4.0
MIN_ENTROPY: Final = 128.0

PREFIXES: Final = ("AURA_AUTH_", "AURA_", "AUTH_", "")
HEX: Final = re.compile(r"[0-9A-Fa-f-]+", re.ASCII)
PLACEHOLDER: Final = "base64-or-hex"
COMMAND: Final = "Make one with `openssl rand -base64 32`"


@dataclass(frozen=True, slots=True)
class AuraKeys:
    """Made of the texts themselves: neither is decoded first, whatever it looks like. `cookies` is our own,
    for what Aura leaves unsealed."""

    signing: bytes = field(repr=False)
    encryption: bytes = field(repr=False)
    cookies: bytes = field(repr=False)

    @classmethod
    def derive(cls, secret: str, salt: str) -> "AuraKeys":
        """Checks nothing: `check_secret` is for that."""
        return cls(
            signing=_derived(secret, salt, b"aura:signing"),
            encryption=_derived(secret, salt, b"aura:encryption"),
            cookies=_derived(secret, salt, b"vestibule:cookies"),
        )


def find_variable(variables: Mapping[str, str], kind: str) -> tuple[str, str] | None:
    """The name and the text of `SECRET` or `SALT`, by Aura's four names for it. One that is empty counts as
    unset, as Aura's guide says and its code does not."""
    names = (f"{prefix}{kind}" for prefix in PREFIXES)
    return next(((name, variables[name]) for name in names if variables.get(name)), None)


def check_secret(text: str, *, name: str = "AURA_AUTH_SECRET") -> None:
    """For the secret and the salt alike. Raises ConfigError, naming the setting and the command that makes a
    good one. Hex is good for us alone: Aura's own JavaScript refuses it, so a text for both is base64."""
    problem = next(_problems(text), None)
    if problem:
        raise ConfigError(f"{name} {problem}. {COMMAND}: Aura's JavaScript refuses hex.")


def _problems(text: str) -> Iterator[str]:
    if not text:
        yield "is not set"
    if text != text.strip():
        # One side reads it with them, the other without: two different keys.
        yield "begins or ends with a blank"
    size = _size(text)
    if size < MIN_BYTES:
        yield f"holds {size} bytes and needs at least {MIN_BYTES}"
    if text in PUBLISHED or PLACEHOLDER in text.lower():
        yield "is a published example that anybody can try"
    if _repeats(text) or (not HEX.fullmatch(text) and not _is_varied(text)):
        yield "repeats itself and can be guessed"
    if len(set(text)) < MIN_DIGITS:
        yield f"uses only {len(set(text))} different characters and can be guessed"


def _size(text: str) -> int:
    """Of hex, with or without the dashes of a UUID, what it stands for; of all else the text itself."""
    if HEX.fullmatch(text):
        return len(text.replace("-", "")) // 2
    return len(text.encode("utf-8", "surrogatepass"))


def _repeats(text: str) -> bool:
    """Whether it is some shorter text over and over, the last time perhaps not to its end."""
    return any(
        text == (text[:length] * (len(text) // length + 1))[: len(text)]
        for length in range(1, len(text) * 2 // 3 + 1)
    )


def _is_varied(text: str) -> bool:
    """As Aura judges a text: characters are counted whole, lengths as JavaScript does."""
    length = len(text.encode("utf-16-le", "surrogatepass")) // 2
    shares = [count / length for count in Counter(text).values()]
    bits = -sum(share * math.log2(share) for share in shares)
    return bits >= MIN_ENTROPY_OF_CHARACTER and bits * length >= MIN_ENTROPY


def _derived(secret: str, salt: str, info: bytes) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=KEY_LENGTH, salt=salt.encode(), info=info)
    return kdf.derive(secret.encode())
