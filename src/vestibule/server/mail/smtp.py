"""Sending through an SMTP server, the one part of mail that waits for somebody else."""

import ipaddress
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr
from typing import Final
from urllib.parse import unquote, urlsplit

from email_validator import EmailNotValidError, validate_email

from vestibule.errors import ConfigError
from vestibule.server.mail.letter import Letter

PATIENCE: Final = 20.0


class NotSent(Exception):
    """`for_good`: the server refused in a way that no later try will change. Names no address and no code."""

    def __init__(self, reason: str, *, for_good: bool) -> None:
        super().__init__(reason)
        self.for_good = for_good


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """`smtp://` uses STARTTLS where offered, and insists on it before it says a password; `smtps://` is TLS
    from the first byte."""

    host: str
    port: int
    implicit_tls: bool
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: Callable[[], ssl.SSLContext] = field(default=ssl.create_default_context, repr=False)

    @classmethod
    def from_url(cls, url: str) -> "SmtpServer":
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ConfigError("VESTIBULE_SERVER_SMTP_URL must look like smtp://user:password@host:587")
        implicit = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if implicit else 587),
            implicit_tls=implicit,
            user=None if parts.username is None else unquote(parts.username),
            password=None if parts.password is None else unquote(parts.password),
        )

    def send(self, letter: Letter, *, sender: str) -> None:
        """Raises NotSent."""
        try:
            with self._session() as session:
                _hand_over(session, letter, sender)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise NotSent(
                f"recipient refused with {codes}", for_good=all(code >= 500 for code in codes)
            ) from None
        except smtplib.SMTPAuthenticationError as error:
            raise NotSent(f"sign-in refused with {error.smtp_code}", for_good=False) from None
        except smtplib.SMTPResponseException as error:
            raise NotSent(f"refused with {error.smtp_code}", for_good=error.smtp_code >= 500) from None
        except smtplib.SMTPNotSupportedError:
            raise NotSent("the mail server cannot write to this address", for_good=True) from None
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(type(error).__name__, for_good=False) from None

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        if self.implicit_tls:
            session: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=PATIENCE, context=self.tls()
            )
        else:
            session = smtplib.SMTP(self.host, self.port, timeout=PATIENCE)
        with session:
            session.ehlo()
            encrypted = self.implicit_tls
            if not encrypted and session.has_extn("starttls"):
                session.starttls(context=self.tls())
                session.ehlo()
                encrypted = True
            self._sign_in(session, encrypted=encrypted)
            yield session

    def _sign_in(self, session: smtplib.SMTP, *, encrypted: bool) -> None:
        if self.user is None:
            return
        if not encrypted and not _is_loopback(self.host):
            raise NotSent("the mail server offers no encryption: the password was not sent", for_good=False)
        session.login(self.user, self.password or "")


def _hand_over(session: smtplib.SMTP, letter: Letter, sender: str) -> None:
    recipient = with_ascii_domain(letter.recipient)
    wide = not recipient.isascii()
    message = compose(letter, sender=sender, recipient=recipient)
    options = ["SMTPUTF8", "BODY=8BITMIME"] if wide else []
    if wide and not session.has_extn("smtputf8"):
        raise smtplib.SMTPNotSupportedError
    session.sendmail(parseaddr(sender)[1], [recipient], message.as_bytes(), mail_options=options)


def compose(letter: Letter, *, sender: str, recipient: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP if recipient.isascii() else SMTPUTF8)
    message["Subject"] = letter.message.subject
    message["From"] = sender
    message["To"] = recipient
    message["Date"] = format_datetime(letter.written_at)
    # The same for every try, so that a mail sent twice by a crash is recognized as one.
    message["Message-ID"] = f"<{letter.id}@{_domain(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.message.text)
    message.add_alternative(letter.message.html, subtype="html")
    return message


def with_ascii_domain(address: str) -> str:
    """What every mail server understands, as long as the part before the @ is ASCII."""
    try:
        domain = validate_email(address, check_deliverability=False, test_environment=True).ascii_domain
    except EmailNotValidError:
        return address
    return f"{address.rpartition('@')[0]}@{domain}"


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
