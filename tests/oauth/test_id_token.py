"""ID tokens that are not for us, and key sets that are not what they should be."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.oauth.stage import (
    CLIENT_ID,
    ISSUER,
    KID,
    NOW,
    SECRET,
    Issuer,
    answer,
    id_token,
    key_set,
    signing_key,
)
from vestibule.crypto.encoding import b64url_encode
from vestibule.crypto.signing import public_jwk
from vestibule.errors import ProviderError, ProviderUnreachable, TokenError
from vestibule.flow import HttpResponse
from vestibule.oauth.id_token import ANY_NONCE, Expected, matches_issuer, verify_id_token
from vestibule.oauth.provider_keys import ProviderKeys, parse_provider_keys
from vestibule.oauth.refusals import ID_TOKEN

EC_KEY = ECKey.import_key(ec.generate_private_key(ec.SECP256R1()), {"kid": "ec"})
EXPECTED: dict[str, Any] = {
    "issuers": (ISSUER,),
    "client_id": CLIENT_ID,
    "algorithms": ("RS256", "PS256", "ES256"),
    "nonce": "n-1",
}
CLAIMS = {"iss": ISSUER, "sub": "ada", "aud": CLIENT_ID, "iat": NOW, "exp": NOW + 600, "nonce": "n-1"}
HASH = b64url_encode(sha256(b"at-1").digest()[:16])


def keys(*entries: Any) -> ProviderKeys:
    return parse_provider_keys(json.dumps({"keys": entries or [public_jwk(signing_key(), kid=KID)]}).encode())


def verify(token: str, found: ProviderKeys | None = None, **expected: Any) -> dict[str, Any]:
    return verify_id_token(token, found or keys(), Expected(**{**EXPECTED, **expected}), now=NOW)


def refused(token: str, found: ProviderKeys | None = None, **expected: Any) -> str:
    with pytest.raises(TokenError) as caught:
        verify(token, found, **expected)
    return caught.value.code


def signed(header: dict[str, Any], key: Any, claims: dict[str, Any] = CLAIMS) -> str:
    return jwt.encode(header, claims, key, algorithms=[header["alg"]])


def claims(**changed: Any) -> dict[str, Any]:
    return {name: value for name, value in {**CLAIMS, **changed}.items() if value is not None}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"aud": "another"}, "token_audience"),
        ({"aud": [CLIENT_ID, "another"]}, "token_audience"),
        ({"aud": [CLIENT_ID, "another"], "azp": "another"}, "token_audience"),
        ({"aud": CLIENT_ID, "azp": "another"}, "token_audience"),
        ({"aud": [CLIENT_ID, 7], "azp": CLIENT_ID}, "token_audience"),
        ({"aud": None}, "token_audience"),
        ({"iss": ISSUER + "/"}, "token_issuer"),
        ({"iss": ISSUER[:-1]}, "token_issuer"),
        ({"iss": [ISSUER]}, "token_issuer"),
        ({"iss": None}, "token_issuer"),
        ({"exp": NOW - 60}, "token_expired"),
        ({"exp": None}, "token_claims"),
        ({"exp": str(NOW + 600)}, "token_claims"),
        ({"exp": True}, "token_claims"),
        ({"iat": None}, "token_claims"),
        ({"iat": NOW + 301}, "token_not_yet_valid"),
        ({"nbf": NOW + 61}, "token_not_yet_valid"),
        ({"nonce": "n-2"}, "token_nonce"),
        ({"nonce": None}, "token_nonce"),
        ({"nonce": 1}, "token_nonce"),
        ({"sub": None}, "token_claims"),
        ({"sub": ""}, "token_claims"),
        ({"sub": 1}, "token_claims"),
        ({"sub": "a" * 256}, "token_claims"),
    ],
)
def test_OI_1_a_token_with_claims_of_another_is_refused(changed: dict[str, Any], code: str) -> None:
    assert refused(id_token(claims(**changed))) == code


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": NOW - 59},
        {"iat": NOW + 300, "nbf": NOW + 60},
        {"aud": [CLIENT_ID]},
        {"aud": ["another", CLIENT_ID], "azp": CLIENT_ID},
        {"exp": NOW + 600.5},
    ],
)
def test_a_token_within_what_is_allowed_is_taken(changed: dict[str, Any]) -> None:
    assert verify(id_token(claims(**changed)))["sub"] == "ada"


def test_OI_1_an_unsigned_or_shared_signature_is_refused() -> None:
    head, body, signature = id_token(CLAIMS).split(".")
    none = b64url_encode(b'{"alg":"none"}')
    public = json.dumps(public_jwk(signing_key(), kid=KID))
    assert refused(f"{none}.{body}.") == "token_algorithm"
    assert refused(f"{none}.{body}.{signature}") == "token_algorithm"
    for secret in (SECRET * 4, public):
        token = signed({"alg": "HS256", "kid": KID}, OctKey.import_key(secret))
        assert refused(token, secret=SECRET * 4) == "token_algorithm"
    assert refused(f"{head}.{body}.{signature[:-4]}AAAA") == "token_signature"
    assert refused(id_token(CLAIMS, key="other", kid=KID)) == "token_signature"
    assert refused(id_token(CLAIMS, key="other")) == "token_key"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b",
        "a.b.c.d.e",
        "ä.b.c",
        "a" * 20_000,
        ".".join([b64url_encode(b'{"alg":"RS256","alg":"RS256"}'), "e30", "AA"]),
        ".".join([b64url_encode(b'{"alg":"RS256","crit":["b64"]}'), "e30", "AA"]),
        ".".join([b64url_encode(b'{"alg":"RS256","crit":[]}'), "e30", "AA"]),
        ".".join([b64url_encode(b'{"alg":"RS256","kid":7}'), "e30", "AA"]),
        ".".join([b64url_encode(b'{"alg":"RS256","kid":""}'), "e30", "AA"]),
        ".".join([b64url_encode(b"[]"), "e30", "AA"]),
        id_token(CLAIMS) + "==",
    ],
)
def test_a_text_that_is_no_token_is_refused(token: str) -> None:
    assert refused(token) == "token_malformed"


def test_a_token_that_is_too_large_is_refused_although_signed() -> None:
    assert refused(id_token(claims(groups=["g" * 100] * 200))) == "token_malformed"


def test_members_that_occur_twice_are_refused_although_signed() -> None:
    from joserfc import jws

    key = RSAKey.import_key(signing_key())
    token = jws.serialize_compact({"alg": "RS256", "kid": KID}, b'{"sub":"ada","sub":"eve"}', key)
    assert refused(token) == "token_malformed"


def test_an_algorithm_is_taken_when_it_and_its_key_fit() -> None:
    rsa_key = RSAKey.import_key(signing_key())
    found = keys(
        {**EC_KEY.as_dict(private=False), "use": "sig"}, public_jwk(signing_key(), kid=KID) | {"alg": "PS256"}
    )
    assert verify(signed({"alg": "ES256", "kid": "ec"}, EC_KEY), found)
    assert verify(signed({"alg": "PS256", "kid": KID}, rsa_key), found)
    # The key's own algorithm counts, not that of the header.
    assert refused(signed({"alg": "RS256", "kid": KID}, rsa_key), found) == "token_key"
    assert refused(signed({"alg": "RS384", "kid": KID}, rsa_key)) == "token_algorithm"
    assert refused(signed({"alg": "ES256", "kid": KID}, EC_KEY)) == "token_key"


def test_a_token_without_key_id_needs_a_single_fitting_key() -> None:
    token = signed({"alg": "RS256"}, RSAKey.import_key(signing_key()))
    other = public_jwk(signing_key("other"), kid="other")
    ours = public_jwk(signing_key(), kid=KID)
    assert verify(token, keys(ours, EC_KEY.as_dict(private=False)))
    assert refused(token, keys(ours, other)) == "token_key"
    assert refused(token, ProviderKeys({})) == "token_key"


def test_two_keys_of_one_name_are_both_tried() -> None:
    twins = keys(public_jwk(signing_key("other"), kid=KID), public_jwk(signing_key(), kid=KID))
    assert verify(id_token(CLAIMS), twins)


def test_a_provider_that_signs_with_the_secret_is_believed_when_it_is_set_so() -> None:
    secret = "0123456789abcdef0123456789abcdef"
    token = signed({"alg": "HS256"}, OctKey.import_key(secret))
    assert verify(token, algorithms=("HS256",), secret=secret)
    assert refused(token, algorithms=("HS256",), secret=None) == "token_key"
    assert refused(token, algorithms=("HS256",), secret=secret[::-1]) == "token_signature"


def test_the_hash_of_the_access_token_has_to_fit() -> None:
    assert verify(id_token(claims(at_hash=HASH)), access_token="at-1")
    assert verify(id_token(claims(at_hash=HASH + "==")), access_token="at-1")
    assert refused(id_token(claims(at_hash=HASH)), access_token="at-2") == "token_at_hash"
    assert refused(id_token(claims(at_hash=7)), access_token="at-1") == "token_at_hash"
    assert verify(id_token(claims(at_hash="x")), access_token=None)


def test_who_signed_in_too_long_ago_is_refused_when_it_matters() -> None:
    assert verify(id_token(claims(auth_time=NOW - 700)))
    assert verify(id_token(claims(auth_time=NOW - 360)), max_age=300)
    assert refused(id_token(claims(auth_time=NOW - 361)), max_age=300) == "token_auth_time"
    assert refused(id_token(CLAIMS), max_age=300) == "token_claims"


def test_a_nonce_may_be_missing_where_the_table_says_so_and_must_fit_if_it_is_there() -> None:
    assert verify(id_token(claims(nonce=None)), nonce_may_be_missing=True)
    assert refused(id_token(claims(nonce="n-2")), nonce_may_be_missing=True) == "token_nonce"
    assert refused(id_token(CLAIMS), nonce=None) == "token_nonce"
    assert verify(id_token(claims(nonce="n-2")), nonce=ANY_NONCE)


def test_a_tenant_is_put_into_the_issuer_only_as_it_looks() -> None:
    issuer = "https://login.microsoftonline.com/{tenantid}/v2.0"
    tenant = "5f1b9c0e-0000-4000-8000-0123456789ab"
    assert matches_issuer(f"https://login.microsoftonline.com/{tenant}/v2.0", [issuer], {"tid": tenant})
    for bad in ("{tenantid}", "evil", "", None, tenant.upper(), tenant + "/.."):
        assert not matches_issuer(f"https://login.microsoftonline.com/{bad}/v2.0", [issuer], {"tid": bad})
    assert not matches_issuer(f"https://login.microsoftonline.com/{tenant}/v2.0", [issuer], {})


def test_JK_3_what_is_no_public_signing_key_is_left_out() -> None:
    good = public_jwk(signing_key(), kid=KID)
    weak = b64url_encode(b"\xff" * 128)
    found = keys(
        good,
        "text",
        {"kty": "oct", "k": "c2VjcmV0", "kid": "oct"},
        {**good, "kid": "enc", "use": "enc"},
        {**good, "kid": "private", "d": "AQAB"},
        {**good, "kid": "ops", "key_ops": ["sign"]},
        {**good, "kid": "ops2", "key_ops": "verify"},
        {**good, "kid": "alg", "alg": 7},
        {**good, "kid": 7},
        {**good, "kid": "k" * 257},
        {**good, "kid": "e1", "e": "AQ"},
        {**good, "kid": "e", "e": 3},
        {**good, "kid": "n", "n": "+++"},
        {**good, "kid": "weak", "n": weak},
        {"kty": "EC", "crv": "secp256k1", "kid": "curve"},
        {"kty": "OKP", "crv": "Ed25519", "kid": "okp"},
    )
    assert set(found.keys) == {KID}
    with pytest.raises(ValueError, match="not a key set"):
        parse_provider_keys(b'{"keys":{}}')
    with pytest.raises(ValueError, match="too large"):
        parse_provider_keys(b" " * 2_000_000)


def test_a_key_that_turns_out_to_be_none_is_as_good_as_absent() -> None:
    found = keys(
        {"kty": "EC", "crv": "P-256", "kid": "ec", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "P-256", "kid": "x"},
    )
    for kid in ("ec", "x"):
        assert refused(signed({"alg": "ES256", "kid": kid}, EC_KEY), found) == "token_key"


def test_JK_4_an_unknown_key_is_asked_for_once_and_not_again_for_a_while() -> None:
    issuer = Issuer()
    issuer.finish()
    where = f"{ISSUER}/keys"
    issuer.sign = lambda claims: id_token(claims, key="new")
    issuer.stage.answers[where] = key_set("new")
    for _ in range(3):  # a key set as young as this is not asked for again
        issuer.transaction = None
        with pytest.raises(ProviderError) as caught:
            issuer.finish()
        assert (caught.value.code, caught.value.side) == ("id_token_key", "provider")
    assert len(issuer.stage.requests(where)) == 1
    issuer.clock.now += 31
    issuer.transaction = None
    assert issuer.finish().profile.subject == "ada"
    assert len(issuer.stage.requests(where)) == 2


@pytest.mark.parametrize(
    "broken",
    [HttpResponse(500), HttpResponse(200, b"<html>"), answer({}), answer({"keys": []}), HttpResponse(302)],
)
def test_JK_2_a_key_set_that_fails_is_an_outage_and_the_last_good_one_stays(broken: HttpResponse) -> None:
    issuer = Issuer()
    issuer.stage.answers[f"{ISSUER}/keys"] = broken
    with pytest.raises(ProviderUnreachable) as caught:
        issuer.finish()
    assert caught.value.provider == "acme"
    issuer.stage.answers[f"{ISSUER}/keys"] = key_set()
    issuer.finish()
    issuer.stage.answers[f"{ISSUER}/keys"] = broken
    issuer.clock.now += 601
    issuer.claims |= {"iat": NOW + 601, "exp": NOW + 1200}
    issuer.transaction = None
    assert issuer.finish().profile.subject == "ada"


def test_every_refusal_of_an_id_token_is_in_the_reference() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "errors.md").read_text("utf-8")
    for code, side, hint in ID_TOKEN.values():
        assert f"| `{code}` | {side} |" in page
        assert hint
