"""What went wrong elsewhere, under the name it got there, and hostile input at large."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.session.browser import Browser, another, no_network, open_browser
from vestibule.flow import run
from vestibule.session.incoming import Incoming
from vestibule.session.sessions import Sessions
from vestibule.testing import Clock

HEADER = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\x00"), max_size=200)
COOKIE = st.lists(
    st.one_of(
        HEADER,
        HEADER.map(lambda text: f"wos-session={text}"),
        st.text("Fe26.*12~abcdef0-_", max_size=120).map(lambda text: f"wos-session={text}"),
        HEADER.map(lambda text: f"wos-auth-verifier-811c9dc5={text}"),
    ),
    max_size=6,
).map("; ".join)
CALM = open_browser()


def test_reg_CVE_2025_68158_another_browser_cannot_finish_a_sign_in(browser: Browser) -> None:
    attacker = another(browser)
    begun = attacker.get("/auth/sign-in")
    url = attacker.issuer.authorize(begun.location, email="attacker@example.com")
    assert browser.get(url).status == 400
    assert browser.jar == {}
    browser.get("/auth/sign-in")
    assert browser.get(url).status == 400
    assert browser.session() is None
    assert browser.issuer.requests_to("authenticate") == []


def test_reg_CVE_2025_68481_a_state_works_with_its_own_cookie_only(browser: Browser) -> None:
    first, second = (browser.get("/auth/sign-in") for _ in range(2))
    assert first.query["state"] != second.query["state"]
    assert first.query["code_challenge"] != second.query["code_challenge"]
    url = browser.issuer.authorize(first.location)
    name = first.set_cookies[0].partition("=")[0]
    del browser.jar[name]
    assert browser.get(url).status == 400


@pytest.mark.parametrize("query", ["code=c", "state=s", "code=c&state=s", "", "code=&state="])
def test_reg_authkit_nextjs_388_a_callback_without_its_cookie_signs_nobody_in(
    browser: Browser, query: str
) -> None:
    answer = browser.get(f"/auth/callback?{query}")
    assert answer.status in (303, 400)
    assert browser.session() is None
    assert browser.issuer.requests_to("authenticate") == []


def test_reg_CVE_2025_64762_what_reads_or_writes_a_session_is_never_cached(browser: Browser) -> None:
    begun = browser.get("/auth/sign-in")
    answers = [
        browser.get("/page"),
        begun,
        browser.get(browser.issuer.authorize(begun.location)),
        browser.get("/page"),
        browser.fetch("/auth/session"),
        browser.post("/auth/organization", "organization_id=org_2"),
        browser.get("/auth/callback?code=c&state=s"),
        browser.post("/auth/sign-out"),
    ]
    for answer in answers:
        assert answer.header("cache-control") == "private, no-store"
        assert answer.header("vary") == "Cookie"


def test_reg_CVE_2024_31999_a_session_that_was_ended_cannot_go_on(browser: Browser) -> None:
    browser.sign_in()
    copied = dict(browser.jar)
    browser.post("/auth/sign-out")
    browser.issuer.end_sessions()
    clock = browser.issuer.clock
    assert isinstance(clock, Clock)
    clock.advance(minutes=5)
    browser.jar.update(copied)
    assert browser.fetch("/page").status == 401


def test_reg_CVE_2026_40155_everybody_gets_their_own_refresh(browser: Browser) -> None:
    issuer = browser.issuer
    sessions = Sessions(issuer.config, clock=issuer.clock)
    people = [f"person{number}@example.com" for number in range(60)]
    cookies = [list(issuer.cookies(email=email, expires_in=-1).items()) for email in people]
    with ThreadPoolExecutor(8) as pool:
        loaded = list(pool.map(lambda each: run(sessions.load(each), issuer.send), cookies))
    assert [each.session.user.email for each in loaded if each.session] == people
    assert len(issuer.requests_to("authenticate")) == len(people)


def test_reg_CVE_2024_35220_a_month_later_the_server_decides(browser: Browser) -> None:
    browser.sign_in()
    clock = browser.issuer.clock
    assert isinstance(clock, Clock)
    clock.advance(days=31)
    browser.issuer.end_sessions()
    assert browser.get("/page").status == 303


@given(cookie=COOKIE, query=HEADER)
def test_reg_CVE_2026_25748_no_cookie_opens_a_guarded_page(cookie: str, query: str) -> None:
    for headers in ({"cookie": cookie}, {"cookie": cookie, "sec-fetch-mode": "navigate"}):
        visit = CALM.core.visit(Incoming(method="GET", path="/page", query=query, headers=headers))
        reply = CALM.run(CALM.core.guard(visit), no_network)
        assert reply is not None
        assert reply.status in (303, 401)
        for name, value in (*reply.headers, *visit.headers()):
            assert value.isascii()
            assert name == "Set-Cookie" or not set(value) & set("\r\n")


@given(cookie=COOKIE, query=st.one_of(HEADER, HEADER.map(lambda text: f"code=c&state={text}")))
def test_reg_CVE_2022_31093_no_callback_is_a_server_error(cookie: str, query: str) -> None:
    headers = {"cookie": cookie, "sec-fetch-mode": "navigate"}
    visit = CALM.core.visit(Incoming(method="GET", path="/auth/callback", query=query, headers=headers))
    reply = CALM._reply(visit)
    assert reply.status in (303, 400)
    assert all(value.isascii() for _, value in (*reply.headers, *visit.headers()))


@given(return_to=st.text(max_size=80))
def test_HI_2_no_return_path_splits_a_response(return_to: str) -> None:
    browser = open_browser()
    visit = browser.visit()
    url = visit.begin(return_path=return_to)
    browser.keep(visit.headers())
    location = browser.get(browser.issuer.authorize(url)).location
    assert location.isascii()
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert not set(location) & set("\r\n\x00")


def test_an_error_body_never_holds_more_than_code_message_and_hint(browser: Browser) -> None:
    answer = browser.fetch("/auth/callback?code=c&state=s")
    assert set(json.loads(answer.body)["error"]) == {"code", "message", "hint"}
