"""E-mail addresses: one to write to, and one key to find the account by."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from email_validator import EmailNotValidError, validate_email

MAX_LENGTH: Final = 320


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """Mail goes to `address` only; `key` is for lookups and never written to."""

    address: str
    key: str


# One sign-in asks several times about one address, and each answer takes a quarter of a millisecond.
@lru_cache(maxsize=256)
def parse_email(given: str) -> EmailAddress:
    """Raises ValueError with a sentence. No DNS is asked."""
    if len(given) > MAX_LENGTH:
        raise ValueError("The email address is too long.")
    text = given.strip(" ")
    if not text.isascii() and any(_imitates_ascii(character) for character in text.rpartition("@")[0]):
        # NFC would turn U+212A KELVIN SIGN into the letter K: somebody else's address.
        raise ValueError("The email address contains a character that looks like another one.")
    try:
        valid = validate_email(text.removesuffix("."), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    domain = (valid.ascii_domain or valid.domain).lower()
    local = unicodedata.normalize("NFC", valid.local_part.lower())
    return EmailAddress(valid.normalized, f"{local}@{domain}")


def lookup_key(given: str) -> str | None:
    """The key of an address somebody claims to have; None for what cannot be one."""
    try:
        return parse_email(given).key
    except ValueError:
        return None


def _imitates_ascii(character: str) -> bool:
    return not character.isascii() and unicodedata.normalize("NFC", character).isascii()
