import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.crypto import encoding
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


def test_the_plain_encoder_writes_what_the_quick_one_does() -> None:
    for size in range(20):
        data = bytes(range(240, 240 + size % 16)) * 2
        assert encoding.encode_plainly(data, b"-_") == base64.urlsafe_b64encode(data).decode()
        assert encoding.encode_plainly(data, b"-_").rstrip("=") == b64url_encode(data)
