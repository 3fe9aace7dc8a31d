"""Every setting, error code, command and route is in the reference, and nothing stays there that has gone."""

from tests.project import facts
from tests.project.codes import error_codes


def test_every_setting_has_a_heading() -> None:
    assert sorted(facts.settings() - facts.headings("settings.md")) == []


def test_no_setting_is_documented_that_does_not_exist() -> None:
    assert sorted(facts.headings("settings.md") - facts.settings()) == []


def test_every_command_has_a_heading() -> None:
    assert sorted(facts.commands() - facts.headings("commands.md")) == []


def test_no_command_is_documented_that_does_not_exist() -> None:
    assert sorted(facts.headings("commands.md") - facts.commands()) == []


def test_every_route_is_in_the_tables() -> None:
    routes = facts.server_routes() | facts.toolkit_routes()
    assert sorted(routes - facts.first_cells("routes.md") - facts.first_cells("dashboard.md")) == []


def test_no_route_is_documented_that_does_not_exist() -> None:
    routes = facts.server_routes() | facts.toolkit_routes()
    assert sorted(facts.first_cells("routes.md") - routes) == []


def test_no_page_of_the_dashboard_is_documented_that_does_not_exist() -> None:
    assert sorted(facts.first_cells("dashboard.md") - facts.server_routes()) == []


def test_every_error_code_is_documented() -> None:
    documented = facts.first_cells("errors.md") | facts.headings("errors.md")
    assert sorted(error_codes() - documented) == []
