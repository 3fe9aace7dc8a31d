import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.crypto.strict_json import parse_json, parse_object, parse_plainly, parse_strictly


@pytest.mark.parametrize(
    "data", [b"", b"{", b"NaN", b"-Infinity", b"\xff", b"[" * 100_000, b"1" * 5000, b'"\x01"', b"{'a':1}"]
)
def test_what_is_not_json_is_a_value_error(data: bytes) -> None:
    for parse in (parse_json, parse_object):
        with pytest.raises(ValueError):  # noqa: PT011 - internal, its text is not promised
            parse(data)


def test_depth_is_counted_outside_texts() -> None:
    assert parse_object(b'{"a":"{{{{{{{{{[[[[\\"[[["}') == {"a": '{{{{{{{{{[[[["[[['}
    assert parse_object(b'{"a":[],"b":[],"c":[]}', max_depth=2)
    with pytest.raises(ValueError, match="deep"):
        parse_object(b'{"a":[[]]}', max_depth=2)


@pytest.mark.parametrize("data", [b'{"a":1,"a":1}', b'{"x":{"a":1,"a":2}}', b'{"a":1,"\\u0061":2}'])
def test_a_member_occurs_once(data: bytes) -> None:
    with pytest.raises(ValueError, match="duplicate"):
        parse_object(data)


def test_an_object_is_asked_for() -> None:
    assert parse_json(b"[1]") == [1]
    with pytest.raises(ValueError, match="object"):
        parse_object(b"[1]")


# What JavaScript writes and msgspec refuses, and what neither may take for JSON.
EDGES = [
    b'"\\ud800"',
    b'"\\ud83d\\u0041"',
    b'"\\ude00\\ud83d"',
    b'"\\ud83d\\ude00"',
    b'"\xed\xa0\x80"',
    b"1e400",
    b"-0",
    b"-0.0",
    b"1E2",
    b"18446744073709551616",
    b"1" * 30,
    b"5e-324",
    b"01",
    b"1.",
    b".5",
    b"+1",
    b"[1,]",
    b" [1] ",
    b"[1]\x0b",
    b'"a\nb"',
    b'"\\x41"',
    b"nul",
    b"1 2",
    b"\xef\xbb\xbf{}",
    b'{"a":1,"a":2}',
    b"\x00",
    b'"\x7f"',
]

DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def verdict(read: Callable[[bytes], object], data: bytes) -> str:
    try:
        return repr(read(data))
    except ValueError:
        return "refused"


@pytest.mark.parametrize("data", EDGES)
def test_with_and_without_the_speed_extra_the_edges_are_the_same(data: bytes) -> None:
    assert verdict(parse_json, data) == verdict(parse_plainly, data)


@given(DOCUMENTS, st.data())
def test_with_and_without_the_speed_extra_every_text_is_read_the_same(document: object, data: Any) -> None:
    text = bytearray(json.dumps(document, ensure_ascii=data.draw(st.booleans())).encode("utf-8", "replace"))
    for _ in range(data.draw(st.integers(0, 2))):
        place = data.draw(st.integers(0, len(text) - 1))
        text[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
        text = text or bytearray(b" ")
    assert verdict(parse_json, bytes(text)) == verdict(parse_plainly, bytes(text))


@given(st.dictionaries(st.sampled_from(["a", "b", "\u00e9", '"', ":"]), DOCUMENTS, max_size=3), st.data())
def test_with_and_without_the_speed_extra_every_object_is_read_the_same(
    document: dict[str, object], data: Any
) -> None:
    text = json.dumps(document, ensure_ascii=data.draw(st.booleans()), separators=(",", ":"))
    parts = [text[1:-1]] * data.draw(st.integers(1, 2)) if document else []
    twice = f"{{{data.draw(st.sampled_from([',', ', ', ' ,'])).join(parts)}}}".encode()

    def read(data: bytes) -> object:
        return parse_object(data, max_depth=99)

    assert verdict(read, twice) == verdict(parse_strictly, twice)


@pytest.mark.parametrize("data", [each for each in EDGES if each.startswith((b"{", b'"'))])
def test_a_member_of_any_kind_is_read_the_same(data: bytes) -> None:
    member = b'{"a":%s}' % data
    assert verdict(parse_object, member) == verdict(parse_strictly, member)
