"""The reference of names is the one the code gives."""

from tests.project.api_page import PAGE, page


def test_the_page_is_written_from_the_code() -> None:
    written = "run `python -m tests.project.api_page` and review the difference"
    assert page() == PAGE.read_text("utf-8"), written
