"""The mail server is in trouble: what was promised is sent once it is back, and nobody gets it twice."""

import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.figures import Figure, record
from tests.faults.processes import free_port, wait_until
from tests.faults.site import Clock
from tests.server.mail.smtp_server import Postbox, smtp_server
from tests.servers import Running, running_server
from vestibule.server.identity.users import create_user
from vestibule.server.identity.verification import send_verification

MAILS = 20
ANSWERS = {"421": "421 too busy", "451": "451 try again later"}


@contextmanager
def answering(words: str, port: int) -> Iterator[None]:
    with smtp_server(port=port) as postbox:
        postbox.answers += [words] * 1_000
        yield


@contextmanager
def hanging(port: int) -> Iterator[None]:
    """It accepts the connection and never says a word."""
    with socket.create_server(("127.0.0.1", port)):
        yield


def trouble(kind: str, port: int) -> Iterator[None]:
    if kind == "refuses":
        yield
    elif kind == "hangs":
        with hanging(port):
            yield
    else:
        with answering(ANSWERS[kind], port):
            yield


def promise(server: Running) -> list[str]:
    people = [
        create_user(server.identity, email=f"person{number}@example.com", email_verified=False)
        for number in range(MAILS)
    ]
    for person in people:
        send_verification(server.identity, person.id)
    return [person.email for person in people]


@pytest.mark.verify
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["421", "451", "refuses", "hangs"])
def test_mail_that_cannot_leave_leaves_later(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    clock, port = Clock(), free_port()
    mail = {"smtp_url": f"smtp://127.0.0.1:{port}", "mail_from": "login@example.com"}
    with running_server(tmp_path, clock=clock.moment, **mail) as server:
        with contextmanager(trouble)(kind, port):
            queued = promise(server)
            time.sleep(12 if kind == "hangs" else 3)
        with smtp_server(port=port) as postbox:
            recovery = _until_all_came(postbox, clock)
    arrived = Counter(letter.recipient for letter in postbox.received)
    assert arrived == Counter(queued)
    record(
        Figure(
            name=f"13-mail-server-{kind}",
            fault=f"Mail server {f'answers {kind}' if kind.isdigit() else kind}",
            done=f"{MAILS} mails are written meanwhile; then it is mended",
            figure=f"delivered {len(arrived)} of {MAILS}, twice 0; the last pause between two tries ended "
            f"{recovery:.0f} s after the mending",
            test=request.node.nodeid,
        )
    )


def _until_all_came(postbox: Postbox, clock: Clock) -> float:
    """Pauses pass at once; how long they would have been."""
    began = clock()

    def came() -> bool:
        clock.ahead += 15
        time.sleep(0.2)
        return len(postbox.received) >= MAILS

    wait_until(came)
    time.sleep(1)  # whatever else might come
    return clock() - began
