"""The peers' libraries agree with us wherever we accept; where they accept more, we say so."""

from typing import Any

import pytest

pyjwt = pytest.importorskip("jwt", reason="an oracle of the development tools")
joserfc = pytest.importorskip("joserfc.jwt", reason="an oracle of the development tools")
jwk = pytest.importorskip("joserfc.jwk")

from tests.crypto.tokens import (  # noqa: E402
    CLAIMS,
    CLIENT,
    HEADER,
    ISSUER,
    KID,
    NOW,
    jwks,
    key_set,
    raw_token,
    signing_key,
    token,
)
from vestibule.crypto.jwt import verify  # noqa: E402
from vestibule.crypto.keys import parse_key_set  # noqa: E402
from vestibule.crypto.signing import dump_signing_key, key_id, public_jwk, sign  # noqa: E402
from vestibule.errors import TokenError  # noqa: E402

PUBLIC = public_jwk(signing_key(), kid=KID)
# The tests' clock stands still, PyJWT's does not.
UNTIMED: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}


def ours(text: str) -> Any:
    return verify(text, key_set(), now=NOW, issuers=(ISSUER,), audience=CLIENT)


def pyjwts(text: str) -> Any:
    key = pyjwt.PyJWK(PUBLIC)
    return pyjwt.decode(text, key, algorithms=["RS256"], audience=CLIENT, issuer=ISSUER, options=UNTIMED)


def joses(text: str) -> Any:
    keys = jwk.KeySet.import_key_set({"keys": [PUBLIC]})
    return joserfc.decode(text, keys, algorithms=["RS256"]).claims


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"aud": [CLIENT, "other"]},
        {"role": "admin", "permissions": ["a", "b"], "org_id": "org_1"},
        {"name": "Zoë 李 👩🏽\u200d🚀", "note": 'quote " backslash \\ \u2028'},
        {"act": {"sub": "admin@example.com"}, "number": 1.5, "nothing": None, "flag": True},
    ],
)
def test_what_we_accept_the_oracles_read_alike(changes: dict[str, Any]) -> None:
    text = token(**changes)
    assert ours(text) == pyjwts(text) == joses(text) == {**CLAIMS, **changes}


def test_what_the_oracles_sign_we_read() -> None:
    header = {"kid": KID, "typ": "at+jwt"}
    assert ours(pyjwt.encode(CLAIMS, signing_key(), "RS256", header)) == CLAIMS
    key = jwk.RSAKey.import_key(dump_signing_key(signing_key()))
    assert ours(joserfc.encode({"alg": "RS256", **header}, CLAIMS, key)) == CLAIMS


def test_what_we_sign_the_oracles_read() -> None:
    text = sign(CLAIMS, signing_key(), kid=KID)
    assert pyjwts(text) == joses(text) == CLAIMS


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_JW_3_other_algorithms_are_refused_though_rightly_signed(algorithm: str) -> None:
    text = pyjwt.encode(CLAIMS, signing_key(), algorithm, {"kid": KID, "typ": "at+jwt"})
    with pytest.raises(TokenError) as caught:
        ours(text)
    assert caught.value.code == "token_algorithm"


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
def test_JW_3_keys_of_other_kinds_are_refused_though_published(algorithm: str) -> None:
    key = jwk.ECKey.generate_key("P-256") if algorithm == "ES256" else jwk.OKPKey.generate_key("Ed25519")
    header = {"alg": algorithm, "kid": "other", "typ": "at+jwt"}
    text = joserfc.encode(header, CLAIMS, key, algorithms=[algorithm])
    keys = parse_key_set(jwks({**key.as_dict(private=False), "kid": "other", "alg": algorithm}, PUBLIC))
    with pytest.raises(TokenError) as caught:
        verify(text, keys, now=NOW, issuers=(ISSUER,), audience=CLIENT)
    assert caught.value.code == "token_algorithm"
    assert keys.find("other") is None


def test_we_refuse_duplicate_members_and_the_oracles_do_not() -> None:
    payload = raw_payload_with_two_subjects()
    text = raw_token(HEADER, payload)
    assert pyjwts(text)["sub"] == joses(text)["sub"] == "user_2"
    with pytest.raises(TokenError):
        ours(text)


def test_the_thumbprint_is_the_standard_one() -> None:
    assert key_id(signing_key()) == jwk.RSAKey.import_key(dump_signing_key(signing_key())).thumbprint()


def raw_payload_with_two_subjects() -> bytes:
    import json

    return json.dumps(CLAIMS)[:-1].encode() + b',"sub":"user_2"}'
