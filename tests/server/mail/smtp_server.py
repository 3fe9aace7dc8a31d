"""A real SMTP server on a free port, which can be told to misbehave."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Received:
    sender: str
    recipient: str
    message: EmailMessage
    tls: bool


@dataclass
class Postbox:
    """`answers` are given to the next messages, one each, before anything is accepted."""

    received: list[Received] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    refused_recipients: dict[str, str] = field(default_factory=dict)
    port: int = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused_recipients:
            return self.refused_recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answers:
            return self.answers.pop(0)
        message = cast(EmailMessage, message_from_bytes(cast(bytes, envelope.content), policy=default))
        recipient, sender = envelope.rcpt_tos[0], cast(str, envelope.mail_from)
        self.received.append(Received(sender, recipient, message, session.ssl is not None))
        return "250 OK"


class FreePort(Controller):
    def _trigger_server(self) -> None:
        # The port is known only now: port 0 was asked for.
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def smtp_server(
    *, tls: ssl.SSLContext | None = None, implicit: bool = False, port: int = 0, **options: Any
) -> Iterator[Postbox]:
    postbox = Postbox()
    context = {"ssl_context": tls} if implicit else {"tls_context": tls}
    controller = FreePort(postbox, hostname="127.0.0.1", port=port, **context, **options)
    controller.start()
    postbox.port = controller.port
    try:
        yield postbox
    finally:
        controller.stop()


def only(user: bytes, password: bytes) -> Any:
    def authenticate(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        known = isinstance(data, LoginPassword) and (data.login, data.password) == (user, password)
        return AuthResult(success=known, handled=False)

    return authenticate
