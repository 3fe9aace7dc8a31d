"""The rest of Aura's recorded values that are no tokens: code challenges, and when a session ends."""

from typing import Any

import pytest

from tests.direct.aura.aura_vectors import cases, tokens_of, vectors
from vestibule.crypto.pkce import challenge_of, create_pair
from vestibule.direct.expiry import Expiry, Lifetime

T0 = vectors()["meta"]["t0"]
MAIN = vectors()["keys"][0]


@pytest.mark.parametrize("case", cases("pkce", name="verifier_in"))
def test_a_code_challenge_is_the_recorded_one(case: dict[str, Any]) -> None:
    """Ours has 43 characters always; what is too short or too long for Aura is never made."""
    if "error" in case:
        assert len(case["verifier_in"]) not in range(43, 129)
        return
    assert challenge_of(case["codeVerifier"]) == case["codeChallenge"]
    assert len(create_pair().verifier) == 43


@pytest.mark.parametrize(
    "case", [each for each in cases("tokens", "cases") if each.id.startswith("strategy_")]
)
def test_a_session_is_extended_when_aura_extends_it(case: dict[str, Any]) -> None:
    options = case["session_options"]
    claims = tokens_of(case).read(case["token"], now=case["verify_clock"])
    expiry = Expiry(
        policy=options["expirationStrategy"],
        max_age=options["maxAge"],
        max_duration=options.get("maxDuration"),
        sliding_threshold=options.get("slidingThreshold", 0.25),
    )
    life = Lifetime(int(claims["iat"]), int(claims["exp"]), claims.get("mexp"))  # type: ignore[arg-type]
    extended = expiry.extended(life, case["verify_clock"])
    reissued = case["expect"]["get_session"]["session_cookie_in_reply"] != "none"
    # In the very second it was made in, Aura writes the same again.
    assert (extended is not None) is (reissued and case["verify_clock"] > T0)
    if extended is not None:
        assert extended.expires_at == min(case["verify_clock"] + 1000, life.ends_at or 2**40)


@pytest.mark.parametrize("case", cases("patch_extends_session"))
def test_finding_F_a_change_of_the_user_extends_no_fixed_session(case: dict[str, Any]) -> None:
    """Aura gives each of the four a whole new `maxAge`."""
    policy = case["session_options"]["expirationStrategy"]
    claims = tokens_of({**MAIN, **case}).read(case["session_token"], now=case["patched_at"])
    life = Lifetime(int(claims["iat"]), case["original_exp"])  # type: ignore[arg-type]
    assert claims["exp"] == case["original_exp"]
    extended = Expiry(policy=policy, max_age=1000).extended(life, case["patched_at"])
    assert (extended is not None) is (policy == "rolling")
    assert case["reply"]["session"]["expires"] == "2026-01-15T12:25:00.000Z"


def test_finding_F_no_session_is_said_to_end_after_its_end() -> None:
    expiry = Expiry(policy="rolling", max_age=1000, max_duration=1500)
    later = expiry.extended(expiry.begin(T0), T0 + 900)
    assert later is not None
    assert later.expires_at == T0 + 1500


def test_no_recorded_value_is_left_out() -> None:
    assert len(vectors()["pkce"]) == 6
    assert len(vectors()["patch_extends_session"]) == 4
