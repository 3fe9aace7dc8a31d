"""What is wrong with a form, in a sentence by its input, in the reader's language."""

import unicodedata
from collections.abc import Mapping
from typing import Final

from vestibule.server import sentences
from vestibule.server.account.person import Person
from vestibule.server.identity.errors import IdentityError, Invalid
from vestibule.server.languages import mark

SENTENCES: Final[Mapping[str, str]] = {
    **sentences.SENTENCES,
    "email_change_not_needed": mark("This is your address already."),
    "email_not_available": mark("There is another account with this address. Sign in to that one instead."),
    "email_mismatch": mark("This is not the address of your account."),
    "required": mark("Enter a name."),
    "user_already_organization_member": mark("This person is a member already."),
    "email_already_invited_to_organization": mark("This address has been invited already."),
    "role_above_inviter": mark("Nobody can invite to a role above their own."),
    "invalid_role": mark("This role does not exist any more. Choose another one."),
    "last_owner": mark(
        "Nobody else leads this organization. Give another member the role of an admin first: "
        "whoever runs the application can do that."
    ),
    "organization_creation_not_allowed": mark("Here organizations are made by whoever runs the application."),
    "too_many_passkeys": mark("This account has as many passkeys as it may have."),
    "passkey_exists": mark("This device has a passkey for another account already."),
    "permission_not_available": mark("You do not have one of these permissions any more. Choose again."),
    "not_an_admin": mark("Only admins of the organization may do that."),
    "invite_not_pending": mark("This invitation was accepted, withdrawn, or is too old."),
}
FAILED: Final = mark("That did not work. Please try again.")


def sentence_of(person: Person, error: IdentityError) -> str:
    return person.say(SENTENCES.get(error.code, FAILED))


def explain(person: Person, error: Invalid) -> Mapping[str, str]:
    """By input; what belongs to none is under ''."""
    found: dict[str, str] = {}
    for problem in error.errors or ({"code": error.code},):
        found.setdefault(problem.get("field", ""), _sentence(person, problem["code"]))
    return found


def _sentence(person: Person, code: str) -> str:
    return sentences.sentence(person.visitor, code, among=SENTENCES, otherwise=FAILED)


def typed_code(person: Person) -> str:
    """Without the blanks that codes are shown with, and with the digits of every keyboard."""
    text = unicodedata.normalize("NFKC", person.typed("code"))
    kept = (letter for letter in text if not letter.isspace() and letter != "-")
    return "".join(str(unicodedata.decimal(letter, letter)) for letter in kept)
