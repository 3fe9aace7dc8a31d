import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.rude_server import RudeServer
from tests.server.outbound.receivers import Receiver, receiver
from vestibule.errors import Unreachable
from vestibule.flow import HttpRequest
from vestibule.server.outbound.addresses import Address, AddressRefused, Reach
from vestibule.server.outbound.client import Outbound

DEVELOPMENT = Reach(development=True)
HOME = ipaddress.ip_address("127.0.0.1")
PUBLIC = ipaddress.ip_address("93.184.215.14")


@pytest.fixture
def rude() -> Iterator[RudeServer]:
    server = RudeServer()
    yield server
    server.close()


def post(url: str, **more: object) -> HttpRequest:
    return HttpRequest("POST", url, {"content-type": "application/json"}, b"{}", **more)  # type: ignore[arg-type]


def test_what_arrives_is_what_was_sent() -> None:
    with receiver() as there:
        answer = Outbound(DEVELOPMENT).send(post(there.url + "/hook?a=1"))
    (received,) = there.received
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"ok", "2")
    assert (received.path, received.body) == ("/hook?a=1", b"{}")
    assert received.headers["host"] == there.url.partition("//")[2]
    assert received.headers["content-type"] == "application/json"


def test_a_line_stays_open_between_requests() -> None:
    with receiver() as there, Outbound(DEVELOPMENT).line() as line:
        for _ in range(3):
            assert line.send(post(there.url)).status == 200
    assert there.connections == 1


def test_WH_1_an_inner_address_is_refused_when_sending() -> None:
    with receiver() as there:
        for url in (there.url, "https://10.0.0.1/", "https://[::ffff:127.0.0.1]/", "https://2130706433/"):
            with pytest.raises(AddressRefused):
                Outbound(Reach()).send(post(url))
    assert there.connections == 0


def test_WH_1_a_name_with_an_inner_address_is_refused_when_sending() -> None:
    with receiver() as there:
        port = there.url.rpartition(":")[2]
        with pytest.raises(AddressRefused):
            Outbound(Reach(), resolve=lambda host: [HOME]).send(post(f"https://hooks.example.com:{port}/"))
    assert there.connections == 0


def test_WH_2_a_redirect_inwards_is_not_followed() -> None:
    with receiver() as inner, receiver() as there:
        there.answer = lambda received: 302
        there.headers = {"location": inner.url}
        assert Outbound(DEVELOPMENT).send(post(there.url)).status == 302
    assert (len(there.received), inner.connections) == (1, 0)


def never(connection: socket.socket) -> None:
    time.sleep(5)


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for _ in range(200):
        connection.sendall(b"X: y\r\n")
        time.sleep(0.05)


def drip_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(200):
        connection.sendall(b"x")
        time.sleep(0.05)


@pytest.mark.parametrize("answer", [never, drip, drip_body])
def test_WH_3_whoever_never_finishes_an_answer_is_left_at_the_deadline(
    rude: RudeServer, answer: object
) -> None:
    rude.answers["/"] = answer  # type: ignore[assignment]
    with pytest.raises(Unreachable, match="within"):
        Outbound(DEVELOPMENT).send(post(rude.url("/"), deadline=0.3))


def test_WH_3_a_huge_answer_is_not_read(rude: RudeServer) -> None:
    sent = []

    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            sent.append(connection.send(b"x" * 65536))

    rude.answers["/"] = flood
    with pytest.raises(Unreachable, match="longer than 65536"):
        Outbound(DEVELOPMENT).send(post(rude.url("/"), max_bytes=65_536))
    with Outbound(DEVELOPMENT).line() as line:
        answer = line.send(post(rude.url("/"), max_bytes=65_536), whole=False)
    assert (answer.status, len(answer.body)) == (200, 65_536)
    assert sum(sent) < 100_000_000


def test_WH_3_a_look_up_that_hangs_is_left_at_the_deadline() -> None:
    hang = threading.Event()

    def resolve(host: str) -> Sequence[Address]:
        hang.wait(10)
        return [HOME]

    with pytest.raises(Unreachable, match="within"):
        Outbound(DEVELOPMENT, resolve=resolve).send(post("http://localhost:1/", deadline=0.2))
    hang.set()


