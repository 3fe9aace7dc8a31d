import pytest

from vestibule.server.answers import Malformed
from vestibule.server.api.bodies import UNSET, Body, Line, Secret, Text, Unset, given, read_body
from vestibule.server.identity.errors import Invalid

JSON = "application/json; charset=utf-8"
FORM = "application/x-www-form-urlencoded"


class Sample(Body):
    email: Line
    password: Secret | Unset = UNSET
    note: Text | Unset | None = UNSET
    metadata: dict[Line, Text] | Unset | None = UNSET


def read(content: bytes, *, content_type: str = JSON, forms: bool = False) -> Sample:
    return read_body(Sample, content, content_type=content_type, forms=forms)


def errors(content: bytes) -> list[dict[str, str]]:
    with pytest.raises(Invalid) as caught:
        read(content)
    return list(caught.value.errors)


def test_null_and_absent_are_told_apart() -> None:
    assert given(read(b'{"email":"a@b.c","note":null}')) == {"email": "a@b.c", "note": None}


def test_unknown_members_are_ignored() -> None:
    assert given(read(b'{"email":"a@b.c","signals_id":"x"}')) == {"email": "a@b.c"}


def test_every_problem_is_reported_with_its_field() -> None:
    assert [(each["field"], each["code"]) for each in errors(b'{"note":7,"metadata":{"a":1}}')] == [
        ("email", "email_required"),
        ("note", "note_invalid"),
        ("metadata", "metadata_invalid"),
    ]


@pytest.mark.parametrize("value", ["[]", "{}", "1", "null", '{"$ne":null}', "true"])
def test_PW_2_a_password_of_another_type_is_refused(value: str) -> None:
    content = f'{{"email":"a@b.c","password":{value}}}'.encode()
    assert [each["field"] for each in errors(content)] == ["password"]
    assert [each["field"] for each in errors(f'{{"email":{value}}}'.encode())] == ["email"]


@pytest.mark.parametrize("text", ["a\\nb", "a\\rb", "a\\n", "\\u0000", "a\\u2028b", "a\\u007f"])
def test_HI_1_a_line_holds_no_line_break_or_control_character(text: str) -> None:
    assert [each["field"] for each in errors(f'{{"email":"{text}"}}'.encode())] == ["email"]


def test_PW_1_a_password_is_taken_exactly() -> None:
    assert read(b'{"email":"a","password":" \\u0000\\n\xf0\x9f\x94\x91 "}').password == " \x00\n🔑 "


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"\xef\xbb\xbf{}",
        b'{"email":"\xff"}',
        b'{"email":"\\ud800"}',
        b"[" * 10_000,
        b'{"a":' * 10_000,
        b'{"email": NaN}',
    ],
    ids=range(10),
)
def test_SZ_4_what_is_not_json_is_refused_before_anything_else(content: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        read(content)
    assert caught.value.status == 400


@pytest.mark.parametrize("content_type", ["", "text/plain", FORM, "multipart/form-data"])
def test_CS_4_other_content_types_are_refused(content_type: str) -> None:
    with pytest.raises(Malformed) as caught:
        read(b'{"email":"a"}', content_type=content_type)
    assert caught.value.status == 415


def test_a_form_is_read_where_the_operation_says_so() -> None:
    sample = read(b"email=ada%40example.com&password=a+b", content_type=FORM, forms=True)
    assert (sample.email, sample.password) == ("ada@example.com", "a b")


@pytest.mark.parametrize("content", [b"email=a&email=b", b"email=%ff", b"&".join([b"a=b"] * 100), b"\xff"])
def test_a_form_that_says_two_things_or_nothing_readable_is_refused(content: bytes) -> None:
    with pytest.raises(Malformed):
        read(content, content_type=FORM, forms=True)


def test_what_was_sent_is_never_quoted_back() -> None:
    content = b'{"email":["canary-value"],"metadata":{"a":"\\u0000canary-value"}}'
    assert "canary-value" not in str(errors(content))
