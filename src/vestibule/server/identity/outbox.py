"""The outbox: mail that was written leaves later, once, by whichever process comes first."""

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

from vestibule.errors import ConfigError
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Conflict, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.letters import (
    LASTING,
    MAGIC_REQUEST,
    REQUESTS,
    RESET_REQUEST,
    is_inbox,
    open_message,
    open_request,
)
from vestibule.server.identity.magic import answer_request
from vestibule.server.identity.resets import mail_reset
from vestibule.server.mail.delivery import Delivery
from vestibule.server.mail.letter import Letter
from vestibule.server.mail.smtp import NotSent, SmtpServer
from vestibule.server.store.mails import StoredMail
from vestibule.server.store.store import StoreUnavailable
from vestibule.server.store.transaction import Transaction
from vestibule.server.store.users import Taken

BATCH: Final = 10
LEASE: Final = dt.timedelta(minutes=5)  # longer than a batch can take
MAX_ATTEMPTS: Final = 10
FIRST_PAUSE: Final = dt.timedelta(seconds=15)
LONGEST_PAUSE: Final = dt.timedelta(hours=1)

ANSWERS: Final[Mapping[str, Callable[[Transaction, Identity, Any], object]]] = {
    RESET_REQUEST: mail_reset,
    MAGIC_REQUEST: answer_request,
}

T = TypeVar("T")

log = logging.getLogger("vestibule.server.mail")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as the development inbox shows it."""

    id: str
    kind: str
    recipient: str
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    created_at: dt.datetime


def deliver_due(identity: Identity, server: SmtpServer | None = None) -> int:
    """Send what is due; how many were taken up, whatever became of them."""
    with identity.store.transaction() as tx:
        claimed = tx.mails.claim(now=identity.now, lease=LEASE, limit=BATCH)
    for mail in claimed:
        with identity.spans.span("mail", kind=mail.kind, mail_id=mail.id):
            _deliver(identity, mail, server)
    return len(claimed)


def _deliver(identity: Identity, mail: StoredMail, server: SmtpServer | None) -> None:
    try:
        if mail.kind in ANSWERS:
            _answer(identity, mail)
            return
        if server is None:
            raise NotSent("VESTIBULE_SERVER_SMTP_URL is not set", for_good=False)
        server.send(_letter(identity, mail), sender=identity.settings.mail_from)
    except NotSent as error:
        _put_back(identity, mail, error)
        return
    except StoreUnavailable:
        raise
    except (
        Exception
    ) as error:  # such as a mistake in a template of the operator's: others must not wait for it
        _put_back(identity, mail, NotSent(type(error).__name__, for_good=False))
        return
    with identity.store.transaction() as tx:
        tx.mails.finish(mail, now=identity.now)
    identity.tally.count("vestibule_mails", "sent")


def _answer(identity: Identity, mail: StoredMail) -> None:
    language, request = _opened(lambda: open_request(identity, mail))
    try:
        with identity.store.transaction() as tx:
            if tx.mails.finish(mail, now=identity.now):
                ANSWERS[mail.kind](tx, replace(identity, language=language), request)
    except Taken as error:  # somebody made an account with this address at the same moment: it is there now
        raise NotSent(str(error), for_good=False) from None


def _put_back(identity: Identity, mail: StoredMail, error: NotSent) -> None:
    now, reason = identity.now, str(error)
    with identity.store.transaction() as tx:
        if error.for_good or mail.attempts >= MAX_ATTEMPTS:
            tx.mails.fail(mail, now=now, error=reason, keeps=mail.kind in LASTING)
            identity.tally.count("vestibule_mails", "failed")
            log.error("mail_failed: %s (%s) after %d attempts: %s", mail.id, mail.kind, mail.attempts, reason)
            return
        tx.mails.postpone(mail, due_at=now + _pause(mail.attempts), error=reason)
    identity.tally.count("vestibule_mails", "postponed")
    log.warning("mail_postponed: %s (%s), attempt %d: %s", mail.id, mail.kind, mail.attempts, reason)


def _pause(attempts: int) -> dt.timedelta:
    """15 s, 30 s, 1 min … 1 h: ten attempts in about two and a half hours."""
    return min(FIRST_PAUSE * (1 << (attempts - 1)), LONGEST_PAUSE)


def _letter(identity: Identity, mail: StoredMail) -> Letter:
    message = _opened(lambda: open_message(identity, mail))
    return Letter(mail.id, mail.recipient, mail.created_at, message)


def _opened(read: Callable[[], T]) -> T:
    """What was written under a former secret can never be read again: waiting would not mend it."""
    try:
        return read()
    except ConfigError as error:
        raise NotSent(error.message, for_good=True) from error


def delivery(identity: Identity) -> Delivery:
    """The thread that sends this server's mail: start it with the server, stop it last."""
    url = identity.settings.smtp_url
    server = None if url is None else SmtpServer.from_url(url)
    return Delivery(lambda: deliver_due(identity, server))


def list_troubled_mails(identity: Identity, *, limit: int = 20) -> Sequence[StoredMail]:
    """What failed for good, and what waits for another try; newest first."""
    with identity.store.read() as tx:
        return [mail for mail in tx.mails.list_troubled(limit=limit) if mail.kind not in REQUESTS]


def retry_mail(identity: Identity, mail_id: str) -> StoredMail:
    """Due at once. Raises Conflict when it was sent meanwhile, or carried a code and is wiped."""
    with identity.store.transaction() as tx:
        mail = tx.mails.retry(mail_id, now=identity.now)
        if mail is None:
            raise Conflict("This mail was sent meanwhile, or its text is gone.", code="mail_over")
        data = {"object": "mail", "id": mail.id, "kind": mail.kind, "recipient": mail.recipient}
        append(tx, identity, "mail.retried", data)
    return mail


def list_mails(identity: Identity, *, recipient: str | None = None, limit: int = 50) -> list[Mail]:
    """The development inbox, newest first. Does what is due before it looks."""
    while is_inbox(identity) and deliver_due(identity):
        pass
    with identity.store.read() as tx:
        stored = tx.mails.list(limit=limit, recipient=recipient)
    return [_shown(identity, mail) for mail in stored if mail.kind not in REQUESTS and mail.message_sealed]


def read_mail(identity: Identity, mail_id: str) -> Mail:
    with identity.store.read() as tx:
        stored = tx.mails.find(mail_id)
    if stored is None or stored.kind in REQUESTS or not stored.message_sealed:
        raise NotFound.of("Mail", mail_id)
    return _shown(identity, stored)


def _shown(identity: Identity, mail: StoredMail) -> Mail:
    message = open_message(identity, mail)
    return Mail(
        id=mail.id,
        kind=mail.kind,
        recipient=mail.recipient,
        subject=message.subject,
        text=message.text,
        html=message.html,
        created_at=mail.created_at,
    )
