import pytest

from vestibule.crypto.strict_json import parse_json, parse_object


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
