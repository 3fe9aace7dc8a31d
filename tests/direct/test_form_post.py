"""Apple, which comes back by a cross-site POST: our cookies are not there, and Django's CSRF token is not."""

import json
from typing import Any
from urllib.parse import urlencode

from tests.direct.conftest import Make
from tests.direct.world import FORM, ORIGIN, SESSION, Browser, World, code_of, query_of
from vestibule.crypto.signing import key_id, public_jwk, sign
from vestibule.errors import Unreachable
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.oauth import apple
from vestibule.testing.issuer import signing_key

HOME = "https://appleid.apple.com"
CALLBACK = "/auth/callback/apple"
CLIENT = apple(client_id="com.example.app", client_secret="signed elsewhere")
NAME = json.dumps({"name": {"firstName": "Ada", "lastName": "King"}})


class Apple:
    """What Apple's endpoints answer."""

    def __init__(self) -> None:
        self.nonce = ""
        self.codes: list[str] = []

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.url == f"{HOME}/auth/keys":
            return answer({"keys": [public_jwk(signing_key())]})
        if request.url != f"{HOME}/auth/token":
            raise Unreachable("nobody is there")
        self.codes.append(query_of(f"?{request.body.decode()}")["code"])
        claims = {"iss": HOME, "aud": CLIENT.client_id, "sub": "a.1", "iat": 1_800_000_000}
        claims |= {"exp": 1_800_000_600, "nonce": self.nonce, "email": "ada@example.com"}
        claims |= {"email_verified": "true"}
        token = sign(claims, signing_key(), kid=key_id(signing_key()), typ="JWT")
        return answer({"access_token": "at", "token_type": "Bearer", "expires_in": 3600, "id_token": token})


def answer(body: object) -> HttpResponse:
    return HttpResponse(200, json.dumps(body).encode(), {"content-type": "application/json"})


def world_with(make: Make) -> tuple[World, Apple]:
    place = Apple()
    return make(clients=(CLIENT,), send=place), place


def begin(browser: Browser, place: Apple) -> dict[str, str]:
    asked = query_of(browser.begin("apple", return_to="/me"))
    assert asked["response_mode"] == "form_post"
    place.nonce = asked["nonce"]
    return asked


def come_back(browser: Browser, **fields: str) -> Any:
    """As Apple's page makes the browser do."""
    more = {"Content-Type": FORM, "Origin": HOME}
    return browser.send("POST", CALLBACK, urlencode(fields).encode(), site="cross-site", **more)


def test_the_post_becomes_a_get_that_has_our_cookies(make: Make) -> None:
    world, place = world_with(make)
    browser = world.browser()
    state = begin(browser, place)["state"]
    before = dict(browser.cookies)
    handed = come_back(browser, state=state, code="the-code", user=NAME)
    assert handed.status == 303
    assert handed.location.startswith(f"{ORIGIN}{CALLBACK}?handoff=")
    assert "the-code" not in handed.location
    assert "firstName" not in handed.location
    assert (browser.cookies, place.codes) == (before, [])
    assert browser.open(handed.location, site="cross-site").location == "/me"
    me = browser.get("/me").json
    assert (me["id"], me["name"]) == ("apple:a.1", "Ada King")
    assert place.codes == ["the-code"]


def test_PS_1_somebody_elses_post_signs_nobody_in(either: Make) -> None:
    world, place = world_with(either)
    mallory, ada = world.browser(), world.browser()
    handed = come_back(mallory, state=begin(mallory, place)["state"], code="mallorys").location
    assert code_of(ada.get(handed)) == "verifier_cookie_missing"
    begin(ada, place)
    assert code_of(ada.get(handed)) == "state_mismatch"
    assert place.codes == []


def test_PS_3_what_was_handed_over_is_good_for_a_minute(either: Make) -> None:
    world, place = world_with(either)
    browser = world.browser()
    handed = come_back(browser, state=begin(browser, place)["state"], code="x").location
    world.clock.advance(seconds=130)
    assert code_of(browser.get(handed)) == "state_expired"
    assert code_of(browser.get(f"{handed}x")) == "state_unreadable"
    assert code_of(browser.get(f"{CALLBACK}?handoff=x")) == "state_unreadable"
    assert SESSION not in browser.cookies


def test_who_would_rather_not_comes_back_like_this_too(either: Make) -> None:
    world, place = world_with(either)
    browser = world.browser()
    handed = come_back(browser, state=begin(browser, place)["state"], error="user_cancelled_authorize")
    page = browser.open(handed.location, site="cross-site")
    assert page.status == 400
    assert browser.cookies == {}
    empty = browser.send("POST", CALLBACK, b"{}", site="cross-site", **{"Content-Type": "text/plain"})
    assert code_of(browser.get(empty.location)) == "state_missing"
