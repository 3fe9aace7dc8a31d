"""All of Aura's recorded session tokens, made again byte for byte and read."""

import json
from typing import Any

import pytest
from joserfc import jwe, jws
from joserfc.jwk import OctKey

from tests.direct.aura.aura_vectors import cases, options_of, tokens_of, vectors
from vestibule.crypto.encoding import b64url_encode
from vestibule.crypto.jwt import MAX_TOKEN
from vestibule.direct.aura.identity import identity_of, time_text
from vestibule.direct.aura.jose import Jose, jose_of
from vestibule.direct.aura.keys import AuraKeys
from vestibule.direct.aura.tokens import (
    INNER,
    OF_SESSIONS,
    AuraTokens,
    TokenOptions,
    encrypt,
    sign,
)
from vestibule.errors import ConfigError, TokenError

CASES = vectors()["tokens"]["cases"]
T0 = vectors()["meta"]["t0"]
# Where Aura reads a token and we do not, with our reason: rows of docs/differences.md.
STRICTER = {
    "tamper_tag_last_char_bits": "token_malformed",  # a second spelling of the same token
    "outer_zip_def_header": "token_malformed",  # nothing is ever unpacked
    "exp_fraction": "token_claims",  # nobody writes half a second
    "missing_exp": "token_claims",  # nothing would end it
    "missing_exp_skip_validation": "token_claims",
}
# Where Aura has options about what a session shows of a token that we have no use for: finding E.
NO_SUCH_OPTION = {
    "sealed_extra_fields_skip_validation": "its reply shows jti and nbf as parts of the user",
    "sealed_extra_fields_strict": "refuses every session",
    "sealed_basic_strict": "refuses every session",
}
# Our own words for Aura's refusals; None: it is a matter of the session, not of the token.
CODES = {
    "ERR_JWE_INVALID": "token_malformed",
    "ERR_JWS_INVALID": "token_malformed",
    "ERR_JWE_DECRYPTION_FAILED": "token_signature",
    "ERR_JWS_SIGNATURE_VERIFICATION_FAILED": "token_signature",
    "ERR_JWT_EXPIRED": "token_expired",
    "JWT_EXPIRED": "token_expired",
    "ERR_JOSE_ALG_NOT_ALLOWED": "token_algorithm",
    "ERR_JOSE_NOT_SUPPORTED": "token_malformed",
}
CLAIMS = {
    'unexpected "iss" claim value': "token_issuer",
    'missing required "iss" claim': "token_issuer",
    'unexpected "typ" JWT header value': "token_type",
    '"nbf" claim timestamp check failed': "token_not_yet_valid",
}


@pytest.mark.parametrize("case", cases("keys", name="name"))
def test_two_keys_are_derived_from_the_texts(case: dict[str, Any]) -> None:
    # The library's default salt is recorded with a remark in brackets.
    keys = AuraKeys.derive(case["secret"], case["salt"].partition(" (")[0])
    assert keys.signing.hex() == case["signing_hex"]
    assert keys.encryption.hex() == case["encryption_hex"]
    assert case["signing_hex"][:8] not in repr(keys)


@pytest.mark.parametrize("case", cases("tokens", "cases"))
def test_a_token_is_read_as_aura_reads_it(case: dict[str, Any]) -> None:
    expected = case["expect"]["verifier"]
    tokens = tokens_of(case)
    if expected["ok"] and case["id"] not in STRICTER:
        assert tokens.read(case["token"], now=case["verify_clock"]) == expected["payload"]
        return
    with pytest.raises(TokenError) as refusal:
        tokens.read(case["token"], now=case["verify_clock"])
    assert refusal.value.code == STRICTER.get(case["id"]) or refusal.value.code in _reasons(expected)


def _reasons(expected: dict[str, Any]) -> set[str]:
    chain = expected.get("error_chain", [])
    by_code = {CODES[each["code"]] for each in chain if each.get("code") in CODES}
    return by_code | {CLAIMS[each["message"]] for each in chain if each.get("message") in CLAIMS}


