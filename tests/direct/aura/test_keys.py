"""Which secrets are taken, and where they are found: Aura's recorded table, and where ours differs."""

import json
from typing import Any

import pytest

from tests.direct.aura.aura_vectors import cases, vectors
from vestibule.crypto.encoding import b64url_decode
from vestibule.direct.aura.keys import AuraKeys, check_secret, find_variable
from vestibule.direct.aura.tokens import decode_claims, sign
from vestibule.errors import ConfigError

SECRETS = vectors()["secrets"]
SALT = vectors()["keys"][0]["salt"]
# What Aura refuses and we take: hex of 32 bytes, as its guide says.
MILDER = {"hex_64_random", "hex_64_upper", "hex_128_random"}
# What Aura takes and we refuse.
STRICTER = {
    "hex_64_each_digit_4_times": "repeats itself",
    "hex_32_each_digit_twice": "16 bytes",
    "alnum_32_distinct": "published",
    "alphabet_predictable_36": "published",
    "leading_space": "blank",
    "trailing_newline": "blank",
}
# Raw bytes are no text of an environment, and thirty-two zeros no secret.
NOT_TEXTS = {"bytes_32_zero", "bytes_31", "bytes_32_random"}


@pytest.mark.parametrize("case", cases("secrets", "createSecret"))
def test_a_secret_is_judged_by_what_it_holds(case: dict[str, Any]) -> None:
    name = case["id"]
    if name in NOT_TEXTS:
        assert "hex" in case
        return
    if (case["accepted"] and name not in STRICTER) or name in MILDER:
        check_secret(case["value"])
        if "signing_hex" in case:
            assert AuraKeys.derive(case["value"], SALT).signing.hex() == case["signing_hex"]
        return
    with pytest.raises(ConfigError, match=r"AURA_AUTH_SECRET .*openssl rand -base64 32") as refusal:
        check_secret(case["value"])
    assert STRICTER.get(name, "") in refusal.value.message


def test_no_recorded_secret_is_left_out() -> None:
    ids = {case["id"] for case in SECRETS["createSecret"]}
    assert len(ids) == 32
    assert ids >= MILDER | set(STRICTER) | NOT_TEXTS


def test_few_characters_are_weak_hex_too() -> None:
    with pytest.raises(ConfigError, match="different characters"):
        check_secret("12a4b" * 6 + "4ab1241ab4112a4b" * 3)


BY_ID = {case["id"]: case for case in SECRETS["createAuth"]}


@pytest.mark.parametrize("name", [name for name in BY_ID if name.startswith("env_order")])
def test_variables_are_looked_up_in_auras_order(name: str) -> None:
    case = BY_ID[name]
    secret, salt = find_variable(case["env"], "SECRET"), find_variable(case["env"], "SALT")
    assert secret is not None
    assert salt is not None
    token = case["stdout"].split("\n")[1]
    payload = decode_claims(b64url_decode(token.split(".")[1]))
    made = sign(
        json.dumps(payload, separators=(",", ":")).encode(), AuraKeys.derive(secret[1], salt[1]).signing
    )
    assert made == token


def test_an_empty_variable_hides_nothing() -> None:
    """Aura's code stops at it, whatever its documents say."""
    env = BY_ID["env_empty_string_hides_next"]["env"]
    assert "JOSE_INITIALIZATION_SECRET_MISSING" in BY_ID["env_empty_string_hides_next"]["stdout"]
    assert find_variable(env, "SECRET") == ("AURA_SECRET", env["AURA_SECRET"])
    assert find_variable({}, "SALT") is None


def test_the_placeholder_of_the_guide_is_refused_with_the_command() -> None:
    env = BY_ID["guide_placeholders"]["env"]
    with pytest.raises(ConfigError, match="AURA_AUTH_SALT"):
        check_secret(env["AURA_AUTH_SALT"], name="AURA_AUTH_SALT")
    with pytest.raises(ConfigError, match="published example"):
        check_secret("base64-or-hex-32-bytes and some more of it, to be long enough")


@pytest.mark.parametrize("name", sorted(BY_ID))
def test_settings_that_stop_aura_or_kill_it_are_named(name: str) -> None:
    """Those with which Aura starts are taken; the others are refused when the app starts, never later."""
    env, output = BY_ID[name]["env"], BY_ID[name]["stdout"]
    aura_works = "createAuth returned" in output and "still alive" in output and "500" not in output
    problems = []
    for kind in ("SECRET", "SALT"):
        found = find_variable(env, kind)
        try:
            check_secret(found[1] if found else "", name=f"AURA_AUTH_{kind}")
        except ConfigError as error:
            problems.append(error.message)
    ours_differ = {
        "hex_secret",
        "hex_salt",
        "hex_secret_handled",
        "env_empty_string_hides_next",
        "bytes_zero",
    }
    assert (not problems) is aura_works or name in ours_differ
