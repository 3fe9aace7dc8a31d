"""What the scripts of the app's own pages ask, beyond the session."""

import gzip
import json

import pytest

from tests.session.browser import Browser, no_network, open_browser
from vestibule.flow import HttpResponse, Send
from vestibule.session.reply import Reply
from vestibule.session.scripts import CLIENT

FRONT_END = "https://front.example.com"
SIX_KILOBYTES = 6 * 1024


def code_of(body: str) -> str:
    return str(json.loads(body)["error"]["code"])


def test_the_access_token_is_the_one_of_the_session(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies())
    answer = browser.fetch("/auth/access-token")
    session = browser.session()
    assert session is not None
    assert json.loads(answer.body) == {
        "access_token": session.access_token,
        "expires_at": "2026-01-01T12:05:00.000Z",
        "expires_in": 300,
    }
    assert answer.header("cache-control") == "private, no-store"
    assert answer.set_cookies == []


@pytest.mark.parametrize("left", [20, -1])
def test_J40_one_that_ends_soon_is_refreshed_before_it_is_handed_out(browser: Browser, left: int) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=left))
    answer = browser.fetch("/auth/access-token")
    assert json.loads(answer.body)["expires_in"] == 300
    assert len(answer.set_cookies) == 1


def test_a_stranger_has_no_token_and_nothing_to_refresh(browser: Browser) -> None:
    for method, path in [("GET", "access-token"), ("POST", "refresh"), ("GET", "organization?id=org_1")]:
        answer = browser.fetch(f"/auth/{path}", method=method)
        assert (answer.status, code_of(answer.body)) == (401, "signed_out")


@pytest.mark.parametrize(
    "from_there",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "https://evil.example", "sec_fetch_site": "cross-site"},
        {"origin": "null", "sec_fetch_site": "cross-site"},
    ],
)
def test_CS_2_no_page_of_another_origin_is_given_a_token(from_there: dict[str, str]) -> None:
    browser = open_browser(trusted_origins=(FRONT_END,))
    browser.jar.update(browser.issuer.cookies(expires_in=20))
    answer = browser.fetch("/auth/access-token", **from_there)
    assert (answer.status, code_of(answer.body)) == (403, "cross_site")
    assert answer.header("access-control-allow-origin") is None
    refused = browser.fetch("/auth/refresh", method="POST", **from_there)
    assert (refused.status, code_of(refused.body)) == (403, "cross_site")
    assert browser.issuer.requests_to("authenticate") == []


def test_a_trusted_origin_is_given_one(browser: Browser) -> None:
    browser = open_browser(trusted_origins=(FRONT_END,))
    browser.jar.update(browser.issuer.cookies())
    answer = browser.fetch("/auth/access-token", origin=FRONT_END, sec_fetch_site="cross-site")
    assert answer.status == 200
    assert answer.header("access-control-allow-origin") == FRONT_END


def test_a_refresh_brings_new_claims_and_their_token(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies())
    before = browser.session()
    answer = json.loads(browser.fetch("/auth/refresh", method="POST").body)
    assert before is not None
    assert answer["session"]["id"] == before.id
    assert answer["access_token"] != before.access_token
    assert answer["expires_in"] == 300
    body = json.dumps({"organization_id": "org_2"})
    moved = browser.fetch("/auth/refresh", method="POST", body=body, content_type="application/json")
    assert json.loads(moved.body)["session"]["organization_id"] == "org_2"


def test_E4_a_refresh_at_the_end_of_the_token_is_one_and_not_two(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    assert browser.fetch("/auth/refresh", method="POST").status == 200
    assert len(browser.issuer.requests_to("authenticate")) == 1


def test_a_refresh_that_takes_a_sign_in_says_where(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies())
    browser.issuer.refuse("sso_required")
    body = '{"organization_id":"org_2"}'
    answer = browser.fetch("/auth/refresh", method="POST", body=body, content_type="application/json")
    assert (answer.status, code_of(answer.body)) == (400, "sso_required")
    assert json.loads(answer.body)["error"]["sign_in_url"].startswith("/auth/sign-in?organization_id=org_2")


def test_CS_4_a_refresh_reads_a_form_or_json(browser: Browser) -> None:
    answer = browser.fetch("/auth/refresh", method="POST", body="x", content_type="text/plain")
    assert (answer.status, code_of(answer.body)) == (415, "unsupported_media_type")


def test_an_app_may_keep_every_token_from_its_scripts() -> None:
    browser = open_browser(browser_tokens=False)
    browser.jar.update(browser.issuer.cookies())
    answer = browser.fetch("/auth/access-token")
    assert (answer.status, code_of(answer.body)) == (404, "browser_tokens_off")
    refreshed = browser.fetch("/auth/refresh", method="POST")
    assert json.loads(refreshed.body).keys() == {"session"}


def test_the_name_of_the_own_organization_and_of_no_other(browser: Browser) -> None:
    browser.issuer.organizations |= {"org_1": "Engines", "org_2": "Others"}
    browser.jar.update(browser.issuer.cookies(organization_id="org_1"))
    assert json.loads(browser.fetch("/auth/organization?id=org_1").body) == {"id": "org_1", "name": "Engines"}
    assert json.loads(browser.fetch("/auth/organization").body) == {"id": "org_1", "name": "Engines"}
    asked = len(browser.issuer.requests)
    assert browser.fetch("/auth/organization?id=org_2").body == "null"
    assert browser.fetch("/auth/organization?id=../users").body == "null"
    assert len(browser.issuer.requests) == asked


@pytest.mark.parametrize("body", [b"oops", b"[]", b'{"name": 1}'])
def test_a_name_that_nobody_knows_is_none(browser: Browser, body: bytes) -> None:
    browser.jar.update(browser.issuer.cookies(organization_id="org_1"))
    assert browser.fetch("/auth/organization?id=org_1").body == "null"
    assert asked_for_a_name(browser, lambda request: HttpResponse(200, body)) == b"null"


@pytest.mark.parametrize(("key", "rights"), [("sk_1", {}), (None, {"organization_id": "org_1"})])
def test_without_an_organization_or_a_key_no_server_is_asked(key: str | None, rights: dict[str, str]) -> None:
    browser = open_browser(api_key=key)
    browser.jar.update(browser.issuer.cookies(**rights))
    assert browser.session() is not None
    assert asked_for_a_name(browser, no_network) == b"null"


def asked_for_a_name(browser: Browser, send: Send) -> bytes:
    visit = browser.visit(url="/auth/organization?id=org_1")
    reply = browser.run(browser.core.answer(visit, "organization"), send)
    assert isinstance(reply, Reply)
    return reply.body


def test_the_client_is_one_small_module_that_may_be_kept(browser: Browser) -> None:
    answer = browser.fetch("/auth/client.js")
    assert answer.body == CLIENT.read_text("utf-8")
    assert "createClient" in answer.body
    assert answer.header("content-type") == "text/javascript; charset=utf-8"
    assert answer.header("cache-control") == "public, max-age=3600"
    tag = answer.header("etag") or ""
    again = browser.fetch("/auth/client.js", if_none_match=tag)
    assert (again.status, again.body, again.header("etag")) == (304, "", tag)
    assert len(gzip.compress(answer.body.encode())) < SIX_KILOBYTES
