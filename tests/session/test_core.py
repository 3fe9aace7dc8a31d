"""Guards, who gets a redirect, cross-site requests, settings that come late."""

import json

import pytest

from tests.session.browser import NOON, Browser, no_network, open_browser
from vestibule.errors import ConfigError, Forbidden, Refused, Unreachable
from vestibule.session.config import Config
from vestibule.session.core import Core
from vestibule.session.guards import requirement
from vestibule.session.incoming import Incoming
from vestibule.session.problems import Problem
from vestibule.testing.issuer import create_config


def test_a_page_leads_to_sign_in_and_back(browser: Browser) -> None:
    answer = browser.get("/invoices?page=2")
    assert (answer.status, answer.location) == (303, "/auth/sign-in?return_to=%2Finvoices%3Fpage%3D2")
    assert answer.set_cookies == []
    assert browser.get(answer.location).status == 303
    assert browser.sign_in("/invoices%3Fpage%3D2").location == "/invoices?page=2"


def test_a_program_gets_401_and_the_reason(browser: Browser) -> None:
    browser.jar["wos-session"] = "rubbish"
    answer = browser.fetch("/invoices")
    assert answer.status == 401
    assert json.loads(answer.body)["error"] == {
        "code": "signed_out",
        "message": "Sign in first.",
        "reason": "bad_cookie",
        "sign_in_url": "/auth/sign-in?return_to=%2Finvoices",
    }


def test_a_changing_request_has_nowhere_to_come_back_to(browser: Browser) -> None:
    answer = browser.post("/invoices")
    assert (answer.status, json.loads(answer.body)["error"]["sign_in_url"]) == (401, "/auth/sign-in")


@pytest.mark.parametrize(
    ("referer", "location"),
    [
        ("http://testserver/board?x=1", "/auth/sign-in?return_to=%2Fboard%3Fx%3D1"),
        ("https://evil.example/board", "/auth/sign-in?return_to=%2Fapi%2Finvoices"),
        ("http://[::1", "/auth/sign-in?return_to=%2Fapi%2Finvoices"),
    ],
)
def test_a_script_comes_back_to_its_page_and_not_to_what_it_asked(
    browser: Browser, referer: str, location: str
) -> None:
    answer = browser.fetch("/api/invoices", referer=referer)
    assert json.loads(answer.body)["error"]["sign_in_url"] == location


@pytest.mark.parametrize(
    ("current", "location"),
    [
        ("http://testserver/board?x=1#y", "/auth/sign-in?return_to=%2Fboard%3Fx%3D1%23y"),
        ("https://evil.example//board", "/auth/sign-in?return_to=%2Fboard"),
        ("http://[::1", "/auth/sign-in?return_to=%2F"),
        ("", "/auth/sign-in?return_to=%2F"),
    ],
)
def test_htmx_is_redirected_as_a_whole_page(browser: Browser, current: str, location: str) -> None:
    answer = browser.get("/fragment", hx_request="true", hx_current_url=current)
    assert (answer.status, answer.header("hx-redirect")) == (401, location)


def test_under_a_mount_every_address_has_the_mount_in_it() -> None:
    browser = open_browser(redirect_uri="http://testserver/app/auth/callback")
    incoming = Incoming(
        method="GET", path="/me", root_path="/app", headers={"sec-fetch-mode": "navigate"}, host="testserver"
    )
    reply = browser.run(browser.core.guard(browser.core.visit(incoming)))
    assert reply is not None
    assert dict(reply.headers)["Location"] == "/app/auth/sign-in?return_to=%2Fapp%2Fme"


def test_who_lacks_a_permission_is_told_which(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(permissions=["invoices:read"]))
    browser.requirement = requirement(permission=("invoices:read", "invoices:write"))
    told = browser.fetch("/invoices")
    assert told.status == 403
    error = json.loads(told.body)["error"]
    assert (error["code"], error["missing"]) == ("forbidden", {"permission": ["invoices:write"]})
    page = browser.get("/invoices")
    assert page.status == 403
    assert "permission invoices:write" in page.body


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (requirement(role="a") | requirement(permission="b"), "role a or permission b"),
        (requirement(organization=True), "an organization"),
        (
            requirement(organization="org_1", recent=60),
            "organization org_1 and a sign-in at most 60 seconds old",
        ),
        (
            (requirement(role="a") | requirement(role="b")) & (requirement(role="c") | requirement(role="d")),
            "role a or role b and role c or role d",
        ),
    ],
)
def test_what_is_missing_is_said_in_words(browser: Browser, wanted: object, words: str) -> None:
    browser.jar.update(browser.issuer.cookies(authenticated_at=NOON - 3600))
    browser.requirement = wanted  # type: ignore[assignment]
    assert words in json.loads(browser.fetch("/invoices").body)["error"]["message"]


def test_a_sign_in_too_long_ago_is_asked_for_again(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(authenticated_at=NOON - 3600))
    browser.requirement = requirement(recent=600)
    page = browser.get("/danger")
    assert (page.status, page.location) == (303, "/auth/sign-in?return_to=%2Fdanger&max_age=600")
    assert browser.get(page.location).query["max_age"] == "600"

    told = browser.fetch("/danger")
    assert (told.status, json.loads(told.body)["error"]["code"]) == (403, "reauthentication_required")
    assert json.loads(told.body)["error"]["missing"] == {"recent": 600}

    htmx = browser.get("/danger", hx_request="true", hx_current_url="http://testserver/board")
    assert htmx.header("hx-redirect") == "/auth/sign-in?return_to=%2Fboard&max_age=600"

    again = browser.get(page.location)
    assert browser.get(browser.issuer.authorize(again.location)).location == "/danger"
    assert browser.get("/danger").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "MKCOL"])
