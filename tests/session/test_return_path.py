from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vectors.reading import named
from vestibule.session.return_path import sanitize_return_path


@pytest.mark.parametrize("vector", named("return_pathname", "input"))
def test_return_paths(vector: dict[str, Any]) -> None:
    assert sanitize_return_path(vector["input"]) == vector["output"]


@pytest.mark.parametrize("candidate", [None, 1, b"/x", ["/x"], {"a": 1}, ""])
def test_what_is_no_path_falls_back(candidate: object) -> None:
    assert sanitize_return_path(candidate, "/home") == "/home"
    assert sanitize_return_path(candidate, candidate) == "/"


def test_the_fallback_goes_through_the_same_filter() -> None:
    assert sanitize_return_path("", "//evil.example/home") == "/home"


@pytest.mark.parametrize(
    ("candidate", "path"),
    [
        ("//evil", "/"),
        ("/\\evil", "/"),
        ("/\\t/evil", "/evil"),
        ("/\t/evil", "/"),
        ("https:evil", "/evil"),
        ("https:/evil", "/evil"),
        ("///evil", "/"),
        ("/%2F/evil", "/%2F/evil"),
        ("/..//evil", "/evil"),
        ("/%2e%2E//evil", "/evil"),
        ("/.%2e/%2e/x", "/x"),
        ("javascript:", "/"),
        ("javascript:.//evil", "/evil"),
        ("javascript:\\\\evil", "/"),
        ("data:text/html,x", "/text/html,x"),
        ("x:\\\\evil.com", "/"),
        ("x:\\evil.com", "/evil.com"),
        ("https://user@evil.com/x", "/x"),
        ("file:x", "/x"),
        ("//?x=1", "/"),
        ("/a/..", "/"),
        ("/a/b/..", "/a/"),
        ("/a/.", "/a/"),
        ("/a/b/../", "/a/"),
        ("/a/../../../b", "/b"),
        ("ws://evil/x?y", "/x?y"),
        ('/"<>`{}', "/%22%3C%3E%60%7B%7D"),
        ("/?'=\"", "/?%27=%22"),
        ("/#`é", "/#%60%C3%A9"),
        ("/é?é", "/%C3%A9?%C3%A9"),
        ("/%zz%", "/%zz%"),
    ],
)
def test_OR_1_the_result_stays_on_our_origin(candidate: str, path: str) -> None:
    assert sanitize_return_path(candidate) == path


@pytest.mark.parametrize(
    "candidate",
    [
        "/x\u2028y",
        "/x\u2029y",
        "/x\x00y",
        "/x\x7fy",
        "/x\x85y",
        "/%0d%0aSet-Cookie: a=b",
        "/%0D",
        "/%0A",
        "/%00",
        "/x\ud800",
        "/" + "x" * 65_536,
        "/" + "é" * 1000,
    ],
)
def test_OR_4_hostile_text_goes_to_the_front_page(candidate: str) -> None:
    assert sanitize_return_path(candidate) == "/"


@given(st.text(), st.text())
def test_reg_CVE_2022_31093_any_text_becomes_a_local_path(candidate: str, fallback: str) -> None:
    assert_local(sanitize_return_path(candidate, fallback))


@given(st.text(alphabet="/\\.:@%2eEfF?#jhtps \t\n\x00ax", max_size=20))
def test_any_hostile_text_becomes_a_local_path(candidate: str) -> None:
    path = sanitize_return_path(candidate)
    assert_local(path)
    assert sanitize_return_path(path) == path


def assert_local(path: str) -> None:
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert path.isascii()
    assert path.isprintable()
    assert " " not in path
    assert "\\" not in path.partition("?")[0].partition("#")[0]
