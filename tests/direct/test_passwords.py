"""Passwords of an app that has its own accounts."""

import re
from typing import Any

import pytest

from tests.direct.aura.aura_vectors import cases, vectors
from vestibule.direct.credentials import Credentials
from vestibule.direct.passwords import hash_password, needs_rehash, verify_password

# RFC 7914 §12, as a PHC string.
KNOWN = (
    "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$"
    "cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw"
)


def test_a_hash_fits_its_password_and_no_other() -> None:
    stored = hash_password("correct horse")
    assert stored.startswith("$scrypt$ln=15,r=8,p=3$")
    assert verify_password("correct horse", stored)
    assert not verify_password("correct horses", stored)
    assert not needs_rehash(stored)
    assert Credentials(username="ada", password="correct horse").verify(stored)


def test_hashes_of_others_are_read_and_want_to_be_replaced() -> None:
    assert verify_password("pleaseletmein", KNOWN)
    assert not verify_password("please", KNOWN)
    assert needs_rehash(KNOWN)


@pytest.mark.parametrize("case", cases("passwords", name="hash"))
def test_hashes_of_aura_are_judged_as_it_does(case: dict[str, Any]) -> None:
    assert verify_password(case["password"], case["hash"]) is case["verify_ok"]
    if case["verify_ok"]:
        assert not verify_password(case["password"] + "x", case["hash"])
    assert needs_rehash(case["hash"])


def test_no_recorded_hash_is_left_out() -> None:
    assert len(vectors()["passwords"]) == 8


def test_nobody_and_damaged_hashes_take_the_same_work_and_are_false() -> None:
    costly = re.sub("ln=14", "ln=18", KNOWN)
    for stored in (None, costly, KNOWN.replace("U29k", "U29kU"), f"pbkdf2-sha256:1:_-8:{'-' * 42}9"):
        assert not verify_password("pleaseletmein", stored)


def test_endless_passwords_are_refused_before_any_work() -> None:
    with pytest.raises(ValueError, match="1024"):
        hash_password("x" * 1025)
    assert not verify_password("x" * 1025, KNOWN)
