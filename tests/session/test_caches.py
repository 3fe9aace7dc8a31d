"""What is remembered never outlives what it stands for: an attack on a cache fails as it would without it."""

from dataclasses import replace

import pytest

from tests.session.browser import Browser, another, no_network, open_browser
from vestibule.crypto.seal import seal, unseal
from vestibule.errors import Unreachable
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.session.model import SignedOut
from vestibule.testing import Clock

TEN_MINUTES = 600
BOTH = {"token_cache": 8, "cookie_cache": 8}
CACHES = [{"token_cache": 0}, {"token_cache": 8}, BOTH, {"token_cache": 0, "cookie_cache": 8}]

caches = pytest.mark.parametrize("settings", CACHES, ids=["none", "tokens", "both", "cookies"])


def signed_in(**settings: object) -> Browser:
    """With a token that lives an hour, loaded often enough to be remembered wherever it can be."""
    browser = open_browser(refresh_buffer=0, **settings)
    browser.issuer.lifetime = 3600
    browser.jar.update(browser.issuer.cookies(permissions=["a"]))
    assert all(browser.session() is not None for _ in range(3))
    return browser


def wait(browser: Browser, seconds: float) -> None:
    clock = browser.issuer.clock
    assert isinstance(clock, Clock)
    clock.advance(seconds=seconds)


def remembered(browser: Browser) -> int:
    return len(browser.core.sessions._opened)


@caches
def test_the_same_session_is_loaded_with_or_without_a_cache(settings: dict[str, object]) -> None:
    browser = signed_in(**settings)
    fresh = another(browser, replace(browser.issuer.config, token_cache=0, cookie_cache=0))
    assert browser.session() == fresh.session()
    assert browser.run(browser.visit().load(), no_network) is not None


@caches
def test_a_token_that_ended_since_is_refused(settings: dict[str, object]) -> None:
    browser = signed_in(**settings)
    browser.issuer.end_sessions()
    wait(browser, 3599)
    assert browser.session() is not None
    wait(browser, 1)
    visit = browser.visit()
    assert browser.run(visit.load()) is None
    assert visit.reason is SignedOut.REFUSED


@caches
def test_a_token_that_ended_since_is_refreshed(settings: dict[str, object]) -> None:
    browser = signed_in(**settings)
    old = browser.jar["wos-session"]
    wait(browser, 3600)
    assert browser.get("/").status == 200
    assert browser.jar["wos-session"] != old
    assert browser.run(browser.visit().load(), no_network) is not None


@caches
def test_a_token_that_does_not_count_yet_after_the_clock_was_set_back_is_refused(
    settings: dict[str, object],
) -> None:
    browser = signed_in(**settings)
    browser.jar.update(browser.issuer.cookies(claims={"nbf": int(browser.issuer.clock())}))
    assert browser.session() is not None
    browser.issuer.end_sessions()
    wait(browser, -61)
    visit = browser.visit()
    assert browser.run(visit.load()) is None
    assert visit.reason is SignedOut.REFUSED


@caches
def test_a_key_that_left_the_key_set_takes_its_tokens_along(settings: dict[str, object]) -> None:
    browser = signed_in(**settings)
    browser.issuer.end_sessions()
    browser.issuer.rotate_key()
    wait(browser, TEN_MINUTES)
    visit = browser.visit()
    assert browser.run(visit.load()) is None
    assert visit.reason is SignedOut.REFUSED


@caches
def test_an_outage_of_the_key_set_leaves_sessions_alone(settings: dict[str, object]) -> None:
    browser = signed_in(**settings)
    wait(browser, TEN_MINUTES)
    assert browser.run(browser.visit().load(), lambda _: HttpResponse(503)) is not None


@caches
def test_a_changed_password_opens_nothing_that_was_open(settings: dict[str, object]) -> None:
    browser = signed_in(**settings)
    config = replace(browser.issuer.config, cookie_passwords=("another-password-of-32-characters-0123",))
    changed = another(browser, config)
    visit = changed.visit()
    assert changed.run(visit.load()) is None
    assert visit.reason is SignedOut.BAD_COOKIE


