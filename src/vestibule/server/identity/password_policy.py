"""Which new passwords are refused: short, common, or naming the account (NIST SP 800-63B §3.1.1)."""

import re
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from vestibule.crypto.password_hash import MAX_PASSWORD
from vestibule.server.identity.errors import Invalid

if TYPE_CHECKING:
    from vestibule.server.settings import Settings

PRODUCT_WORDS: Final = ("vestibule",)
MIN_CONTEXT: Final = 4  # shorter words occur in good passwords by chance
STEPS: Final = frozenset((-1, 0, 1))
LEET: Final = str.maketrans("013457$@!", "oleastsai")
SIGNS: Final = re.compile(r"[\W_]+\Z")
ENDINGS: Final = re.compile(r"[\W\d_]+\Z")


def check_new_password(password: str, *, email: str, settings: "Settings") -> None:
    """Raises Invalid `password_strength_error` with every reason: password_too_short password_too_long
    password_too_common password_contains_context password_not_text.

    No composition rules; blanks and every other character are taken as they are.
    """
    errors = [
        {"field": "password", "code": code, "message": message}
        for code, message in _weaknesses(password, email, settings.password_min_length)
    ]
    if errors:
        raise Invalid(errors[0]["message"], code="password_strength_error", errors=errors)


def is_common(password: str) -> bool:
    """Also with digits and signs at its end, and with digits for letters."""
    text = password.casefold()
    stems = {text, SIGNS.sub("", text), ENDINGS.sub("", text)} - {""}
    readings = stems | {stem.translate(LEET) for stem in stems}
    return not readings.isdisjoint(_common()) or any(_is_monotonous(stem) for stem in stems)


def _weaknesses(password: str, email: str, least: int) -> list[tuple[str, str]]:
    if not _is_text(password):
        return [("password_not_text", "The password contains a character that is not text.")]
    if len(password) < least:
        return [("password_too_short", f"The password must have at least {least} characters.")]
    if len(password) > MAX_PASSWORD:
        return [("password_too_long", f"The password may have {MAX_PASSWORD} characters at most.")]
    found = []
    if is_common(password):
        found.append(("password_too_common", "This password is one of the first that attackers try."))
    if _names_the_account(password, email):
        message = "The password must not be made of your e-mail address or the name of this service."
        found.append(("password_contains_context", message))
    return found


def _names_the_account(password: str, email: str) -> bool:
    """When what is left after taking those words out is too little to be a password."""
    text = password.casefold()
    for word in sorted(_context(email), key=len, reverse=True):
        text = text.replace(word, "")
    return len(text) < len(password) and len(text) < 6


def _context(email: str) -> set[str]:
    local, _, domain = email.casefold().rpartition("@")
    words = {email.casefold(), local, domain, *re.split(r"[\W_\d]+", local), *domain.split(".")[:-1]}
    return {word for word in words | set(PRODUCT_WORDS) if len(word) >= MIN_CONTEXT}


def _is_monotonous(text: str) -> bool:
    """aaaaaaab, 12345678, hgfedcba, abcabcabc: two letters, one step, or a short piece over and over."""
    if len(set(text)) <= 2:
        return True
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    if len(steps) == 1 and steps <= STEPS:
        return True
    return any(len(text) >= 2 * size and text == (text[:size] * len(text))[: len(text)] for size in (1, 2, 3))


def _is_text(password: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in password)


@cache
def _common() -> frozenset[str]:
    data = resources.files("vestibule.server.identity").joinpath("common_passwords.txt")
    return frozenset(data.read_text(encoding="utf-8").split())
