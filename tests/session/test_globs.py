"""Which paths a glob means: what the JavaScript middleware makes of it, and nothing ambiguous."""

import time
from typing import Any

import pytest

from tests.vectors.reading import vectors
from vestibule.errors import ConfigError
from vestibule.session.globs import Globs, compile_glob


@pytest.mark.parametrize("case", vectors()["path_globs_nextjs"], ids=lambda case: str(case["glob"]))
def test_globs_mean_what_they_mean_to_the_javascript_middleware(case: dict[str, Any]) -> None:
    if case["error"] is not None:
        with pytest.raises(ConfigError) as caught:
            compile_glob(case["glob"])
        assert case["glob"] in caught.value.problems[0]
        return
    pattern = compile_glob(case["glob"])
    assert {path: bool(pattern.fullmatch(path)) for path in case["matches"]} == case["matches"]


@pytest.mark.parametrize(
    ("glob", "paths", "others"),
    [
        ("/files/:path+", ["/files/a", "/files/a/b"], ["/files", "/files/"]),
        ("/year/([0-9]+)", ["/year/2026", "/year/2026/"], ["/year/", "/year/x"]),
        ("/:lang(de|fr)/about", ["/de/about", "/fr/about"], ["/es/about", "/de|fr/about"]),
        ("/user-:name", ["/user-ada"], ["/user-", "/user-a/b"]),
        ("/a.b", ["/a.b"], ["/axb"]),
    ],
)
def test_what_else_a_glob_may_say(glob: str, paths: list[str], others: list[str]) -> None:
    globs = Globs([glob])
    assert [path for path in paths if not globs.match(path)] == []
    assert [path for path in others if globs.match(path)] == []


@pytest.mark.parametrize("glob", ["/*", "/a/*", "/(a", "/((a)b)", "/()", "/([)"])
def test_what_cannot_be_read_is_said_and_named(glob: str) -> None:
    with pytest.raises(ConfigError, match="no path or glob"):
        Globs([glob])


@pytest.mark.parametrize(
    "path",
    [
        *("/open/..", "/open/../me", "/open/./x", "/open//x", "//open/x"),
        *("/open/%2e%2e/me", "/open/%2F", "/open/%5c", "/open/\\x", "/open/%252e"),
    ],
)
def test_what_two_readers_read_differently_matches_nothing(path: str) -> None:
    assert not Globs(["/open/(.*)"]).match(path)


def test_no_globs_match_nothing() -> None:
    assert not Globs(()).match("/")


def test_a_hostile_path_takes_no_time() -> None:
    began = time.process_time()
    Globs(["/a/:path*", "/b/:path+/c"]).match("/a/" + "b/" * 20_000 + "#x#")
    assert time.process_time() - began < 1
