"""Somebody who is suspended, at the pages and at the API: told so once they have proven who they are."""

from tests.server.login.conftest import PASSWORD, App
from vestibule.server.identity.people import User
from vestibule.server.identity.suspending import suspend_user
from vestibule.server.identity.users import find_user_by_email


def suspended(app: App) -> User:
    user = find_user_by_email(app.server.identity, "ada@example.com")
    assert user is not None
    return suspend_user(app.server.identity, user.id)


def test_the_right_password_is_told_and_a_wrong_one_is_not(app: App) -> None:
    suspended(app)
    browser = app.browser()
    page = browser.sign_in(app.begin(browser), "ada@example.com", "wrong")
    assert "do not belong together" in page.text
    browser = app.browser()
    page = browser.sign_in(app.begin(browser), "ada@example.com", PASSWORD)
    assert page.status == 403
    assert "This account is suspended" in page.text
    assert "user_suspended" in page.text


def test_the_api_says_so_with_a_code_and_shows_it_nowhere_else(app: App) -> None:
    user = suspended(app)
    grant = {"grant_type": "password", "email": user.email, "client_id": app.server.client_id}
    with app.server.client() as client:
        secret = client.headers["authorization"].removeprefix("Bearer ")
        for password, expected in (("wrong", (401, 400, 403)), (PASSWORD, (403,))):
            answer = client.post(
                "/user_management/authenticate", json={**grant, "client_secret": secret, "password": password}
            )
            assert answer.status_code in expected
            assert (answer.json().get("code") == "user_suspended") == (password == PASSWORD)
        shown = client.get(f"/user_management/users/{user.id}").json()
    assert "suspended_at" not in shown
