"""Writing mail: in the transaction that causes it, so that neither exists without the other."""

from typing import Any, Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.secrets import open_at_rest, seal_at_rest
from vestibule.server.languages import Language, find_language
from vestibule.server.mail.render import KINDS, Message, render
from vestibule.server.store.mails import StoredMail
from vestibule.server.store.transaction import Transaction

PRODUCT: Final = "Vestibule"
# No mails yet: an address to look up, away from who asked.
RESET_REQUEST: Final = "password_reset_request"
MAGIC_REQUEST: Final = "magic_code_request"
REQUESTS: Final = (RESET_REQUEST, MAGIC_REQUEST)
LASTING: Final = frozenset(KINDS) - {"email_change_code", "magic_code", "reset_password", "verify_email"}
"""Those that are worth sending hours later. The others carry a code that is void by then."""


def queue(
    tx: Transaction, identity: Identity, *, kind: str, recipient: str, locale: str | None = None, **data: Any
) -> None:
    """`data` is what the kind's template names, `locale` what the reader reads, where we know it. Sent
    once the transaction stands."""
    message = write(tx, identity, kind=kind, locale=locale, **data)
    sealed = seal_at_rest([message.subject, message.text, message.html], identity.settings.secret)
    _create(tx, identity, kind=kind, recipient=recipient, sealed=sealed, done=is_inbox(identity))


def write(
    tx: Transaction, identity: Identity, *, kind: str, locale: str | None = None, **data: Any
) -> Message:
    """As `queue` would send it."""
    place, own = tx.environment.find(), identity.settings.mail_templates
    named = {"product": place.name if place else PRODUCT, **data}
    language = find_language(locale) or identity.language or find_language(identity.settings.locale)
    return render(kind, named, language=language, locale=locale, own=own)


def queue_request(tx: Transaction, identity: Identity, *, kind: str, request: Any) -> None:
    """Whether anybody has this address is found out later, so that asking takes the same time for all."""
    tag = identity.language.tag if identity.language else None
    sealed = seal_at_rest([tag, request], identity.settings.secret)
    _create(tx, identity, kind=kind, recipient="", sealed=sealed, done=False)


def open_request(identity: Identity, mail: StoredMail) -> tuple[Language | None, Any]:
    """In which language something was asked, and what."""
    tag, request = open_at_rest(mail.message_sealed, identity.settings.secret)
    return find_language(tag), request


def _create(
    tx: Transaction, identity: Identity, *, kind: str, recipient: str, sealed: str, done: bool
) -> None:
    now = identity.now
    tx.mails.create(
        id=new_id("mail", now),
        kind=kind,
        recipient=recipient,
        message_sealed=sealed,
        due_at=now,
        sent_at=now if done else None,
        created_at=now,
    )


def is_inbox(identity: Identity) -> bool:
    """In development nothing leaves: mail is read at /dev/inbox."""
    return identity.settings.development and identity.settings.smtp_url is None


def open_message(identity: Identity, mail: StoredMail) -> Message:
    subject, text, html = open_at_rest(mail.message_sealed, identity.settings.secret)
    return Message(subject, text, html)