@caches
def test_a_cookie_with_one_character_changed_is_refused(settings: dict[str, object]) -> None:
    browser = signed_in(**settings)
    value = browser.jar["wos-session"]
    for place in (0, 30, len(value) // 2, len(value) - 4):
        other = "A" if value[place] != "A" else "B"
        browser.jar["wos-session"] = value[:place] + other + value[place + 1 :]
        visit = browser.visit()
        assert browser.run(visit.load()) is None
        assert visit.reason is SignedOut.BAD_COOKIE


@caches
def test_the_token_of_one_person_in_the_cookie_of_another_is_refused(settings: dict[str, object]) -> None:
    browser = signed_in(**settings)
    password = browser.issuer.config.cookie_passwords[0]
    payload = unseal(browser.jar["wos-session"], password)
    assert isinstance(payload, dict)
    assert isinstance(payload["user"], dict)
    browser.jar["wos-session"] = seal(payload | {"user": payload["user"] | {"id": "user_EVE"}}, password)
    visit = browser.visit()
    assert browser.run(visit.load()) is None
    assert visit.reason is SignedOut.BAD_COOKIE


@caches
def test_a_session_grows_too_old_whether_remembered_or_not(settings: dict[str, object]) -> None:
    browser = signed_in(session_max_age=60, **settings)
    wait(browser, 61)
    visit = browser.visit()
    assert browser.run(visit.load()) is None
    assert visit.reason is SignedOut.EXPIRED


@caches
def test_what_one_request_does_to_its_claims_no_other_sees(settings: dict[str, object]) -> None:
    browser = signed_in(**settings)
    browser.jar.update(browser.issuer.cookies(claims={"custom": {"rights": ["read"]}}))
    for _ in range(3):
        session = browser.session()
        assert session is not None
        custom = session.claims.raw["custom"]
        assert custom == {"rights": ["read"]}
        assert isinstance(custom, dict)
        custom["rights"].append("write")


def test_a_cookie_that_could_be_changed_in_place_is_not_remembered() -> None:
    browser = signed_in(**BOTH)
    before = remembered(browser)
    browser.jar.update(browser.issuer.cookies(user={"metadata": {"teams": ["a"]}}))
    assert browser.session() is not None
    assert remembered(browser) == before


def test_a_seal_with_an_end_of_its_own_is_not_remembered() -> None:
    browser = signed_in(**BOTH)
    before = remembered(browser)
    password = browser.issuer.config.cookie_passwords[0]
    payload = unseal(browser.jar["wos-session"], password)
    browser.jar["wos-session"] = seal(payload, password, ttl=60)
    assert browser.session() is not None
    assert remembered(browser) == before


def test_a_cookie_sealed_with_a_former_password_is_written_anew_each_time() -> None:
    browser = signed_in()
    former = browser.issuer.config.cookie_passwords[0]
    passwords = ("another-password-of-32-characters-0123", former)
    changed = another(browser, replace(browser.issuer.config, cookie_passwords=passwords, cookie_cache=8))
    for _ in range(3):
        visit = changed.visit()
        assert changed.run(visit.load()) is not None
        assert visit.headers()[0][0] == "Set-Cookie"
    assert remembered(changed) == 0


def test_two_cookies_of_one_name_are_read_as_without_a_cache() -> None:
    browser = signed_in(**BOTH)
    good = browser.jar["wos-session"]
    visit = browser.visit(headers={"cookie": f"wos-session=garbage; wos-session={good}"})
    assert browser.run(visit.load(), no_network) is not None


def test_garbage_asks_for_nothing_while_the_key_set_was_never_fetched() -> None:
    browser = open_browser(**BOTH)
    browser.jar["wos-session"] = "garbage"
    visit = browser.visit()
    assert browser.run(visit.load(), no_network) is None
    assert visit.reason is SignedOut.BAD_COOKIE


def test_nothing_can_be_told_before_there_are_keys() -> None:
    browser = open_browser(**BOTH)
    browser.jar.update(browser.issuer.cookies())
    with pytest.raises(Unreachable):
        browser.run(browser.visit().load(), lambda _: HttpResponse(503))
    assert remembered(browser) == 0


@caches
def test_a_token_that_ends_while_its_early_refresh_is_refused_is_not_served(
    settings: dict[str, object],
) -> None:
    browser = open_browser(**settings)
    browser.jar.update(browser.issuer.cookies())
    assert browser.session() is not None
    browser.issuer.end_sessions()
    wait(browser, 299)

    def slow(request: HttpRequest) -> HttpResponse:
        wait(browser, 2)
        return browser.issuer.send(request)

    visit = browser.visit()
    assert browser.run(visit.load(), slow) is None
    assert visit.reason is SignedOut.REFUSED
