from tests.project.dashboard_table import PAGE, page


def test_the_page_says_which_role_each_page_of_the_dashboard_takes() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `python -m tests.project.dashboard_table`"
