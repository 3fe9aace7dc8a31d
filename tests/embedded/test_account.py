"""The account page of the server inside the app: every link and form of it stays below the path."""

from collections.abc import Callable

import pytest

from tests.embedded.apps import Built
from tests.embedded.people import PASSWORD, sign_up
from tests.embedded.test_pages import ADA, join, strays, watched
from tests.server.hosted import follow, submit

PLACES = (
    *("", "/email", "/security", "/security/password", "/security/passkeys", "/security/authenticator"),
    *("/sessions", "/organizations", "/organizations/new", "/api-keys", "/api-keys/new", "/data", "/delete"),
)


@pytest.mark.parametrize("framework", ["flask", "starlette"])
def test_the_account_page_stays_below_the_path(make: Callable[..., Built], framework: str) -> None:
    built = make(framework)
    with watched(built) as (browser, seen):
        sign_up(browser, ADA)
        join(built, "Analytical Engines")
        for place in PLACES:
            page = browser.get(f"/id/account{place}")
            assert page.status_code == 200, (place, page.text)
        saved = submit(browser, browser.get("/id/account"), first_name="Ada")
        assert "Your profile is saved." in saved.text
        browser.cookies.clear()
        back = submit(
            browser, follow(browser, browser.get("/id/account/sessions")), email=ADA, password=PASSWORD
        )
        assert str(back.url).endswith("/id/account/sessions")
    assert strays(seen) == []
