"""A whole day with the server inside the app: from the first visit to the last, in each framework."""

from collections.abc import Callable

import pytest

from tests.embedded.apps import Built
from tests.embedded.people import FETCH, me, sign_in, sign_up
from tests.server.hosted import follow
from vestibule.server.identity.memberships import create_membership
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.users import find_user_by_email
from vestibule.testing import Clock

ADA = "ada@example.com"


def join(built: Built, email: str, name: str) -> str:
    """A new organization, made without HTTP."""
    identity = built.auth.identity
    user = find_user_by_email(identity, email)
    assert user is not None
    organization = create_organization(identity, name=name)
    create_membership(identity, user_id=user.id, organization_id=organization.id)
    return organization.id


def test_somebody_signs_up_comes_back_switches_and_signs_out(built: Built, clock: Clock) -> None:
    with built.browser() as browser:
        assert me(browser).status_code == 401
        home = sign_up(browser, ADA)
        assert (home.status_code, home.url.path, home.text) == (200, "/", "home")
        first = me(browser).json()
        assert (first["email"], first["organization"]) == (ADA, None)

        sealed = browser.cookies["wos-session"]
        clock.advance(minutes=6)
        assert me(browser).json() == first
        assert browser.cookies["wos-session"] != sealed

        engines = join(built, ADA, "Analytical Engines")
        switched = browser.post("/auth/organization", data={"organization_id": engines}, headers=FETCH)
        assert switched.status_code == 200, switched.text
        assert me(browser).json() == {**first, "organization": engines}

        left = browser.post("/auth/sign-out", headers={"sec-fetch-site": "same-origin"})
        assert left.headers["location"].startswith(
            "http://localhost:8000/id/user_management/sessions/logout?"
        )
        assert follow(browser, left).text == "home"
        assert me(browser).status_code == 401
        assert "Sign in" in follow(browser, browser.get("/auth/sign-in")).text
        assert sign_in(browser, ADA).status_code == 200
        assert me(browser).json()["email"] == ADA


def test_a_restart_keeps_everybody_signed_in(built: Built, make: Callable[..., Built], clock: Clock) -> None:
    with built.browser() as browser:
        sign_up(browser, ADA)
        cookies = dict(browser.cookies)
    built.auth.transport.close()
    again = make(built.framework)
    clock.advance(minutes=6)
    with again.browser() as browser:
        browser.cookies.update(cookies)
        assert me(browser).json()["email"] == ADA
        assert follow(browser, browser.get("/auth/sign-in")).text == "home"  # nor asks for a password


@pytest.mark.parametrize(
    ("asked", "reached"),
    [
        ("/goodbye?a=b", "http://localhost:8000/goodbye?a=b"),
        ("http://localhost:8000/goodbye", "http://localhost:8000/goodbye"),
        ("https://elsewhere.example/", "http://localhost:8000/"),
    ],
)
def test_sign_out_may_lead_to_any_page_of_the_app_and_nowhere_else(
    asked: str, reached: str, make: Callable[..., Built]
) -> None:
    built = make("flask", trusted_origins=("https://elsewhere.example",))
    with built.browser() as browser:
        sign_up(browser, ADA)
        left = browser.post(
            "/auth/sign-out", data={"return_to": asked}, headers={"sec-fetch-site": "same-origin"}
        )
        assert browser.get(left.headers["location"]).headers["location"] == reached
