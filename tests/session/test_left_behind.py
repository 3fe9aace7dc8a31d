"""Cookies that AuthKit's JavaScript left in the browser, as they are when it has gone."""

import json

from tests.session.browser import Browser


def test_PS_2_verifiers_that_were_left_behind_empty_are_none(browser: Browser) -> None:
    """`@workos-inc/authkit-nextjs` empties its own instead of deleting them."""
    browser.jar |= {f"wos-auth-verifier-0000000{number}": "" for number in range(9)}
    first, second = browser.get("/auth/sign-in"), browser.get("/auth/sign-in")
    assert browser.get(browser.issuer.authorize(first.location)).status == 303
    browser.jar = {name: value for name, value in browser.jar.items() if not value}
    answer = browser.fetch(browser.issuer.authorize(second.location))
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (400, "verifier_cookie_missing")
