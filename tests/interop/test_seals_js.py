"""One cookie, two runtimes: what they seal we read, what we seal they read."""

from typing import Any

import pytest

from tests.interop.peers import NAMES, PeerError, Peers
from tests.vectors.reading import vectors
from vestibule.crypto.passwords import utf16_length
from vestibule.crypto.seal import seal, unseal
from vestibule.errors import SealError

pytestmark = pytest.mark.js

PASSWORD = "correct-horse-battery-staple-0123456789"
PASSWORDS = {each["password"] for each in vectors()["seals"]}
SHAPES = {
    each["id"]: each["plaintext"]
    for each in vectors()["seals"]
    if each["expect"]["result"] == "ok" and isinstance(each["plaintext"], dict)
} | {
    "numbers": {"n": [0, -1, 1.5, 1e21, 9007199254740991]},
    "nested": {"a": {"b": [{"c": None}, True, [[]]]}},
    "keys": {"__proto__x": 1, "é": 2, "": 3, "\U0001f510": 4},
    "empty": {},
}
SESSIONS = {name: shape for name, shape in SHAPES.items() if "accessToken" in shape}


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest) -> Any:
    return SHAPES[request.param]


@pytest.mark.parametrize("peer", NAMES)
def test_what_we_seal_they_read(peers: Peers, peer: str, shape: Any) -> None:
    assert peers.ask(peer, "unseal", sealed=seal(shape, PASSWORD), password=PASSWORD) == shape


@pytest.mark.parametrize("peer", ["authkit-session", "iron-session"])
@pytest.mark.parametrize("ttl", [0, 600])
def test_what_they_seal_we_read(peers: Peers, peer: str, shape: Any, ttl: int) -> None:
    sealed = peers.ask(peer, "seal", payload=shape, password=PASSWORD, ttl=ttl)
    assert unseal(sealed, PASSWORD) == shape
    assert bool(sealed.split("*")[5]) == bool(ttl)


@pytest.mark.parametrize("shape", SESSIONS.values(), ids=SESSIONS)
def test_what_workos_node_seals_we_read(peers: Peers, shape: dict[str, Any]) -> None:
    sealed = peers.ask("workos-node", "seal", payload=shape, password=PASSWORD)
    known = {"user", "accessToken", "refreshToken", "authenticationMethod", "impersonator"}
    opened = unseal(sealed, PASSWORD)
    assert isinstance(opened, dict)
    assert {key: opened[key] for key in opened if key in known} == {
        key: shape[key] for key in shape if key in known
    }


@pytest.mark.parametrize("password", sorted(each for each in PASSWORDS if utf16_length(each) >= 32))
@pytest.mark.parametrize("peer", ["authkit-session", "iron-session"])
def test_any_good_password_means_the_same_to_both(peers: Peers, peer: str, password: str) -> None:
    assert peers.ask(peer, "unseal", sealed=seal({"ok": 1}, password), password=password) == {"ok": 1}
    assert unseal(peers.ask(peer, "seal", payload={"ok": 1}, password=password, ttl=0), password) == {"ok": 1}


def test_our_seals_are_as_long_as_theirs(peers: Peers, shape: Any) -> None:
    theirs = peers.ask("authkit-session", "seal", payload=shape, password=PASSWORD, ttl=0)
    assert len(theirs) == len(seal(shape, PASSWORD))


def test_a_value_they_read_and_seal_again_is_still_ours(peers: Peers) -> None:
    session = SESSIONS["session_unicode"]
    for peer in ("authkit-session", "iron-session"):
        opened = peers.ask(peer, "unseal", sealed=seal(session, PASSWORD), password=PASSWORD)
        again = peers.ask(peer, "seal", payload=opened, password=PASSWORD, ttl=0)
        assert unseal(again, PASSWORD) == session


def test_both_refuse_what_was_changed(peers: Peers) -> None:
    sealed = seal({"a": 1}, PASSWORD)
    changed = sealed.replace("*", "*A", 5)
    with pytest.raises(SealError):
        unseal(changed, PASSWORD)
    with pytest.raises(PeerError):
        peers.ask("authkit-session", "unseal", sealed=changed, password=PASSWORD)


def test_both_refuse_what_has_expired(peers: Peers) -> None:
    sealed = seal({"a": 1}, PASSWORD, ttl=1, now_ms=1_000_000_000_000)
    with pytest.raises(SealError):
        unseal(sealed, PASSWORD)
    with pytest.raises(PeerError, match="Expired"):
        peers.ask("authkit-session", "unseal", sealed=sealed, password=PASSWORD)
