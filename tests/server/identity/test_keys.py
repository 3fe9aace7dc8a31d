import dataclasses
import json

import pytest
from cryptography import x509

from tests.clocks import Clock
from vestibule.crypto.jwt import verify
from vestibule.crypto.keys import parse_key_set
from vestibule.crypto.signing import sign
from vestibule.errors import ConfigError
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import ensure_environment
from vestibule.server.identity.keys import (
    current_key,
    ensure_signing_key,
    jwks,
    list_signing_keys,
    rotate_signing_key,
)


@pytest.fixture
def fresh(identity: Identity) -> Identity:
    ensure_environment(identity)
    return identity


def published(identity: Identity) -> set[str]:
    return {key["kid"] for key in jwks(identity)["keys"]}


def test_the_first_key_signs_at_once_and_is_made_once(fresh: Identity) -> None:
    key = ensure_signing_key(fresh)
    assert ensure_signing_key(fresh).kid == key.kid == current_key(fresh).kid
    assert published(fresh) == {key.kid}


def test_what_it_signs_verifies_with_the_key_set(fresh: Identity) -> None:
    signer = current_key(fresh)
    now = int(fresh.now.timestamp())
    claims = {"iss": "i", "aud": "a", "sub": "s", "sid": "x", "iat": now, "exp": now + 60}
    token = sign(claims, signer.key, kid=signer.kid)
    keys = parse_key_set(json.dumps(jwks(fresh)).encode())
    assert verify(token, keys, now=now, issuers=["i"], audience="a") == claims


def test_an_entry_has_what_official_clients_require(fresh: Identity) -> None:
    ensure_signing_key(fresh)
    (entry,) = jwks(fresh)["keys"]
    assert set(entry) == {"alg", "kty", "use", "x5c", "n", "e", "kid", "x5t#S256"}
    certificate = x509.load_pem_x509_certificate(
        f"-----BEGIN CERTIFICATE-----\n{entry['x5c'][0]}\n-----END CERTIFICATE-----\n".encode()
    )
    certificate.verify_directly_issued_by(certificate)
    assert certificate.not_valid_before_utc == fresh.now


def test_the_private_key_is_sealed_and_in_no_repr(fresh: Identity) -> None:
    key = ensure_signing_key(fresh)
    assert key.private_sealed.startswith("Fe26.2*")
    assert key.private_sealed not in repr(key)
    assert "PRIVATE" not in repr(current_key(fresh))


def test_a_new_key_is_published_before_it_signs_and_an_old_one_after(fresh: Identity, clock: Clock) -> None:
    old = ensure_signing_key(fresh)
    new = rotate_signing_key(fresh)
    assert published(fresh) == {old.kid, new.kid}
    assert current_key(fresh).kid == old.kid
    clock.advance(minutes=30)
    assert current_key(fresh).kid == new.kid
    assert published(fresh) == {old.kid, new.kid}
    clock.advance(hours=1, minutes=6)
    assert published(fresh) == {new.kid}
    assert [key.kid for key in list_signing_keys(fresh)] == [old.kid, new.kid]


def test_a_key_that_leaked_is_taken_back_at_once(fresh: Identity, clock: Clock) -> None:
    ensure_signing_key(fresh)
    rotate_signing_key(fresh)
    clock.advance(minutes=10)
    new = rotate_signing_key(fresh, immediately=True)
    assert current_key(fresh).kid == new.kid
    assert published(fresh) == {new.kid}
    clock.advance(hours=1)
    assert current_key(fresh).kid == new.kid


def test_two_rotations_in_a_row_leave_one_signer_at_any_time(fresh: Identity, clock: Clock) -> None:
    first = ensure_signing_key(fresh)
    rotate_signing_key(fresh)
    clock.advance(minutes=10)
    last = rotate_signing_key(fresh)
    seen = []
    for _ in range(6):
        seen.append(current_key(fresh).kid)
        assert seen[-1] in published(fresh)
        clock.advance(minutes=10)
    assert seen[0] == first.kid
    assert seen[-1] == last.kid


def test_another_secret_says_so_and_rotation_mends_it(fresh: Identity) -> None:
    ensure_signing_key(fresh)
    settings = dataclasses.replace(fresh.settings, secret="another-secret-that-nobody-else-knows")
    changed = Identity(fresh.store, settings, fresh.clock)
    with pytest.raises(ConfigError, match="vestibule keys rotate"):
        current_key(changed)
    new = rotate_signing_key(changed)
    assert current_key(changed).kid == new.kid
    assert len(published(changed)) == 2


def test_the_key_set_is_read_once_in_five_seconds(fresh: Identity, clock: Clock) -> None:
    other_process = Identity(fresh.store, fresh.settings, fresh.clock)
    ensure_signing_key(fresh)
    before = published(other_process)
    new = rotate_signing_key(fresh)
    assert published(other_process) == before
    clock.advance(seconds=5)
    assert new.kid in published(other_process)