def test_CS_1_a_change_made_by_another_site_s_page_is_refused(browser: Browser, method: str) -> None:
    browser.jar.update(browser.issuer.cookies())
    for path in ("/auth/sign-out", "/auth/organization", "/invoices"):
        answer = browser.fetch(
            path, method=method, origin="https://evil.example", sec_fetch_site="cross-site"
        )
        assert (answer.status, json.loads(answer.body)["error"]["code"]) == (403, "cross_site")
    assert "wos-session" in browser.jar
    assert set(browser.codes) == {"request.cross_site_refused"}


def test_CS_1_a_form_on_another_site_gets_a_page_that_names_the_setting(browser: Browser) -> None:
    answer = browser.post("/invoices", origin="https://evil.example", sec_fetch_site="cross-site")
    assert answer.status == 403
    assert "VESTIBULE_TRUSTED_ORIGINS" in answer.body


def test_a_trusted_origin_may_make_changes() -> None:
    browser = open_browser(trusted_origins=("https://www.example.com",))
    browser.jar.update(browser.issuer.cookies())
    trusted = {"origin": "https://www.example.com", "sec_fetch_site": "same-site"}
    assert browser.fetch("/invoices", method="POST", **trusted).status == 200
    own = {"origin": "http://testserver"}
    assert browser.post("http://internal:8000/invoices", sec_fetch_site="", **own).status == 200


def test_a_client_that_is_no_browser_may_make_changes(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies())
    assert browser.request("POST", "/invoices", {"accept": "*/*"}).status == 200


def test_a_websocket_from_another_site_is_refused(browser: Browser) -> None:
    incoming = Incoming(
        method="GET", path="/live", scheme="ws", host="testserver", headers={"origin": "https://evil.example"}
    )
    assert browser.core.refuse_cross_site(browser.core.visit(incoming)) is not None


def test_an_outage_is_503_for_a_page_too(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    browser.issuer.drop()
    answer = browser.get("/invoices?page=2")
    assert (answer.status, answer.header("retry-after")) == (503, "5")
    assert "You are not signed out" in answer.body
    assert 'href="/invoices?page=2"' in answer.body
    assert browser.events[-1].code == "session.unreachable"


def test_a_post_during_an_outage_is_not_repeated_by_a_link(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    browser.issuer.drop()
    assert 'href="/auth/sign-in"' in browser.post("/invoices").body


def test_settings_are_read_with_the_first_request_and_once() -> None:
    made: list[Config] = []

    def settings() -> Config:
        made.append(create_config())
        return made[-1]

    core = Core(settings)
    assert made == []
    assert core.config is core.config is made[0]
    assert core.sessions.config is made[0]


def test_settings_that_are_wrong_fail_with_every_problem() -> None:
    core = Core(lambda: Config.from_env({}))
    with pytest.raises(ConfigError) as caught:
        core.visit(Incoming(method="GET", path="/"))
    assert len(caught.value.problems) == 3


def test_a_visitor_does_not_see_what_is_wrong_with_the_settings(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    visit = browser.visit(headers={"accept": "text/html"})
    reply = browser.core.failed(visit, ConfigError("VESTIBULE_CLIENT_ID is not set."))
    assert reply.status == 500
    assert b"VESTIBULE_CLIENT_ID" not in reply.body
    assert "VESTIBULE_CLIENT_ID" in caplog.text


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Unreachable("away", retry_after=9), 503, "unreachable"),
        (Refused("no", error="invalid_grant", status=400), 400, "invalid_grant"),
        (Refused("no", error="token_issuer", status=200), 403, "token_issuer"),
        (Forbidden("not you", missing={}), 403, "forbidden"),
    ],
)
def test_what_a_handler_lets_through_is_answered(
    browser: Browser, error: Refused | Unreachable | Forbidden, status: int, code: str
) -> None:
    reply = browser.core.failed(browser.visit(), error)
    assert (reply.status, json.loads(reply.body)["error"]["code"]) == (status, code)


def test_an_app_may_have_error_pages_of_its_own() -> None:
    browser = open_browser()
    seen: list[Problem] = []

    def page(problem: Problem) -> str:
        seen.append(problem)
        return f"<p>{problem.code}</p>"

    browser.core = Core(browser.issuer.config, clock=browser.issuer.clock, error_page=page)
    answer = browser.get("/auth/callback?code=c&state=s")
    assert answer.body == "<p>verifier_cookie_missing</p>"
    assert answer.header("content-security-policy") is None
    assert seen[0].retry == "/auth/sign-in?return_to=%2F"


def test_bodies_are_read_for_two_routes_only(browser: Browser) -> None:
    reads = browser.core.reads_body
    assert reads(Incoming(method="POST", path="/auth/organization"))
    assert reads(Incoming(method="POST", path="/auth/sign-out"))
    assert not reads(Incoming(method="GET", path="/auth/sign-out"))
    assert not reads(Incoming(method="POST", path="/upload"))


def test_a_bare_guard_asks_for_a_session_only(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies())
    browser.session()
    assert browser.run(browser.core.guard(browser.visit()), no_network) is None


def test_two_first_requests_at_once_share_one_set_of_keys(browser: Browser) -> None:
    core = browser.core
    assert core._first_sessions() is core._first_sessions() is core.sessions