@pytest.mark.parametrize("case", cases("tokens", "cases"))
def test_a_token_is_shown_as_a_session_as_aura_shows_it(case: dict[str, Any]) -> None:
    expected = case["expect"]["get_session"]
    try:
        claims = tokens_of(case).read(case["token"], now=case["verify_clock"], needed=OF_SESSIONS)
    except TokenError:
        assert expected["status"] == 401 or case["id"] in STRICTER
        return
    identity = identity_of(claims)
    if case["id"] in NO_SUCH_OPTION:
        assert identity == {name: claims[name] for name in ("sub", "name", "image", "email")}
    elif expected["status"] == 401:
        assert identity is None
    else:
        assert identity == expected["body"]["session"]["user"]
        if expected["session_cookie_in_reply"] == "none":
            assert time_text(claims["exp"]) == expected["body"]["session"]["expires"]  # type: ignore[arg-type]


MADE = [case for case in CASES if isinstance(case.get("created"), dict)]


@pytest.mark.parametrize("case", [pytest.param(each, id=each["id"]) for each in MADE])
def test_a_token_is_made_again_byte_for_byte(case: dict[str, Any]) -> None:
    created = case["created"]
    tokens = tokens_of(case, *created["random_values_in_order_b64url"])
    assert tokens.write(created["payload"], now=created["clock"]) == case["token"]


def test_no_recorded_token_is_left_out() -> None:
    assert len(CASES) == 78
    assert len(MADE) == 25
    ids = {case["id"] for case in CASES}
    assert set(STRICTER) | set(NO_SUCH_OPTION) <= ids


def test_the_first_secret_writes_and_all_of_them_read() -> None:
    old, new = (AuraKeys.derive(case["secret"], case["salt"]) for case in vectors()["keys"][:2])
    for mode in ("sealed", "signed", "encrypted"):
        options = TokenOptions(mode=mode)
        before = AuraTokens((old,), options).write({"sub": "u"}, now=T0)
        rotated = AuraTokens((new, old), options)
        assert rotated.read(before, now=T0)["sub"] == "u"
        after = rotated.write({"sub": "u"}, now=T0)
        assert AuraTokens((new,), options).read(after, now=T0)["sub"] == "u"
        with pytest.raises(TokenError):
            AuraTokens((old,), options).read(after, now=T0)


def test_another_library_opens_ours_and_we_open_its() -> None:
    keys = AuraKeys.derive(vectors()["keys"][0]["secret"], vectors()["keys"][0]["salt"])
    signing, encryption = OctKey.import_key(keys.signing), OctKey.import_key(keys.encryption)
    ours = AuraTokens((keys,)).write({"sub": "u", "name": "Zoë"}, now=T0)
    opened = jwe.decrypt_compact(ours, encryption, algorithms=["dir", "A256GCM"])
    inner = jws.deserialize_compact(opened.plaintext or b"", signing, algorithms=["HS256"])
    assert json.loads(inner.payload)["name"] == "Zoë"
    signed = jws.serialize_compact({"alg": "HS256", "typ": "JWT"}, inner.payload, signing)
    theirs = jwe.encrypt_compact(
        {"alg": "dir", "enc": "A256GCM", "cty": "JWT"}, signed, encryption, algorithms=["dir", "A256GCM"]
    )
    assert AuraTokens((keys,)).read(theirs, now=T0) == json.loads(inner.payload)


def test_the_functions_of_the_guide_are_there() -> None:
    first, second, *_ = vectors()["keys"]
    jose = Jose(first["secret"], first["salt"], clock=lambda: T0)
    for make, read in (
        (jose.encode_jwt, jose.decode_jwt),
        (jose.sign_jws, jose.verify_jws),
        (jose.encrypt_jwe, jose.decrypt_jwe),
    ):
        assert read(make({"sub": "u"}))["sub"] == "u"
    later = Jose(second["secret"], second["salt"], old_secrets=[first["secret"]], clock=lambda: T0)
    assert later.decode_jwt(jose.encode_jwt({"sub": "u"}))["sub"] == "u"
    sealed = next(case for case in CASES if case["id"] == "sealed_basic")
    keys = AuraKeys.derive(sealed["secret"], sealed["salt"])
    assert jose_of(AuraTokens((keys,)), clock=lambda: T0).decode_jwt(sealed["token"])["sub"] == "user_1"
    with pytest.raises(ConfigError, match="AURA_AUTH_SALT"):
        Jose(first["secret"], "short")


