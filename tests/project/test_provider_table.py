from tests.project.provider_table import PAGE, page


def test_the_page_says_what_is_known_about_each_provider() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `python -m tests.project.provider_table`"
