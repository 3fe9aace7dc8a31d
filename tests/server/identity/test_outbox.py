import datetime as dt
import logging
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.clocks import Clock
from tests.server.mail.smtp_server import Postbox, smtp_server
from tests.server.people import code_in, mails_to, make_user
from vestibule.server.identity import environment, letters, outbox, verification
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.outbox import deliver_due, list_mails, read_mail
from vestibule.server.identity.resets import request_reset
from vestibule.server.mail.smtp import SmtpServer
from vestibule.server.store.mails import StoredMail


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with smtp_server() as postbox:
        yield postbox


@pytest.fixture
def sending(identity: Identity, postbox: Postbox) -> Identity:
    """As in production: mail leaves."""
    url = f"smtp://127.0.0.1:{postbox.port}"
    mail_from = "Vestibule <no-reply@id.example.com>"
    settings = replace(identity.settings, smtp_url=url, mail_from=mail_from, development=False)
    return Identity(identity.store, settings, identity.clock)


def server(identity: Identity) -> SmtpServer:
    assert identity.settings.smtp_url is not None
    return SmtpServer.from_url(identity.settings.smtp_url)


def write_mails(identity: Identity, count: int) -> list[str]:
    codes = []
    for number in range(count):
        user = make_user(identity, f"user{number}@example.com")
        codes.append(verification.send_verification(identity, user.id).code)
    return codes


def stored(identity: Identity) -> list[StoredMail]:
    with identity.store.read() as tx:
        return tx.mails.list(limit=100)