KEYS = AuraKeys.derive("s" * 32, "t" * 32)


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": "soon"},
        {"exp": True},
        {"exp": T0 + 0.5},
        {"exp": T0 + 60, "nbf": -1},
        {"exp": T0 + 60, "jti": 1},
        {"exp": T0 + 60, "iat": 10**15},
    ],
    ids=str,
)
def test_times_that_are_none_are_refused(claims: dict[str, Any]) -> None:
    token = sign(json.dumps(claims).encode(), KEYS.signing)
    with pytest.raises(TokenError) as refusal:
        AuraTokens((KEYS,), TokenOptions(mode="signed")).read(token, now=T0)
    assert refusal.value.code == "token_claims"


@pytest.mark.parametrize(
    "payload", [b"[1]", b"\xff", b'{"exp":1,"exp":99999999999}', b"nonsense"], ids=lambda each: str(each)
)
def test_what_is_inside_is_read_strictly(payload: bytes) -> None:
    for token, mode in (
        (sign(payload, KEYS.signing), "signed"),
        (encrypt(payload, KEYS.encryption, bytes(12)), "encrypted"),
        (encrypt(payload, KEYS.encryption, bytes(12)), "sealed"),
    ):
        with pytest.raises(TokenError) as refusal:
            AuraTokens((KEYS,), TokenOptions(mode=mode)).read(token, now=T0)  # type: ignore[arg-type]
        assert refusal.value.code == "token_malformed"


def test_the_rest_of_a_token_is_read_strictly_too() -> None:
    tokens = AuraTokens((KEYS,), TokenOptions(audience="app"))
    token = tokens.write({"sub": "u"}, now=T0)
    header, _, iv, ciphertext, tag = token.split(".")
    assert tokens.read(token, now=T0)["aud"] == "app"
    for wrong in (
        "a" * (MAX_TOKEN + 1),
        "é....",
        f"{header}..{iv[:8]}.{ciphertext}.{tag}",
        f"{header}..{iv}.{ciphertext}.{tag[:16]}",
        f"{b64url_encode(b'[]')}..{iv}.{ciphertext}.{tag}",
        f"{b64url_encode(b'{}')}..{iv}.{ciphertext}.{tag}",
    ):
        with pytest.raises(TokenError):
            tokens.read(wrong, now=T0)
    elsewhere = AuraTokens((KEYS,), TokenOptions(audience="other")).write({"sub": "u"}, now=T0)
    with pytest.raises(TokenError) as refusal:
        tokens.read(elsewhere, now=T0)
    assert refusal.value.code == "token_audience"
    assert tokens.read(AuraTokens((KEYS,)).write({"aud": ["x", "app"]}, now=T0), now=T0)["aud"] == [
        "x",
        "app",
    ]


def test_what_is_not_json_is_not_written_and_no_secret_is_shown() -> None:
    tokens = AuraTokens((KEYS,), TokenOptions(mode="signed"))
    with pytest.raises(TokenError):
        tokens.write({"at": object()}, now=T0)  # type: ignore[dict-item]
    with pytest.raises(ConfigError, match="sealed"):
        TokenOptions(mode="open")  # type: ignore[arg-type]
    assert KEYS.signing.hex() not in repr(tokens)
    assert "signing" not in repr(tokens)
    assert INNER in tokens.write({}, now=T0)


def test_options_are_those_of_the_recordings() -> None:
    assert options_of({"maxAge": 10, "jwt": {"issuer": "i"}}) == TokenOptions(max_age=10, issuer="i")


def test_a_name_that_is_no_text_is_no_identity() -> None:
    assert identity_of({"sub": "u", "name": 1}) is None
    assert identity_of({"name": "nobody"}) is None
