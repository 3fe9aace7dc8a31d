import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.crypto.encoding import b64url_decode, b64url_encode


@given(st.binary())
def test_bytes_survive(data: bytes) -> None:
    assert b64url_decode(b64url_encode(data)) == data


@given(st.text(alphabet="ABab019-_+/= \n", max_size=12))
def test_a_text_that_is_read_is_the_only_spelling(text: str) -> None:
    try:
        data = b64url_decode(text)
    except ValueError:
        return
    assert b64url_encode(data) == text


@pytest.mark.parametrize("text", ["A", "AA==", "AB", "A A", "AA\n", "+A", "/A", "é", "AAAAA"])
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        b64url_decode(text)
