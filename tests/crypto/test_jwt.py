import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from tests.crypto.tokens import (
    CLAIMS,
    CLIENT,
    HEADER,
    ISSUER,
    KID,
    NOW,
    jwks,
    key_set,
    raw_token,
    segment,
    signing_key,
    token,
)
from tests.vectors.reading import named, vectors
from vestibule.crypto.jwt import ANY_AUDIENCE, WORKOS_TYPES, OptionalAudience, decode_unverified, verify
from vestibule.crypto.keys import parse_key_set
from vestibule.crypto.signing import public_jwk
from vestibule.errors import ConfigError, TokenError

WORKOS_ISSUER = "https://api.workos.com/user_management/client_test"
CODES = {
    "expired_1s": "token_expired",
    "expires_now": "token_expired",
    "no_exp": "token_claims",
    "unknown_kid": "token_key",
    "alg_none": "token_algorithm",
    "garbage": "token_malformed",
}


def check(text: str, **changes: Any) -> dict[str, Any]:
    expected: dict[str, Any] = {"now": NOW, "issuers": (ISSUER,), "audience": CLIENT, **changes}
    return verify(text, expected.pop("keys", key_set()), **expected)


def code_of(text: str, **changes: Any) -> str:
    with pytest.raises(TokenError) as caught:
        check(text, **changes)
    return caught.value.code


def check_workos(text: str) -> dict[str, Any]:
    return check(
        text,
        keys=parse_key_set(json.dumps(vectors()["jwks"]).encode()),
        now=vectors()["jwt_clock_s"],
        issuers={WORKOS_ISSUER},
        audience=OptionalAudience("client_test"),
        types=WORKOS_TYPES,
    )


@pytest.mark.parametrize("vector", named("jwts", "name"))
def test_tokens_are_judged_as_the_vectors_say(vector: dict[str, Any]) -> None:
    # no_exp is the one we refuse and jose accepts: docs/differences.md.
    if vector["jose"]["valid"] and vector["name"] != "no_exp":
        assert check_workos(vector["token"]) == vector["jose"]["claims"]
        return
    with pytest.raises(TokenError) as caught:
        check_workos(vector["token"])
    assert caught.value.code == CODES[vector["name"]]


def test_a_good_token_gives_its_claims() -> None:
    assert check(token()) == CLAIMS


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT"])
def test_the_type_is_compared_without_case(typ: str) -> None:
    assert check(raw_token({**HEADER, "typ": typ}, CLAIMS))


def test_an_audience_list_may_name_others_too() -> None:
    assert check(token(aud=["other", CLIENT]))


def test_the_sentinel_accepts_any_audience() -> None:
    assert check(token(aud="other"), audience=ANY_AUDIENCE)


@pytest.mark.parametrize(
    "aud", ["other", CLIENT + "x", CLIENT[:-1], [], ["other"], [CLIENT, 1], None, {}, ...]
)
def test_a_token_for_others_is_refused(aud: Any) -> None:
    assert code_of(token(aud=aud)) == "token_audience"


def test_the_workos_profile_lets_the_audience_be_missing_but_not_wrong() -> None:
    profile = OptionalAudience(CLIENT)
    assert check(token(aud=...), audience=profile)
    assert check(token(aud=..., client_id=CLIENT), audience=profile)
    assert code_of(token(aud="other"), audience=profile) == "token_audience"
    assert code_of(token(aud=None), audience=profile) == "token_audience"
    assert code_of(token(aud=..., client_id="other"), audience=profile) == "token_audience"
    assert code_of(token(aud=..., client_id=[CLIENT]), audience=profile) == "token_audience"


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE", "NONE", "", None, 0, ["RS256"], "rs256", ...])
def test_JW_1_unsigned_tokens_are_refused(algorithm: Any) -> None:
    header = {k: v for k, v in {**HEADER, "alg": algorithm}.items() if v is not ...}
    signed = f"{segment(header)}.{segment(CLAIMS)}"
    copied = token().rsplit(".", 1)[1]
    for text in (f"{signed}.", f"{signed}.{copied}", raw_token(header, CLAIMS)):
        assert code_of(text) == "token_algorithm"
    assert code_of(signed) == "token_malformed"


