"""Which new passwords are refused: short, common, or naming the account (NIST SP 800-63B §3.1.1)."""

import re
from collections.abc import Collection
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from vestibule.crypto.password_hash import MAX_PASSWORD
from vestibule.server.identity.common_passwords import is_listed
from vestibule.server.identity.errors import Invalid

if TYPE_CHECKING:
    from vestibule.server.settings import Settings

PRODUCT_WORDS: Final = ("vestibule",)
MIN_CONTEXT: Final = 4  # shorter words occur in good passwords by chance
STEPS: Final = frozenset((-1, 0, 1))
LEET: Final = str.maketrans("013457$@!", "oleastsai")
SIGNS: Final = re.compile(r"[\W_]+\Z")
ENDINGS: Final = re.compile(r"[\W\d_]+\Z")
YEAR: Final = r"(?:19|20)\d\d"
DATE: Final = re.compile(rf"(?:[0-3]\d){{2}}{YEAR}|{YEAR}(?:[0-3]\d){{2}}", re.ASCII)
SHORT_ENDING: Final = 6  # longer ones are as hard to guess as a password, unless they are one
SHORTEST_STEM: Final = 4  # of a shorter one little is left to recognize


def check_new_password(password: str, *, email: str, settings: "Settings", service: str = "") -> None:
    """Raises Invalid `password_strength_error` with every reason: password_too_short password_too_long
    password_too_common password_contains_context password_not_text. `service` is what people call the place.

    No composition rules; blanks and every other character are taken as they are.
    """
    errors = [
        {"field": "password", "code": code, "message": message}
        for code, message in _weaknesses(password, email, service, settings.password_min_length)
    ]
    if errors:
        raise Invalid(errors[0]["message"], code="password_strength_error", errors=errors)


def is_common(password: str) -> bool:
    """Also with digits and signs at its end, and with digits for letters. Dates are common all together."""
    text = password.casefold()
    if DATE.fullmatch(SIGNS.sub("", text)) is not None:
        return True
    return any(is_listed(reading) or is_monotonous(reading) for reading in readings(text))


def readings(text: str, known: Collection[str] = ()) -> set[str]:
    """What somebody may have begun with: the text without signs at its end, without a short ending of digits
    and signs or a common one, and each with letters for digits. `known` stands for the list while it is made.
    """
    stems = {text}
    for pattern in (SIGNS, ENDINGS):
        stems |= {_without_ending(pattern, stem, known) for stem in stems}
    return (stems | {stem.translate(LEET) for stem in stems}) - {""}


def _without_ending(pattern: re.Pattern[str], text: str, known: Collection[str]) -> str:
    found = pattern.search(text)
    if found is None:
        return text
    stem, ending = text[: found.start()], found[0]
    if len(ending) <= SHORT_ENDING:
        return stem if len(stem) >= SHORTEST_STEM else text
    core = SIGNS.sub("", ending) or ending
    listed = core in known if known else is_listed(core)
    return stem if len(core) > SHORT_ENDING and (listed or is_monotonous(core)) else text


def _weaknesses(password: str, email: str, service: str, least: int) -> list[tuple[str, str]]:
    if not _is_text(password):
        return [("password_not_text", "The password contains a character that is not text.")]
    if len(password) < least:
        return [("password_too_short", f"The password must have at least {least} characters.")]
    if len(password) > MAX_PASSWORD:
        return [("password_too_long", f"The password may have {MAX_PASSWORD} characters at most.")]
    found = []
    if is_common(password):
        found.append(("password_too_common", "This password is one of the first that attackers try."))
    if _names_the_account(password, email, service):
        message = "The password must not be made of your e-mail address or the name of this service."
        found.append(("password_contains_context", message))
    return found


def _names_the_account(password: str, email: str, service: str) -> bool:
    """When what is left after taking those words out is too little to be a password."""
    text = password.casefold()
    for word in sorted(_context(email, service), key=len, reverse=True):
        text = text.replace(word, "")
    return len(text) < len(password) and len(text) < 6


def _context(email: str, service: str) -> set[str]:
    name = service.casefold()
    local, _, domain = email.casefold().rpartition("@")
    words = {email.casefold(), local, domain, *re.split(r"[\W_\d]+", local), *domain.split(".")[:-1]}
    words |= {name, "".join(name.split()), *re.split(r"[\W_\d]+", name)}
    return {word for word in words | set(PRODUCT_WORDS) if len(word) >= MIN_CONTEXT}


def is_monotonous(text: str) -> bool:
    """aaaaaaab, 12345678, hgfedcba, abcabcabc: two letters, one step, or a short piece over and over."""
    if len(set(text)) <= 2:
        return True
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    if len(steps) == 1 and steps <= STEPS:
        return True
    return any(len(text) >= 2 * size and text == (text[:size] * len(text))[: len(text)] for size in (1, 2, 3))


def _is_text(password: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in password)
