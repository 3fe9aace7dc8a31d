"""What may be written into a user's profile, and how it is tidied first."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from vestibule.server.identity.errors import Invalid

MAX_NAME: Final = 256
MAX_EXTERNAL_ID: Final = 128
MAX_METADATA_ENTRIES: Final = 50
MAX_METADATA_KEY: Final = 40
MAX_METADATA_VALUE: Final = 600
MAX_COMBINING: Final = (
    4  # marks on one letter; no script needs more, and hundreds cover the lines around them
)

LOCALE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,4}", re.ASCII)
# Not the joiners U+200C and U+200D, which scripts and emoji need.
INVISIBLE: Final = frozenset("\u200b\u2028\u2029\u2060\ufeff")
BIDI: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
UNSEEN: Final = INVISIBLE | BIDI


def tidy_name(field: str, given: object) -> str | None:
    """NFC, without blanks around; an empty name is none."""
    if given is None:
        return None
    if not isinstance(given, str):
        raise Invalid.field(field, "invalid_type", f"{field} must be a string.")
    text = unicodedata.normalize("NFC", given).strip()
    if len(text) > MAX_NAME:
        raise Invalid.field(field, "too_long", f"{field} may have {MAX_NAME} characters at most.")
    if not _is_plain(text) or _is_piled_up(text):
        raise Invalid.field(field, "invalid_characters", f"{field} contains characters that no name has.")
    return text or None


def tidy_external_id(given: object) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str) or not given.isascii() or not given.isprintable():
        raise Invalid.field("external_id", "invalid_characters", "external_id must be printable ASCII text.")
    if not 1 <= len(given) <= MAX_EXTERNAL_ID:
        message = f"external_id must have between 1 and {MAX_EXTERNAL_ID} characters."
        raise Invalid.field("external_id", "invalid_length", message)
    return given


def tidy_locale(given: object) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str) or LOCALE.fullmatch(given) is None:
        raise Invalid("The locale must be a language tag, such as en-US.", code="invalid_locale")
    return given


def merge_metadata(current: Mapping[str, str], given: object) -> dict[str, str]:
    """Keys not mentioned stay, a null value removes its key, null instead of an object removes all."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise _bad_metadata("metadata must be an object.")
    merged = dict(current)
    for key, value in given.items():
        _check_key(key)
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _checked_value(key, value)
    if len(merged) > MAX_METADATA_ENTRIES:
        raise _bad_metadata(f"metadata may have {MAX_METADATA_ENTRIES} entries at most.")
    return merged


def _check_key(key: Any) -> None:
    if not isinstance(key, str) or not 1 <= len(key) <= MAX_METADATA_KEY or not _is_storable(key):
        raise _bad_metadata(f"A metadata key must have between 1 and {MAX_METADATA_KEY} characters.")


def _checked_value(key: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_METADATA_VALUE or not _is_storable(value):
        message = (
            f"The metadata value of {key!r} must be a string of {MAX_METADATA_VALUE} characters at most."
        )
        raise _bad_metadata(message)
    return value


def _bad_metadata(message: str) -> Invalid:
    return Invalid(message, code="invalid_metadata")


def _is_storable(text: str) -> bool:
    """No NUL, which PostgreSQL refuses, and no lone surrogate, which is no text."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _is_plain(text: str) -> bool:
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs", "Co") or character in UNSEEN:
            return False
    return True


def _is_piled_up(text: str) -> bool:
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > MAX_COMBINING:
            return True
    return False
