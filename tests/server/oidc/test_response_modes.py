"""How the answer to an authorize request comes back: where the app asked for it, and from whom it says."""

from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.clocks import Clock
from tests.server.hosted import CHALLENGE, Form, follow, returned, submit
from tests.server.oidc.conftest import ADA, CALLBACK, PASSWORD
from tests.servers import Running

STANDARD = "/oauth2/authorize"
STATE = 'a&b"<c>'


def asked(server: Running, **more: str) -> dict[str, str]:
    asked = {"client_id": server.client_id, "redirect_uri": CALLBACK, "response_type": "code", "state": STATE}
    return asked | CHALLENGE | more


def signed_in(server: Running, browser: httpx2.Client, path: str = STANDARD, **more: str) -> httpx2.Response:
    page = follow(browser, browser.get(path, params=asked(server, **more)))
    return submit(browser, page, email=ADA, password=PASSWORD)


def test_standard_clients_are_told_who_answers(server: Running, browser: httpx2.Client) -> None:
    assert returned(signed_in(server, browser))["iss"] == server.url
    silent = follow(
        browser, browser.get(STANDARD, params=asked(server, prompt="none", response_mode="query"))
    )
    assert returned(silent)["iss"] == server.url
    refused = browser.get(STANDARD, params=asked(server, response_type="token"))
    assert (returned(refused)["error"], returned(refused)["iss"]) == ("unsupported_response_type", server.url)


def test_the_official_front_ends_get_nothing_they_would_leave_in_the_address(
    server: Running, browser: httpx2.Client
) -> None:
    answer = signed_in(server, browser, "/user_management/authorize")
    assert returned(answer).keys() == {"code", "state"}


@pytest.mark.parametrize("changed", [{}, {"response_type": "token"}, {"prompt": "none"}])
def test_an_answer_in_the_fragment(server: Running, browser: httpx2.Client, changed: dict[str, str]) -> None:
    params = asked(server, response_mode="fragment", **changed)
    page = follow(browser, browser.get(STANDARD, params=params))
    answer = submit(browser, page, email=ADA, password=PASSWORD) if page.status_code == 200 else page
    location = urlsplit(answer.headers["location"])
    fragment = {name: value[0] for name, value in parse_qs(location.fragment).items()}
    assert (location.query, fragment["state"], fragment["iss"]) == ("", STATE, server.url)
    assert ("code" in fragment) is (not changed)


def test_an_answer_in_a_form(server: Running, browser: httpx2.Client) -> None:
    page = signed_in(server, browser, response_mode="form_post")
    form = Form(page)
    assert (form.action, form.values["state"], form.values["iss"]) == (CALLBACK, STATE, server.url)
    assert form.values["code"]
    assert form.values["code"] not in str(page.url)
    policy = page.headers["content-security-policy"]
    assert "form-action 'self' http://localhost:3000" in policy
    assert "script-src 'self'" in policy
    assert page.headers["cache-control"] == "no-store"


def test_an_error_in_a_form(server: Running, browser: httpx2.Client) -> None:
    params = asked(server, response_mode="form_post", prompt="none")
    form = Form(follow(browser, browser.get(STANDARD, params=params)))
    assert (form.action, form.values["error"]) == (CALLBACK, "login_required")


@pytest.mark.parametrize("sealed", ["", "garbage", "Fe26.2*1*a*b*c**d*e~2"])
def test_nobody_else_makes_that_page_post_anything(browser: httpx2.Client, sealed: str) -> None:
    answer = browser.get("/oauth2/answer", params={"sealed": sealed})
    assert (answer.status_code, answer.headers["location"]) == (303, "/continue")


def test_a_form_is_not_offered_for_ever(server: Running, browser: httpx2.Client, clock: Clock) -> None:
    page = signed_in(server, browser, response_mode="form_post")
    clock.advance(seconds=400)
    assert browser.get(str(page.url)).status_code == 303


def test_prompt_create_begins_with_a_new_account(server: Running, browser: httpx2.Client) -> None:
    page = follow(browser, browser.get(STANDARD, params=asked(server, prompt="create")))
    assert "Create your account" in page.text
    found = browser.get("/.well-known/openid-configuration").json()
    assert "create" in found["prompt_values_supported"]