def test_WH_5_a_name_is_looked_up_once_and_its_checked_address_used() -> None:
    """The second look-up would lead inwards: there is none."""
    asked = []

    def resolve(host: str) -> Sequence[Address]:
        asked.append(host)
        return [HOME] if len(asked) == 1 else [ipaddress.ip_address("10.0.0.1")]

    with receiver() as there, Outbound(DEVELOPMENT, resolve=resolve).line() as line:
        port = there.url.rpartition(":")[2]
        for _ in range(2):
            assert line.send(post(f"http://app.localhost:{port}/")).status == 200
    assert asked == ["app.localhost"]
    assert {each.headers["host"] for each in there.received} == {f"app.localhost:{port}"}


def test_WH_5_of_a_name_with_both_only_the_public_address_is_tried() -> None:
    with receiver() as there:
        port = there.url.rpartition(":")[2]
        outbound = Outbound(Reach(), resolve=lambda host: [PUBLIC, HOME])
        with pytest.raises(Unreachable) as refused:
            outbound.send(post(f"https://hooks.example.com:{port}/", deadline=0.3))
        assert there.connections == 0
    assert not isinstance(refused.value, AddressRefused)


def test_reg_CVE_2026_27945_requests_of_customers_do_not_reach_inner_services() -> None:
    """However the address is said: written out, behind a name, or behind a redirect."""
    with receiver() as inner, receiver() as there:
        port = inner.url.rpartition(":")[2]
        there.answer = lambda received: 307
        there.headers = {"location": inner.url}
        outside = Outbound(Reach(), resolve=lambda host: [HOME])
        for url in (f"https://127.0.0.1:{port}/", f"https://hooks.example.com:{port}/", inner.url):
            with pytest.raises(AddressRefused):
                outside.send(post(url))
        assert Outbound(DEVELOPMENT).send(post(there.url)).status == 307
    assert inner.connections == 0


def test_reg_CVE_2026_55671_a_deny_list_does_not_fall_to_another_answer_of_the_name_server() -> None:
    answers = [[PUBLIC], [HOME]]
    with receiver() as inner, Outbound(Reach(), resolve=lambda host: answers.pop(0)).line() as line:
        url = f"https://hooks.example.com:{inner.url.rpartition(':')[2]}/"
        with pytest.raises(Unreachable):
            line.send(post(url, deadline=0.3))  # the address that was checked
        with pytest.raises(AddressRefused):
            line.send(post(url))  # looked up anew for a new connection, and checked anew
    assert inner.connections == 0


def test_a_name_without_an_address_is_no_answer() -> None:
    def nobody(host: str) -> Sequence[Address]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(Unreachable, match="gaierror"):
        Outbound(Reach(), resolve=nobody).send(post("https://hooks.example.com/"))


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """For `app.localhost`, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "app.localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("app.localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "receiver.pem"
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def secure(certificate: Path) -> Iterator[Receiver]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with receiver(tls=context) as there:
        yield there


def test_a_certificate_is_held_against_the_name_and_not_the_address(
    secure: Receiver, certificate: Path
) -> None:
    port = secure.url.rpartition(":")[2]
    trusting = Outbound(
        DEVELOPMENT,
        resolve=lambda host: [HOME],
        tls=lambda: ssl.create_default_context(cafile=str(certificate)),
    )
    assert trusting.send(post(f"https://app.localhost:{port}/")).status == 200
    for host in ("other.localhost", "127.0.0.1"):
        with pytest.raises(Unreachable, match="ConnectError"):
            trusting.send(post(f"https://{host}:{port}/"))
    with pytest.raises(Unreachable, match="ConnectError"):
        Outbound(DEVELOPMENT, resolve=lambda host: [HOME]).send(post(f"https://app.localhost:{port}/"))
    assert len(secure.received) == 1


def test_no_proxy_of_the_environment_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as proxy, receiver() as there:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert Outbound(DEVELOPMENT).send(post(there.url)).status == 200
    assert (proxy.connections, len(there.received)) == (0, 1)