def test_reg_CVE_2026_28802_a_blank_signature_is_refused() -> None:
    for signature in ("", "AA", "A" * 342):
        assert code_of(token().rsplit(".", 1)[0] + f".{signature}") == "token_signature"


def hmac_token(secret: bytes) -> str:
    signed = f"{segment({**HEADER, 'alg': 'HS256'})}.{segment(CLAIMS)}"
    return f"{signed}.{segment(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def test_JW_2_reg_CVE_2017_11424_CVE_2022_29217_CVE_2024_33663_a_public_key_is_no_secret() -> None:
    public = signing_key().public_key()
    entry = public_jwk(signing_key(), kid=KID)
    secrets = [
        public.public_bytes(encoding, form)
        for encoding in (Encoding.PEM, Encoding.DER)
        for form in (PublicFormat.PKCS1, PublicFormat.SubjectPublicKeyInfo)
    ]
    secrets += [json.dumps(entry).encode(), str(entry["n"]).encode(), b""]
    for secret in secrets:
        assert code_of(hmac_token(secret)) == "token_algorithm"
        assert code_of(hmac_token(secret).replace(segment({**HEADER, "alg": "HS256"}), segment(HEADER))) == (
            "token_signature"
        )


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256", "ES256", "EdDSA", "HS256"])
def test_JW_3_other_algorithms_are_refused(algorithm: str) -> None:
    assert code_of(raw_token({**HEADER, "alg": algorithm}, CLAIMS)) == "token_algorithm"


def test_reg_CVE_2026_48523_the_published_algorithm_counts_too() -> None:
    keys = parse_key_set(jwks({**public_jwk(signing_key(), kid=KID), "alg": "PS256"}))
    assert code_of(token(), keys=keys) == "token_key"
    signed = token().rsplit(".", 1)[0]
    pss = PSS(mgf=MGF1(SHA256()), salt_length=32)
    signature = signing_key().sign(signed.encode(), pss, SHA256())
    assert code_of(f"{signed}.{segment(signature)}") == "token_signature"


BAD_TIMES: list[Any] = [..., None, "1767225900", True, 1.5, float(NOW + 300), -1, 10**15, [NOW + 300]]


@pytest.mark.parametrize("name", ["exp", "iat"])
@pytest.mark.parametrize("value", BAD_TIMES)
def test_JW_4_times_are_whole_seconds(name: str, value: Any) -> None:
    assert code_of(token(**{name: value})) == "token_claims"


@pytest.mark.parametrize("value", BAD_TIMES[1:])
def test_JW_4_nbf_is_a_time_if_present(value: Any) -> None:
    assert code_of(token(nbf=value)) == "token_claims"


@pytest.mark.parametrize("number", ["1e999", "1e9", "NaN", "Infinity", "9" * 5000])
def test_JW_4_odd_numbers_are_refused(number: str) -> None:
    payload = json.dumps(CLAIMS).replace(str(CLAIMS["exp"]), number).encode()
    assert code_of(raw_token(HEADER, payload)) in {"token_claims", "token_malformed"}


def test_JW_4_expiry_has_no_leeway_but_what_is_asked_for() -> None:
    assert check(token(exp=NOW + 1))
    assert code_of(token(exp=NOW)) == "token_expired"
    assert check(token(exp=NOW), leeway=1)
    assert code_of(token(exp=NOW - 61), leeway=60) == "token_expired"
    for leeway in ({"leeway": 301}, {"leeway": -1}, {"not_before_leeway": 301}, {"not_before_leeway": -1}):
        with pytest.raises(ConfigError):
            check(token(), **leeway)


