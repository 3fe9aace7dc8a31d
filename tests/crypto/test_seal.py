from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vectors.reading import named, vectors
from vestibule.crypto.seal import MAX_SEALED, expires, seal, unseal
from vestibule.errors import ConfigError, SealError

PASSWORD = "correct-horse-battery-staple-0123456789"
OTHER = "another-horse-battery-staple-9876543210"
NOW = vectors()["clock_ms"]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def code_of(sealed: str, *, passwords: Any = PASSWORD, now_ms: int = NOW) -> str:
    with pytest.raises(SealError) as caught:
        unseal(sealed, passwords, now_ms=now_ms)
    return caught.value.code


@pytest.mark.parametrize("vector", named("seals"))
def test_every_sealed_text_is_read_as_the_vectors_say(vector: dict[str, Any]) -> None:
    expected = vector["expect"]
    if expected["result"] == "ok":
        value = unseal(vector["sealed"], vector["unseal_password"], now_ms=vector["now_ms"])
        assert value == vector["plaintext"]
    else:
        code = code_of(vector["sealed"], passwords=vector["unseal_password"], now_ms=vector["now_ms"])
        assert code == expected["kind"]


@pytest.mark.parametrize("vector", named("deterministic_seals"))
def test_the_same_salts_give_the_same_bytes(vector: dict[str, Any]) -> None:
    salts = iter(bytes.fromhex(vector[key]) for key in ("encryption_salt", "iv_hex", "hmac_salt"))
    sealed = seal(
        vector["plaintext"],
        vector["password"],
        ttl=vector["ttl_seconds"],
        now_ms=vector["now_ms"],
        entropy=lambda _: next(salts),
    )
    assert sealed == vector["sealed"]


@pytest.mark.parametrize("vector", named("python_sealed_examples"))
def test_texts_sealed_by_another_python_are_read(vector: dict[str, Any]) -> None:
    assert unseal(vector["sealed"], vector["password"], now_ms=NOW) is not None


def test_the_shortest_password_is_measured_in_utf_16_units() -> None:
    lengths = vectors()["password_length"]
    with pytest.raises(ConfigError):
        seal({}, lengths["password"])
    with pytest.raises(ConfigError):
        unseal("", lengths["password"])
    emoji = lengths["emoji_16_chars"]["password"]
    assert unseal(seal({"ok": True}, emoji), emoji) == {"ok": True}


def test_a_password_that_is_no_unicode_text_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError):
        seal({}, PASSWORD + "\ud83d")


@given(json_values)
def test_what_is_sealed_is_unsealed(payload: Any) -> None:
    assert unseal(seal(payload, PASSWORD), PASSWORD) == payload


@given(st.text())
def test_no_text_makes_unseal_fail_otherwise_than_with_a_seal_error(text: str) -> None:
    assert code_of(text) == "bad_structure"


@given(st.lists(st.text(alphabet="Fe26.2*1~ab_-0é\ud800", max_size=12), min_size=7, max_size=9))
def test_no_eight_parts_make_unseal_fail_otherwise(parts: list[str]) -> None:
    for text in ("*".join(parts), "Fe26.2*1*" + "*".join(parts) + "~2"):
        assert code_of(text) in {
            "bad_structure",
            "wrong_prefix",
            "invalid_expiration",
            "expired",
            "unknown_password_id",
            "bad_hmac",
        }


@pytest.mark.parametrize("payload", [float("nan"), float("inf"), object(), {"at": b"x"}, {1, 2}, {(1,): 2}])
def test_what_is_not_json_is_not_sealed(payload: Any) -> None:
    with pytest.raises(SealError) as caught:
        seal(payload, PASSWORD)
    assert caught.value.code == "bad_json"


def test_a_circle_and_a_deep_nest_are_not_sealed() -> None:
    circle: list[Any] = []
    circle.append(circle)
    nest: list[Any] = []
    for _ in range(100_000):
        nest = [nest]
    for payload in (circle, nest):
        with pytest.raises(SealError):
            seal(payload, PASSWORD)


def test_a_deep_nest_inside_a_seal_is_bad_json() -> None:
    # Signed by somebody who has the password, with another JSON writer.
    sealed = seal_text(b"[" * 20_000 + b"]" * 20_000)
    assert code_of(sealed) == "bad_json"


@pytest.mark.parametrize("text", [b"NaN", b"[Infinity]", b"\xff\xfe", b"", b"1" * 5000, b"{} {}"])
def test_signed_text_that_is_not_json_is_bad_json(text: bytes) -> None:
    assert code_of(seal_text(text)) == "bad_json"


def test_any_of_several_passwords_opens() -> None:
    sealed = seal({"n": 1}, OTHER)
    assert unseal(sealed, (PASSWORD, OTHER)) == {"n": 1}
    assert unseal(sealed, [OTHER]) == {"n": 1}
    assert code_of(sealed, passwords=(PASSWORD,)) == "bad_hmac"


