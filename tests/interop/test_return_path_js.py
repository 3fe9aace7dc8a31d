"""The return path of ordinary and hostile addresses is the one authkit-session computes."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.interop.peers import Peers
from vestibule.session.return_path import HOSTILE, STRIPPED, sanitize_return_path

pytestmark = pytest.mark.js

HEADS = [
    "/",
    "/a/../",
    "/%2e/",
    "//evil.com/",
    "\\\\evil.com\\",
    "https://user@evil.com:8000/",
    "ftp://evil.com/",
]
HOSTS = HEADS[3:]
TAIL = st.text(alphabet="//\\\\..:@%2eEfF?#jht \t\nax[]'\"<>é^|{}`&=+~;,!*()$李", max_size=16)


@settings(max_examples=1000, deadline=None)
@given(st.sampled_from(HEADS), TAIL)
def test_both_compute_the_same_path(peers: Peers, head: str, tail: str) -> None:
    candidate = head + tail
    # What we refuse and they pass on: docs/differences.md.
    read = STRIPPED.sub("", candidate).replace("\\", "/")
    assume(not HOSTILE.search(read))
    # A tail that names a host of its own may name an impossible one: they fall back, we drop it.
    assume(head in HOSTS or not read.startswith("//"))
    theirs = peers.ask("authkit-session", "returnPath", candidate=candidate)
    # Node 24 follows the URL standard's later set and encodes this one too; it means the same to a server.
    assert sanitize_return_path(candidate).replace("^", "%5E") == theirs.replace("^", "%5E")


@pytest.mark.parametrize("candidate", ["x:\\evil.example", "javascript:\\evil.example"])
def test_we_close_the_way_out_that_a_backslash_opens_for_them(peers: Peers, candidate: str) -> None:
    assert peers.ask("authkit-session", "returnPath", candidate=candidate) == "/\\evil.example"
    assert sanitize_return_path(candidate) == "/evil.example"


@settings(max_examples=1000)
@given(st.text() | st.tuples(st.sampled_from([*HEADS, "", "x:", "https:", "javascript:"]), TAIL).map("".join))
def test_OR_1_a_browser_stays_on_our_origin(peers: Peers, candidate: str) -> None:
    path = sanitize_return_path(candidate)
    resolved = peers.ask("url", "resolve", path=path)
    assert resolved.startswith("https://app.example.com/")
    assert not resolved.startswith("https://app.example.com//")