def test_a_letter_that_cannot_be_written_holds_up_no_other(
    identity: Identity, clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its template names what is not there. It is given up in the end, as mail that nobody takes."""
    caplog.set_level(logging.CRITICAL, "vestibule.server.mail")
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "reset_password.txt").write_text("{{ nothing }}\n")
    (tmp_path / "de" / "reset_password.html").write_text("")
    settings = replace(identity.settings, mail_templates=str(tmp_path))
    own = Identity(identity.store, settings, identity.clock)
    make_user(own, "grace@example.com", locale="de")
    make_user(own, "ada@example.com")
    request_reset(own, "grace@example.com")
    request_reset(own, "ada@example.com")
    assert deliver_due(own) == 2
    assert len(mails_to(own, "ada@example.com")) == 1
    for _ in range(outbox.MAX_ATTEMPTS):
        clock.advance(hours=2)
        deliver_due(own)
    assert [mail.last_error for mail in stored(own) if mail.failed_at] == ["UndefinedError"]


def test_in_development_mail_is_there_at_once_and_never_leaves(identity: Identity, postbox: Postbox) -> None:
    (code,) = write_mails(identity, 1)
    (mail,) = list_mails(identity)
    assert (mail.kind, mail.recipient, mail.created_at) == ("verify_email", "user0@example.com", identity.now)
    assert code_in(mail) == code
    assert read_mail(identity, mail.id) == mail
    assert code not in repr(mail)
    assert deliver_due(identity, SmtpServer.from_url(f"smtp://127.0.0.1:{postbox.port}")) == 0
    assert postbox.received == []


def test_the_inbox_shows_letters_only(identity: Identity) -> None:
    request_reset(identity, "nobody@example.com")
    make_user(identity)
    request_reset(identity, "ada@example.com")
    assert [(mail.kind, mail.recipient) for mail in list_mails(identity)] == [
        ("reset_password", "ada@example.com")
    ]
    request = next(mail for mail in stored(identity) if mail.kind == "password_reset_request")
    for mail_id in (request.id, "mail_1"):
        with pytest.raises(NotFound):
            read_mail(identity, mail_id)


def test_mail_that_its_transaction_took_back_was_never_written(identity: Identity) -> None:
    user = make_user(identity)

    class Stop(Exception):
        pass

    def change_of_mind() -> None:
        with identity.store.transaction() as tx:
            verification.mail_code(tx, identity, user)
            raise Stop

    with pytest.raises(Stop):
        change_of_mind()
    assert mails_to(identity, user.email) == []


def test_mail_is_sent_once_and_then_wiped(sending: Identity, postbox: Postbox) -> None:
    (code,) = write_mails(sending, 1)
    (before,) = stored(sending)
    assert code not in before.message_sealed
    assert deliver_due(sending, server(sending)) == 1
    assert deliver_due(sending, server(sending)) == 0
    (received,) = postbox.received
    assert received.recipient == "user0@example.com"
    assert code in received.message["Subject"]
    assert received.message["Message-ID"] == f"<{before.id}@id.example.com>"
    (after,) = stored(sending)
    assert (after.sent_at, after.message_sealed) == (sending.now, "")
    with pytest.raises(NotFound):
        read_mail(sending, after.id)


def test_many_workers_send_each_mail_once(sending: Identity, postbox: Postbox) -> None:
    write_mails(sending, 25)

    def work() -> None:
        while deliver_due(sending, server(sending)):
            pass

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    sent = Counter(received.recipient for received in postbox.received)
    assert sent == Counter(f"user{number}@example.com" for number in range(25))


def test_what_a_killed_worker_held_is_sent_by_another(
    sending: Identity, postbox: Postbox, clock: Clock
) -> None:
    write_mails(sending, 3)
    with sending.store.transaction() as tx:
        assert len(tx.mails.claim(now=sending.now, lease=outbox.LEASE, limit=10)) == 3
    assert deliver_due(sending, server(sending)) == 0
    clock.advance(minutes=5)
    assert deliver_due(sending, server(sending)) == 3
    assert len(postbox.received) == 3


def test_a_refusal_for_now_is_tried_again_later_and_later(
    sending: Identity, postbox: Postbox, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    (code,) = write_mails(sending, 1)
    postbox.answers = ["451 Try later"] * 3
    pauses = []
    for _ in range(3):
        assert deliver_due(sending, server(sending)) == 1
        (waiting,) = stored(sending)
        assert waiting.last_error == "refused with 451"
        pauses.append((waiting.due_at - sending.now).total_seconds())
        assert deliver_due(sending, server(sending)) == 0
        clock.now = waiting.due_at
    assert pauses == [15, 30, 60]
    assert deliver_due(sending, server(sending)) == 1
    assert len(postbox.received) == 1
    # Of ours: the mail server of the tests logs too, when another test has turned that on.
    ours = "\n".join(each.getMessage() for each in caplog.records if each.name.startswith("vestibule"))
    assert "mail_postponed" in ours
    assert code not in ours
    assert "user0@example.com" not in ours


def test_a_refusal_for_good_ends_it(sending: Identity, postbox: Postbox, clock: Clock) -> None:
    write_mails(sending, 2)
    postbox.refused_recipients = {"user0@example.com": "550 No such user"}
    deliver_due(sending, server(sending))
    assert [received.recipient for received in postbox.received] == ["user1@example.com"]
    failed = next(mail for mail in stored(sending) if mail.recipient == "user0@example.com")
    assert (failed.failed_at, failed.message_sealed) == (sending.now, "")
    clock.advance(days=1)
    assert deliver_due(sending, server(sending)) == 0


def test_after_ten_attempts_it_is_given_up(sending: Identity, postbox: Postbox, clock: Clock) -> None:
    write_mails(sending, 1)
    postbox.answers = ["451 Try later"] * 20
    begun = clock()
    while (mail := stored(sending)[0]).failed_at is None:
        clock.now = max(clock.now, mail.due_at)
        deliver_due(sending, server(sending))
    assert mail.attempts == 10
    assert dt.timedelta(hours=1) < clock() - begun < dt.timedelta(hours=4)


def test_without_a_mail_server_mail_waits(identity: Identity, clock: Clock) -> None:
    waiting = Identity(identity.store, replace(identity.settings, development=False), clock)
    write_mails(waiting, 1)
    assert deliver_due(waiting) == 1
    (mail,) = stored(waiting)
    assert (mail.sent_at, mail.last_error) == (None, "VESTIBULE_SERVER_SMTP_URL is not set")


def test_the_thread_sends_what_is_written_while_it_runs(sending: Identity, postbox: Postbox) -> None:
    worker = outbox.delivery(sending)
    worker.start()
    try:
        write_mails(sending, 2)
        make_user(sending, "ada@example.com")
        request_reset(sending, "ada@example.com")
        finished = threading.Event()
        for _ in range(600):
            if len(postbox.received) == 3:
                break
            finished.wait(0.05)
    finally:
        worker.stop()
    assert sorted(received.recipient for received in postbox.received) == [
        "ada@example.com",
        "user0@example.com",
        "user1@example.com",
    ]


def test_mail_sealed_under_a_former_secret_is_given_up_and_holds_nothing_back(
    sending: Identity, postbox: Postbox, caplog: pytest.LogCaptureFixture
) -> None:
    write_mails(sending, 1)
    request_reset(sending, "user0@example.com")
    changed = replace(sending.settings, secret="another secret of the server, 0987654321")
    restarted = Identity(sending.store, changed, sending.clock)
    shown = {"email": "ada@example.com", "when": "today", "reset_link": "https://id.example.com"}
    with restarted.store.transaction() as tx:
        letters.queue(tx, restarted, kind="password_changed", recipient="ada@example.com", **shown)
    assert deliver_due(restarted, server(restarted)) == 3
    assert [message.recipient for message in postbox.received] == ["ada@example.com"]
    assert sorted(mail.kind for mail in stored(restarted) if mail.failed_at) == [
        "password_reset_request",
        "verify_email",
    ]
    assert deliver_due(restarted, server(restarted)) == 0
    assert caplog.text.count("mail_failed") == 2


def test_mail_bears_the_name_of_the_environment(identity: Identity) -> None:
    environment.ensure_environment(identity)
    environment.update_environment(identity, name="Example")
    write_mails(identity, 1)
    assert list_mails(identity)[0].subject.endswith(" is your code for Example")