def test_two_seals_of_one_value_differ() -> None:
    assert seal({}, PASSWORD) != seal({}, PASSWORD)


def test_a_seal_with_a_ttl_is_read_until_sixty_seconds_after_it() -> None:
    sealed = seal({}, PASSWORD, ttl=10, now_ms=NOW)
    assert unseal(sealed, PASSWORD, now_ms=NOW + 69_999) == {}
    assert code_of(sealed, now_ms=NOW + 70_000) == "expired"


def test_the_real_clock_is_used_when_none_is_given() -> None:
    assert unseal(seal([], PASSWORD, ttl=5), PASSWORD) == []
    with pytest.raises(SealError, match="expired"):
        unseal(seal([], PASSWORD, ttl=5, now_ms=NOW - 10**9), PASSWORD)


def test_a_value_too_large_for_any_cookie_is_neither_sealed_nor_read() -> None:
    with pytest.raises(SealError):
        seal("x" * MAX_SEALED, PASSWORD)
    assert code_of("x" + "*" * 7 + "y" * (MAX_SEALED - 8)) == "wrong_prefix"
    assert code_of("x" + "*" * 7 + "y" * (MAX_SEALED - 7)) == "bad_structure"


@pytest.mark.parametrize("expiration", ["0", "012", "-1", "1e9", "12.5", " 1", "9" * 5000, "١٢"])
def test_an_expiration_is_a_plain_number(expiration: str) -> None:
    parts = seal({}, PASSWORD).split("*")
    parts[5] = expiration
    expected = "bad_structure" if not expiration.isascii() else "invalid_expiration"
    assert code_of("*".join(parts)) == expected


def test_CK_1_each_changed_character_is_refused() -> None:
    sealed = seal({"user": {"id": "user_1"}}, PASSWORD)
    body = sealed.removesuffix("~2")
    for index, character in enumerate(body):
        changed = body[:index] + ("A" if character != "A" else "B") + body[index + 1 :] + "~2"
        assert code_of(changed) in {"bad_hmac", "wrong_prefix", "unknown_password_id", "bad_structure"}


def test_CK_2_cut_doubled_and_relabelled_seals_are_refused() -> None:
    sealed = seal({}, PASSWORD)
    body = sealed.removesuffix("~2")
    for hostile in (
        "",
        sealed[: len(sealed) // 2],
        sealed + sealed,
        sealed.rsplit("*", 1)[0] + "~2",
        body + "*x~2",
        body + "~1",
        body + "~3",
        body + "~2~2",
        body + "~",
        body + "~02",
    ):
        assert code_of(hostile) == "bad_structure"
    assert code_of(sealed.replace("Fe26.2", "Fe26.1")) == "wrong_prefix"


@pytest.mark.parametrize("name", ["__proto__", "constructor", "x" * 10_240, "2", "", "1 ", "01"])
def test_CK_5_an_unknown_password_id_is_refused(name: str) -> None:
    parts = seal({}, PASSWORD).split("*")
    parts[1] = name
    assert code_of("*".join(parts)) == "unknown_password_id"


def seal_text(plaintext: bytes) -> str:
    """A properly signed seal around bytes that `seal` itself would not write."""
    from vestibule.crypto import seal as module
    from vestibule.crypto.encoding import b64url_encode

    key, salt, iv = PASSWORD.encode(), "a" * 64, bytes(16)
    ciphertext = module._encrypt(plaintext, module._derive(key, salt), iv)
    return signed(key, salt, b64url_encode(iv), b64url_encode(ciphertext))


def signed(key: bytes, salt: str, iv: str, ciphertext: str) -> str:
    from vestibule.crypto import seal as module

    text = "*".join(("Fe26.2", "1", salt, iv, ciphertext, ""))
    return f"{text}*{salt}*{module._mac(key, salt, text.encode())}~2"


@pytest.mark.parametrize(
    ("iv", "ciphertext"),
    [("AAAA", "A" * 22), ("A" * 22, "AAAA"), ("A" * 22, ""), ("!", "A" * 22), ("A" * 22, "A" * 21 + "=")],
)
def test_signed_nonsense_is_refused(iv: str, ciphertext: str) -> None:
    assert code_of(signed(PASSWORD.encode(), "a" * 64, iv, ciphertext)) == "bad_structure"


def test_errors_do_not_repeat_the_sealed_text_or_the_password() -> None:
    sealed = seal({"secret": 1}, OTHER)
    for text in chain([sealed, sealed[:-9], "Fe26.1" + sealed[6:]]):
        with pytest.raises(SealError) as caught:
            unseal(text, PASSWORD)
        assert not any(part in repr(caught.value) for part in (PASSWORD, text[20:60]))


def test_whether_a_seal_has_an_end_is_seen_without_opening_it() -> None:
    assert not expires(seal("x", PASSWORD))
    assert expires(seal("x", PASSWORD, ttl=60))
    assert expires("no seal at all")
