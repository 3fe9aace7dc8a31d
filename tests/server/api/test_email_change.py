from collections.abc import Callable
from typing import Any

import httpx2

from tests.server.people import code_in, mails_to, wrong
from tests.servers import Running

Create = Callable[..., dict[str, Any]]


def path(user: dict[str, Any], action: str) -> str:
    return f"/user_management/users/{user['id']}/email_change/{action}"


def test_a_change_of_address(server: Running, api: httpx2.Client, create_user: Create) -> None:
    user = create_user(email_verified=True)
    sent = api.post(path(user, "send"), json={"new_email": "moved@example.com"})
    assert (sent.status_code, sent.json()["new_email"]) == (200, "moved@example.com")
    assert sent.json()["user"]["email"] == user["email"]
    code = code_in(mails_to(server.identity, "moved@example.com")[0])
    assert code not in sent.text
    refused = api.post(path(user, "confirm"), json={"code": wrong(code)})
    assert (refused.status_code, refused.json()["code"]) == (400, "email_change_code_incorrect")
    moved = api.post(path(user, "confirm"), json={"code": code}).json()
    assert (moved["user"]["email"], moved["user"]["email_verified"]) == ("moved@example.com", True)
    again = api.post(path(user, "confirm"), json={"code": code})
    assert (again.status_code, again.json()["code"]) == (409, "email_change_code_previously_used")


def test_what_cannot_be_is_refused(api: httpx2.Client, create_user: Create) -> None:
    user, other = create_user(), create_user()
    for email, status, code in (
        (other["email"], 409, "email_not_available"),
        (user["email"], 409, "email_change_not_needed"),
        ("nobody", 422, "invalid_email"),
    ):
        refused = api.post(path(user, "send"), json={"new_email": email})
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    refused = api.post(path(user, "confirm"), json={"code": "123456"})
    assert (refused.status_code, refused.json()["code"]) == (409, "no_pending_email_change")
    for action, body in (("send", {"new_email": "a@example.com"}), ("confirm", {"code": "123456"})):
        assert api.post(path({"id": "user_none"}, action), json=body).status_code == 404


def test_five_wrong_codes_are_enough(server: Running, api: httpx2.Client, create_user: Create) -> None:
    user = create_user()
    api.post(path(user, "send"), json={"new_email": "elsewhere@example.com"})
    code = code_in(mails_to(server.identity, "elsewhere@example.com")[0])
    answers = [api.post(path(user, "confirm"), json={"code": wrong(code)}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [400] * 5 + [429]
    assert answers[5].json()["code"] == "email_change_too_many_attempts"
    assert int(answers[5].headers["retry-after"]) > 0
