from pathlib import Path

import pytest

from vestibule.session.dotenv import parse_dotenv, read_dotenv


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=b", "b"),
        ("  A = b  ", "b"),
        ("export A=b", "b"),
        ("A=", ""),
        ("A=b # why", "b"),
        ("A=b#c", "b#c"),
        ("A=#nothing", ""),
        ("A='b # c'", "b # c"),
        ('A="b # c" # why', "b # c"),
        (r'A="b\nc"', "b\nc"),
        (r"A='b\nc'", r"b\nc"),
        (r'A="\\n"', r"\n"),
        ("A=$B", "$B"),
        ("A=b=c==", "b=c=="),
        ('A="half', '"half'),
    ],
)
def test_a_line_is_read_as_elsewhere(line: str, value: str) -> None:
    assert parse_dotenv(line) == {"A": value}


@pytest.mark.parametrize("line", ["", "# A=b", "no equals", "1A=b", "A B=c"])
def test_other_lines_are_left_out(line: str) -> None:
    assert parse_dotenv(line) == {}


def test_the_last_of_two_lines_counts() -> None:
    assert parse_dotenv("A=1\nA=2") == {"A": "2"}


def test_no_file_is_no_variables(tmp_path: Path) -> None:
    assert read_dotenv(tmp_path / "none") == {}
    assert read_dotenv(tmp_path) == {}


def test_a_byte_order_mark_is_not_part_of_the_first_name(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfA=b\r\nC=d\r\n")
    assert read_dotenv(tmp_path / ".env") == {"A": "b", "C": "d"}