def test_JW_4_the_future_is_refused_but_a_fast_clock_is_not() -> None:
    assert check(token(nbf=NOW + 60, iat=NOW + 300))
    assert code_of(token(nbf=NOW + 61)) == "token_not_yet_valid"
    assert code_of(token(nbf=NOW + 3600)) == "token_not_yet_valid"
    assert code_of(token(iat=NOW + 301, exp=NOW + 999)) == "token_not_yet_valid"
    assert code_of(token(iat=NOW + 3600, exp=NOW + 9999)) == "token_not_yet_valid"


@pytest.mark.parametrize(
    "typ",
    ["JWT", "id+jwt", "logout+jwt", "rt+jwt", "", "at+jwt ", "application/at+jwt", None, 1, ["at+jwt"], ...],
)
def test_JW_5_other_kinds_of_token_are_refused(typ: Any) -> None:
    header = {k: v for k, v in {**HEADER, "typ": typ}.items() if v is not ...}
    assert code_of(raw_token(header, CLAIMS)) == "token_type"


@pytest.mark.parametrize("name", ["sub", "sid"])
@pytest.mark.parametrize("value", [..., None, "", 1, ["user_1"]])
def test_JW_5_a_token_without_user_or_session_is_no_access_token(name: str, value: Any) -> None:
    assert code_of(token(**{name: value})) == "token_claims"


@pytest.mark.parametrize(
    "issuer",
    [ISSUER + "/", ISSUER.upper(), [ISSUER], ISSUER + ".evil", ISSUER[:-1], "https://", "", None, ...],
)
def test_JW_6_reg_CVE_2024_53861_the_issuer_is_exact(issuer: Any) -> None:
    assert code_of(token(iss=issuer)) == "token_issuer"
    assert code_of(token(iss=issuer), issuers=ISSUER) == "token_issuer"


def test_no_issuer_configured_accepts_nobody() -> None:
    assert code_of(token(), issuers=()) == "token_issuer"


@pytest.mark.parametrize(
    ("header", "payload"),
    [
        (b'{"alg":"none","alg":"RS256","kid":"key-1","typ":"at+jwt"}', CLAIMS),
        (HEADER, json.dumps(CLAIMS)[:-1].encode() + b',"sub":"user_2"}'),
        (HEADER, json.dumps(CLAIMS)[:-1].encode() + b',"x":{"a":1,"a":2}}'),
    ],
)
def test_JW_7_duplicate_members_are_refused(header: Any, payload: Any) -> None:
    assert code_of(raw_token(header, payload)) == "token_malformed"


@pytest.mark.parametrize(
    ("header", "payload"),
    [
        (HEADER, json.dumps(CLAIMS)[:-1].encode() + b',"x":' + b"[" * 2000 + b"]" * 2000 + b"}"),
        (HEADER, json.dumps(CLAIMS)[:-1].encode() + b',"x":' + b"[" * 8 + b"]" * 8 + b"}"),
        ({**HEADER, "kid": "k" * 1_000_000}, CLAIMS),
        ({**HEADER, "kid": "k" * 257}, CLAIMS),
        ({**HEADER, "kid": ""}, CLAIMS),
        ({**HEADER, "kid": None}, CLAIMS),
        ({**HEADER, "kid": [KID]}, CLAIMS),
        (HEADER, {**CLAIMS, "x": "x" * 200_000}),
    ],
)
def test_JW_8_deep_and_large_tokens_are_refused(header: Any, payload: Any) -> None:
    assert code_of(raw_token(header, payload)) == "token_malformed"


def test_depth_counts_brackets_and_not_texts() -> None:
    assert check(token(note='[{"' * 20 + "\\"))["note"] == '[{"' * 20 + "\\"
    assert check(token(x=[[[[[[[1]]]]]]]))


def test_JW_9_a_token_has_one_spelling() -> None:
    text = token()
    head, signature = text.rsplit(".", 1)
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".index(signature[-1])
    twin = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[last + 1]
    for other in (
        text + "==",
        f"{head}.{signature[:-1]}{twin}",
        f"{head}.{signature[:9]}\n{signature[9:]}",
        text + "\n",
        " " + text,
        text.replace("-", "+").replace("_", "/") + "=",
        f"{head}.{signature[:-1]}",
        text + "é",
    ):
        assert code_of(other) in {"token_malformed", "token_signature"}


