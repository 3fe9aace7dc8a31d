from typing import Any

import pytest

from tests.vectors.reading import named, vectors
from vestibule.crypto.pkce import challenge_of, create_pair, fnv1a


@pytest.mark.parametrize("vector", vectors()["pkce_pairs"])
def test_the_challenge_is_the_hash_of_the_verifier(vector: dict[str, Any]) -> None:
    assert challenge_of(vector["verifier"]) == vector["challenge_s256"]


@pytest.mark.parametrize("vector", named("fnv1a", "hex"))
def test_fnv1a(vector: dict[str, Any]) -> None:
    assert fnv1a(vector["input"]) == vector["hex"]


def test_a_verifier_from_a_stranger_may_be_any_text() -> None:
    assert challenge_of("\ud800") != challenge_of("?")


def test_a_pair_belongs_together_and_is_new_each_time() -> None:
    first, second = create_pair(), create_pair()
    assert first.verifier != second.verifier
    assert len(first.verifier) == 43
    assert challenge_of(first.verifier) == first.challenge


def test_a_pair_does_not_print_its_verifier() -> None:
    pair = create_pair(entropy=bytes)
    assert pair.verifier not in repr(pair)
