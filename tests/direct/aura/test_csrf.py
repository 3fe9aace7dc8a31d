"""Aura's recorded pairs of cookie and header."""

from dataclasses import replace
from typing import Any

import pytest

from tests.direct.aura.aura_vectors import cases, options_of, tokens_of, vectors
from vestibule.crypto.encoding import b64url_decode
from vestibule.direct.aura import csrf
from vestibule.direct.aura.keys import AuraKeys
from vestibule.direct.aura.tokens import AuraTokens, decode_claims

CASES = vectors()["csrf"]["cases"]
T0 = vectors()["meta"]["t0"]
MAIN = vectors()["keys"][0]
# Aura takes two empty texts for equal, and so a pair that proves nothing.
STRICTER = {"inner_empty_string"}


@pytest.mark.parametrize("case", cases("csrf", "cases"))
def test_a_pair_is_judged_as_aura_judges_it(case: dict[str, Any]) -> None:
    fits = csrf.fits(tokens_of(case), cookie=case["cookie"], header=case["header"], now=case["clock"])
    assert fits is (case["expect"]["verifyCSRF"]["ok"] and case["id"] not in STRICTER)


def test_no_recorded_pair_is_left_out() -> None:
    assert len(CASES) == 17
    assert {case["id"] for case in CASES} >= STRICTER


@pytest.mark.parametrize("name", ["example", "with_session_options"])
def test_a_pair_is_made_again_byte_for_byte(name: str) -> None:
    recorded = vectors()["csrf"]["creation"][name]
    claims = decode_claims(recorded["payload_text"].encode())
    draws = [b64url_decode(str(claims[each])) for each in ("token", "jti")]
    options = options_of(recorded.get("session_options", {}))
    keys = AuraKeys.derive(MAIN["secret"], MAIN["salt"])
    tokens = AuraTokens((keys,), options, entropy=lambda count: draws.pop(0)[:count])
    assert csrf.make(tokens, now=T0) == recorded["token"]


def test_ours_fit_one_session_only() -> None:
    tokens = AuraTokens((AuraKeys.derive(MAIN["secret"], MAIN["salt"]),))
    mine, anybodys = csrf.make(tokens, now=T0, session_id="a"), csrf.make(tokens, now=T0)

    def fits(pair: str, session_id: str | None, header: str | None = None) -> bool:
        return csrf.fits(tokens, cookie=pair, header=header or pair, now=T0, session_id=session_id)

    assert fits(mine, "a")
    assert not fits(mine, "b")
    assert not fits(mine, None)
    assert not fits(mine, "a", header=anybodys)
    assert fits(anybodys, "a")


def test_a_page_gets_another_pair_when_the_session_is_another() -> None:
    tokens = AuraTokens((AuraKeys.derive(MAIN["secret"], MAIN["salt"]),))
    mine, anybodys = csrf.make(tokens, now=T0, session_id="a"), csrf.make(tokens, now=T0)
    assert csrf.is_usable(tokens, mine, now=T0, session_id="a")
    assert csrf.is_usable(tokens, anybodys, now=T0, session_id=None)
    assert not csrf.is_usable(tokens, anybodys, now=T0, session_id="a")
    assert not csrf.is_usable(tokens, mine, now=T0, session_id="b")
    assert not csrf.is_usable(tokens, None, now=T0, session_id=None)
    short = replace(tokens, options=replace(tokens.options, max_age=10))
    assert not csrf.is_usable(tokens, csrf.make(short, now=T0), now=T0 + 10, session_id=None)
