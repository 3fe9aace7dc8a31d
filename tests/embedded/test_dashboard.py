"""The dashboard of the server inside the app: every link and form of it stays below the path."""

import re
from collections.abc import Callable

import pytest

from tests.embedded.apps import Built
from tests.embedded.people import PASSWORD
from tests.embedded.test_pages import strays, watched
from tests.server.hosted import follow, submit
from vestibule.server.dashboard.menu import GROUPS

PAGES = [entry.path for group in GROUPS for entry in group.entries]


@pytest.mark.parametrize("framework", ["flask", "starlette"])
def test_the_first_owner_comes_by_a_link_and_the_dashboard_stays_below_the_path(
    make: Callable[..., Built], framework: str, capsys: pytest.CaptureFixture[str]
) -> None:
    built = make(framework)
    assert built.auth.identity.settings.dashboard
    (address,) = re.findall(r"^http\S+/id/dashboard/setup\?token=\S+$", capsys.readouterr().err, re.MULTILINE)
    with watched(built) as (browser, seen):
        form = follow(browser, browser.get(address))
        first = submit(browser, form, email="owner@example.com", password=PASSWORD)
        assert first.url.path == "/id/dashboard"
        assert "You are the first owner of this server." in first.text
        for path in PAGES:
            page = browser.get(f"/id{path}")
            assert page.status_code == 200, (path, page.text)
        added = submit(
            browser, browser.get("/id/dashboard/operators"), email="new@example.com", role="auditor"
        )
        assert "The operator is added" in added.text
        browser.cookies.clear()
        back = submit(
            browser,
            follow(browser, browser.get("/id/dashboard/events?name=user")),
            email="owner@example.com",
            password=PASSWORD,
        )
        assert str(back.url).endswith("/id/dashboard/events?name=user")
    assert strays(seen) == []
    built.auth.mounted.close()
    assert built.auth.identity.settings.dashboard
    assert capsys.readouterr().err == "", "there is an operator"
