"""What else may seal cookies, and what the WorkOS Python SDK sealed before."""

import json
import secrets
from dataclasses import dataclass

import pytest
from cryptography.fernet import Fernet

from tests.vectors.reading import vectors
from vestibule.crypto.fernet import check_fernet_key, unseal_fernet
from vestibule.crypto.seal import unseal
from vestibule.crypto.sealer import IronSealer, sealer_of
from vestibule.errors import ConfigError, SealError


def seal_data(data: object, key: str) -> str:
    """As the SDK's function of this name; tests/interop compares the two."""
    return Fernet(key).encrypt(json.dumps(data).encode()).decode()


OLD, NEW = secrets.token_urlsafe(32), secrets.token_urlsafe(32)


def test_ours_writes_the_first_password_and_reads_all() -> None:
    sealer = IronSealer((NEW, OLD))
    assert unseal(sealer.seal({"a": 1}), NEW) == {"a": 1}
    assert sealer.unseal(IronSealer((OLD,)).seal([2], ttl=60, now_ms=1000), now_ms=1000) == [2]
    assert OLD not in repr(sealer)


@pytest.mark.parametrize(
    "given", [NEW, (NEW,), [NEW], IronSealer((NEW,))], ids=["text", "tuple", "list", "sealer"]
)
def test_passwords_stand_for_ours(given: object) -> None:
    assert sealer_of(given).unseal(IronSealer((NEW,)).seal("x")) == "x"  # type: ignore[arg-type]


def test_a_session_of_the_python_sdk_is_read() -> None:
    key = Fernet.generate_key().decode()
    assert unseal_fernet(seal_data({"access_token": "a"}, key), (Fernet.generate_key().decode(), key)) == {
        "access_token": "a"
    }
    (vector,) = [each for each in vectors()["seals"] if each["id"] == "workos_python_fernet"]
    assert unseal_fernet(vector["sealed"], (vector["password"],)) == vector["plaintext"]


def test_what_no_key_opens_is_refused() -> None:
    key = Fernet.generate_key().decode()
    sealed = seal_data({}, key)
    for text in (sealed[:-4] + "AAAA", "", "ä", "x" * 20_000, seal_data({}, Fernet.generate_key().decode())):
        with pytest.raises(SealError):
            unseal_fernet(text, (key,))
    with pytest.raises(SealError) as caught:
        unseal_fernet(Fernet(key).encrypt(b"not JSON").decode(), (key,))
    assert caught.value.code == "bad_json"


@pytest.mark.parametrize("key", ["short", "ä" * 44, "must-be-at-least-32-characters-long-secret"])
def test_what_is_no_key_of_the_sdk_is_refused_at_the_start(key: str) -> None:
    with pytest.raises(ConfigError, match="VESTIBULE_WORKOS_PYTHON_PASSWORDS"):
        check_fernet_key(key)


@dataclass
class Backwards:
    """No sealer for anybody: it only shows which one was used."""

    def seal(self, payload: object, *, ttl: int = 0, now_ms: int | None = None) -> str:
        return json.dumps(payload).encode().hex()

    def unseal(self, sealed: str, *, now_ms: int | None = None) -> object:
        try:
            return json.loads(bytes.fromhex(sealed))
        except ValueError as error:
            raise SealError("not ours") from error


def test_a_sealer_of_the_apps_own_is_taken_as_it_is() -> None:
    own = Backwards()
    assert sealer_of(own) is own  # type: ignore[arg-type]
