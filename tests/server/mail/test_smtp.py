import datetime as dt
import ipaddress
import socket
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.server.mail.smtp_server import only, smtp_server
from vestibule.errors import ConfigError
from vestibule.server.mail.letter import Letter
from vestibule.server.mail.render import Message
from vestibule.server.mail.smtp import NotSent, SmtpServer, with_ascii_domain

SENDER = "Vestibule <no-reply@id.example.com>"
WRITTEN = dt.datetime(2026, 1, 15, 12, tzinfo=dt.UTC)


def letter(recipient: str = "ada@example.com") -> Letter:
    message = Message("042137 is your code, für Ada", "Your code is: 042137\n", "<p>Your code is: 042137</p>")
    return Letter("mail_1", recipient, WRITTEN, message)


def send(url: str, recipient: str = "ada@example.com") -> NotSent | None:
    try:
        SmtpServer.from_url(url).send(letter(recipient), sender=SENDER)
    except NotSent as error:
        return error
    return None


def test_a_letter_arrives_with_both_bodies() -> None:
    with smtp_server() as postbox:
        assert send(f"smtp://127.0.0.1:{postbox.port}") is None
    (received,) = postbox.received
    message = received.message
    assert (received.sender, received.recipient) == ("no-reply@id.example.com", "ada@example.com")
    assert message["Subject"] == "042137 is your code, für Ada"
    assert message["From"] == SENDER
    assert message["To"] == "ada@example.com"
    assert message["Message-ID"] == "<mail_1@id.example.com>"
    assert message["Date"].datetime == WRITTEN
    assert message["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    text = message.get_body(("plain",))
    assert text is not None
    assert text.get_content().splitlines() == ["Your code is: 042137"]


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 that this process trusts, as OpenSSL is told by its own variable."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    return context


def test_starttls_is_used_where_offered_and_the_password_goes_inside(tls: ssl.SSLContext) -> None:
    with smtp_server(
        tls=tls, require_starttls=True, auth_required=True, authenticator=only(b"me", b"p@ss word")
    ) as box:
        assert send(f"smtp://me:p%40ss%20word@127.0.0.1:{box.port}") is None
        refusal = send(f"smtp://me:wrong@127.0.0.1:{box.port}")
    assert [received.tls for received in box.received] == [True]
    assert refusal is not None
    assert not refusal.for_good, "the operator may mend the password"
    assert "wrong" not in str(refusal)


def test_smtps_is_tls_from_the_first_byte(tls: ssl.SSLContext) -> None:
    with smtp_server(tls=tls, implicit=True) as box:
        assert send(f"smtps://127.0.0.1:{box.port}") is None
    assert len(box.received) == 1


def test_a_certificate_of_nobody_is_not_trusted(tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with smtp_server(tls=tls) as box:
        refusal = send(f"smtp://127.0.0.1:{box.port}")
    assert refusal is not None
    assert box.received == []


@pytest.mark.parametrize(
    ("answer", "for_good"), [("451 Try later", False), ("554 No", True), ("550 Unknown", True)]
)
def test_a_refusal_is_for_now_or_for_good(answer: str, for_good: bool) -> None:
    with smtp_server() as box:
        box.answers = [answer]
        refusal = send(f"smtp://127.0.0.1:{box.port}")
    assert refusal is not None
    assert refusal.for_good is for_good
    assert answer[:3] in str(refusal)


@pytest.mark.parametrize(("answer", "for_good"), [("450 Busy", False), ("550 No such user", True)])
def test_a_recipient_is_refused_for_now_or_for_good(answer: str, for_good: bool) -> None:
    with smtp_server() as box:
        box.refused_recipients = {"ada@example.com": answer}
        refusal = send(f"smtp://127.0.0.1:{box.port}")
    assert refusal is not None
    assert refusal.for_good is for_good
    assert "ada" not in str(refusal)


def test_nobody_at_home_is_for_now() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    refusal = send(f"smtp://127.0.0.1:{port}")
    assert refusal is not None
    assert not refusal.for_good


def test_an_international_address_is_written_to() -> None:
    with smtp_server(enable_SMTPUTF8=True) as box:
        assert send(f"smtp://127.0.0.1:{box.port}", "ada@münchen.de") is None
        assert send(f"smtp://127.0.0.1:{box.port}", "åse@münchen.de") is None
    assert [received.recipient for received in box.received] == [
        "ada@xn--mnchen-3ya.de",
        "åse@xn--mnchen-3ya.de",
    ]


def test_a_server_of_ascii_cannot_write_to_everybody() -> None:
    with smtp_server(enable_SMTPUTF8=False) as box:
        assert send(f"smtp://127.0.0.1:{box.port}", "ada@münchen.de") is None
        refusal = send(f"smtp://127.0.0.1:{box.port}", "åse@münchen.de")
    assert refusal is not None
    assert refusal.for_good


def test_an_address_of_no_known_form_is_left_alone() -> None:
    assert with_ascii_domain("no address") == "no address"


@pytest.mark.parametrize("url", ["http://mail.example.com", "smtp://", "mail.example.com:587"])
def test_a_setting_that_is_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        SmtpServer.from_url(url)


def test_a_server_is_read_from_its_url() -> None:
    assert SmtpServer.from_url("smtp://mail.example.com").port == 587
    assert SmtpServer.from_url("smtps://mail.example.com").port == 465
    server = SmtpServer.from_url("smtps://me:hunter%3A2@mail.example.com:2465")
    assert (server.user, server.password, server.port) == ("me", "hunter:2", 2465)
    assert "hunter" not in repr(server)


def test_a_password_is_not_said_in_the_clear_to_another_machine() -> None:
    """127.1 is this machine to the resolver, and an unknown name to us."""
    with smtp_server() as box:
        refusal = send(f"smtp://me:secret@127.1:{box.port}")
        assert send(f"smtp://127.1:{box.port}") is None
    assert refusal is not None
    assert "no encryption" in str(refusal)
    assert len(box.received) == 1


def test_on_this_machine_a_password_may_travel_in_the_clear() -> None:
    options = {"auth_require_tls": False, "authenticator": only(b"me", b"secret")}
    for host in ("127.0.0.1", "localhost"):
        with smtp_server(**options) as box:
            assert send(f"smtp://me:secret@{host}:{box.port}") is None
            assert send(f"smtp://me:wrong@{host}:{box.port}") is not None
        assert len(box.received) == 1
