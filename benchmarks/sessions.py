"""Loading a session on one core: unseal the cookie, verify the access token, make the session."""

import hashlib
import hmac
import json
import subprocess
import sys
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA256
from workos import WorkOSClient
from workos.session import Session, seal_data

from benchmarks.peers import ROOT, Peers
from benchmarks.rounds import Pace, Rounds, Timer, microseconds, take_turns
from benchmarks.subject import CLIENT_ID, PASSWORD, Subject
from benchmarks.table import Row


def rows(pace: Pace) -> Iterator[Row]:
    subject = Subject()
    with Peers(**subject.facts()) as peers, Plain() as plain:
        contestants: dict[str, Timer] = {
            "uncached": microseconds(subject.loader(token_cache=0)),
            "token cache": microseconds(subject.loader()),
            "cookie cache": microseconds(subject.loader(cookie_cache=1024)),
            "plain": plain.microseconds,
            "floor": microseconds(floor(subject)),
            "workos-python": microseconds(workos_python(subject)),
            "node": lambda seconds: peers.microseconds("authkit-session", "load", seconds=seconds),
        }
        load = take_turns(contestants, pace)
        seals: dict[str, Timer] = {
            "ours": microseconds(subject.operations["seal"]),
            "node": lambda seconds: peers.microseconds("authkit-session", "seal", seconds=seconds),
        }
        seal = take_turns(seals, pace)
        node = f"authkit-session, Node {peers.node}"
    yield from load_rows(load, node)
    yield row(seal, "seal a session", node, "ours", "node", None)


def load_rows(load: Rounds, node: str) -> Iterator[Row]:
    python = "workos (Python)"
    yield row(load, "session load, uncached", node, "uncached", "node", 10)
    yield row(load, "session load, token cache", node, "token cache", "node", 20)
    yield row(load, "session load, cookie cache", node, "cookie cache", "node", 120)
    yield row(load, "session load, uncached", python, "uncached", "workos-python", 5)
    yield row(load, "session load, token cache", python, "token cache", "workos-python", None)
    yield Row(
        metric="session load, uncached",
        peer=f"the cryptography calls alone, {load['floor']:.0f} µs",
        ours=f"{load['uncached']:.0f} µs",
        measured=load.ratio("uncached", "floor"),
        unit="x",
        at_most=1.5,
    )
    yield row(load, "session load without the speed extra", node, "plain", "node", None)


def row(rounds: Rounds, metric: str, peer: str, ours: str, other: str, goal: float | None) -> Row:
    return Row(
        metric=metric,
        peer=f"{peer}, {rounds[other]:.0f} µs",
        ours=f"{rounds[ours]:.1f} µs",
        measured=rounds.ratio(other, ours),
        unit="x",
        at_least=goal,
    )


def floor(subject: Subject) -> Callable[[], object]:
    """What cannot be left out, called directly with everything else prepared: two key derivations, the
    seal's MAC, AES, the signature."""
    key = PASSWORD.encode()
    fields = subject.sealed.partition("~")[0].split("*")
    signed = "*".join(fields[:6]).encode()
    iv, ciphertext = (urlsafe_b64decode(text + "==") for text in fields[3:5])
    salts = fields[2].encode(), fields[6].encode()
    token = str(subject.payload["accessToken"])
    head, _, last = token.rpartition(".")
    verified, signature = head.encode(), urlsafe_b64decode(last + "==")
    public = subject.key.public_key()
    padding, digest = PKCS1v15(), SHA256()

    def run() -> None:
        hmac.digest(hashlib.pbkdf2_hmac("sha1", key, salts[1], 1, 32), signed, "sha256")
        decryptor = Cipher(AES(hashlib.pbkdf2_hmac("sha1", key, salts[0], 1, 32)), CBC(iv)).decryptor()
        decryptor.update(ciphertext)
        decryptor.finalize()
        public.verify(signature, verified, padding, digest)

    return run


def workos_python(subject: Subject) -> Callable[[], object]:
    """The same session in its own seal; its key set is put where it keeps one, as after a first fetch."""
    password = Fernet.generate_key().decode()
    members = subject.payload
    data = seal_data(
        {
            "access_token": members["accessToken"],
            "refresh_token": members["refreshToken"],
            "user": members["user"],
        },
        password,
    )
    client = WorkOSClient(api_key="sk_test_bench", client_id=CLIENT_ID)
    session = Session(client=client, session_data=data, cookie_password=password)
    session.jwks.fetch_data = lambda: subject.keys  # type: ignore[method-assign]

    def run() -> object:
        result = Session(client=client, session_data=data, cookie_password=password).authenticate()
        if not result.authenticated:
            raise RuntimeError("workos refused the session")
        return result

    return run


class Plain:
    """Our own load in a process that cannot import the `speed` extra."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "benchmarks.plain"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def microseconds(self, seconds: float) -> float:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the plain process was started without pipes")
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()
        return float(json.loads(self._process.stdout.readline()))

    def __enter__(self) -> "Plain":
        return self

    def __exit__(self, *_error: object) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(timeout=10)