@pytest.mark.parametrize("crit", [["x"], [], "x", ["exp"], None, ["b64"]])
def test_reg_CVE_2025_59420_CVE_2026_32597_critical_extensions_are_refused(crit: Any) -> None:
    for extra in ({"crit": crit}, {"crit": crit, "x": 1, "exp": 1, "b64": False}):
        assert code_of(raw_token({**HEADER, **extra}, CLAIMS)) == "token_malformed"


@pytest.mark.parametrize("member", ["jwk", "x5c", "jku", "x5u", "x5t", "b64", "cty", "zip", "enc"])
def test_reg_CVE_2026_27962_keys_come_from_the_key_set_only(member: str) -> None:
    attacker = signing_key(2)
    value = public_jwk(attacker, kid=KID) if member == "jwk" else "https://evil.example"
    text = raw_token({**HEADER, member: value}, CLAIMS, key=attacker)
    assert code_of(text) == "token_malformed"


def test_reg_CVE_2026_27932_CVE_2024_28102_CVE_2026_39373_encrypted_tokens_are_refused() -> None:
    header = segment({"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 2**31, "p2s": "AA", "zip": "DEF"})
    assert code_of(f"{header}.AA.AA.AA.AA") == "token_malformed"


@pytest.mark.parametrize("kid", ["../../dev/null", "' OR 1=1--", "%s", "{0}", "__class__", "\x00"])
def test_reg_GHSA_869p_cjfg_cm3x_a_key_id_is_only_a_name(kid: str) -> None:
    assert code_of(raw_token({**HEADER, "kid": kid}, CLAIMS)) == "token_key"


def test_a_token_signed_by_another_key_is_refused() -> None:
    assert code_of(raw_token(HEADER, CLAIMS, key=signing_key(2))) == "token_signature"


def test_a_token_without_key_id_needs_a_single_key() -> None:
    header = {key: value for key, value in HEADER.items() if key != "kid"}
    text = raw_token(header, CLAIMS)
    assert check(text)
    two = parse_key_set(jwks(public_jwk(signing_key(), kid="a"), public_jwk(signing_key(2), kid="b")))
    assert code_of(text, keys=two) == "token_key"


@pytest.mark.parametrize("text", ["", ".", "..", "...", "a.b", "a.b.c.d", "é.é.é", "\ud800.a.b"])
def test_what_is_no_token_is_malformed(text: str) -> None:
    assert code_of(text) == "token_malformed"


@pytest.mark.parametrize("hostile", ["\ud800", "é", "\x00"])
def test_text_beyond_ascii_anywhere_is_malformed(hostile: str) -> None:
    parts = token().split(".")
    for index in range(3):
        changed = [part + hostile if index == number else part for number, part in enumerate(parts)]
        assert code_of(".".join(changed)) in {"token_malformed", "token_signature"}


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b'"x"', b"{", b"\xff", b"{}x", b'{"a":NaN}'])
def test_a_payload_is_an_object(payload: bytes) -> None:
    assert code_of(raw_token(HEADER, payload)) == "token_malformed"


@given(st.text(alphabet="abcXYZ019-_.=+/ é", max_size=40))
def test_any_text_is_judged_without_a_crash(text: str) -> None:
    assert code_of(text) in {"token_malformed", "token_algorithm"}


def test_an_expired_token_can_still_be_read() -> None:
    assert decode_unverified(token(exp=1))["sid"] == "session_1"
    with pytest.raises(TokenError):
        decode_unverified("garbage")


def test_errors_do_not_repeat_the_token() -> None:
    text = token(exp=1)
    with pytest.raises(TokenError) as caught:
        check(text)
    assert text[:20] not in repr(caught.value)
