"""What the rules refuse, said to people: the sentences that signing in and the account page share."""

from collections.abc import Mapping
from typing import Final

from vestibule.server.languages import mark
from vestibule.server.visitor import Visitor

SENTENCES: Final[Mapping[str, str]] = {
    "password_too_common": mark("This password is one of the first that attackers try. Choose another one."),
    "password_contains_context": mark(
        "Leave your own address and the name of this service out of the password."
    ),
    "password_not_text": mark("The password contains a character that is not text."),
    "password_too_long": mark("This password is too long. Choose a shorter one."),
    "password_breached": mark("This password is in a published leak, where attackers look first."),
    "invalid_email": mark("Enter an email address, like name@example.com."),
    "too_long": mark("This is too long. Use fewer characters."),
    "invalid_characters": mark("This contains characters that no name has."),
}


def sentence(visitor: Visitor, code: str, *, among: Mapping[str, str] = SENTENCES, otherwise: str) -> str:
    """In the reader's language. `otherwise` is said of a code that has no sentence `among` them."""
    if code == "password_too_short":
        return visitor.language.ngettext(
            "The password must have at least %(num)s character.",
            "The password must have at least %(num)s characters.",
            visitor.identity.settings.password_min_length,
        )
    return visitor.say(among.get(code, otherwise))
