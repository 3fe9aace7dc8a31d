"""The routes every app gets."""

import json

import pytest

from tests.session.browser import Browser, open_browser
from vestibule.session.incoming import Incoming
from vestibule.session.own_paths import PATHS
from vestibule.session.routes import METHODS, route_of


@pytest.mark.parametrize(
    ("path", "root_path", "route"),
    [
        ("/auth/sign-in", "", "sign_in"),
        ("/auth/sign-up", "", "sign_up"),
        ("/auth/sign-out", "", "sign_out"),
        ("/auth/session", "", "session"),
        ("/auth/organization", "", "organization"),
        ("/app/callback", "", "callback"),
        ("/callback", "/app", "callback"),
        ("/callback", "", None),
        ("/auth/sign-in/", "", None),
        ("/auth/callback", "", None),
        ("/auth", "", None),
        ("/", "", None),
    ],
)
def test_which_paths_are_ours(path: str, root_path: str, route: str | None) -> None:
    incoming = Incoming(method="GET", path=path, root_path=root_path)
    assert route_of(incoming, prefix="/auth", callback_path="/app/callback") == route


@pytest.mark.parametrize("route", METHODS)
def test_CS_2_other_methods_are_refused(browser: Browser, route: str) -> None:
    path = "/auth/" + PATHS.get(route, route)
    for method in {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "__CLASS__"} - set(METHODS[route]):
        answer = browser.fetch(path, method=method)
        assert answer.status == 405
        assert answer.header("allow") == ", ".join(METHODS[route])


@pytest.mark.parametrize("page", ["sign-in", "sign-up"])
def test_sign_in_goes_to_the_server_with_what_was_asked(browser: Browser, page: str) -> None:
    answer = browser.get(
        f"/auth/{page}?login_hint=ada@example.com&organization_id=org_1&max_age=0&prompt=login"
        "&domain_hint=example.com&invitation_token=inv&return_to=/x&acr_values=urn:vestibule:2fa"
    )
    asked = answer.query
    assert answer.location.startswith("https://id.example.com/user_management/authorize?")
    assert asked["screen_hint"] == page
    assert asked["login_hint"] == "ada@example.com"
    assert asked["organization_id"] == "org_1"
    assert (asked["max_age"], asked["prompt"]) == ("0", "login")
    assert asked["acr_values"] == "urn:vestibule:2fa"
    assert (asked["domain_hint"], asked["invitation_token"]) == ("example.com", "inv")
    assert len(browser.verifiers) == 1


@pytest.mark.parametrize(
    "query",
    [
        "max_age=soon",
        "max_age=-1",
        "max_age=٣",
        "max_age=9999999999",
        "prompt=steal",
        "client_id=evil",
        "redirect_uri=x",
    ],
)
def test_only_known_and_sane_parameters_are_handed_on(browser: Browser, query: str) -> None:
    asked = browser.get(f"/auth/sign-in?{query}").query
    assert not {"max_age", "prompt"} & asked.keys()
    assert (asked["client_id"], asked["redirect_uri"]) == ("client_test", "http://testserver/auth/callback")


def test_a_parameter_as_long_as_a_page_is_left_out(browser: Browser) -> None:
    assert "login_hint" not in browser.get(f"/auth/sign-in?login_hint={'x' * 600}").query


def test_OR_1_sign_in_never_ends_on_another_site(browser: Browser) -> None:
    for hostile in (
        "//evil.example",
        "/%5Cevil.example",
        "https:evil.example",
        "%09//evil.example",
        "javascript:alert(1)",
    ):
        location = browser.sign_in(hostile).location
        assert location.startswith("/")
        assert location[1:2] not in ("/", "\\")


def test_a_prefetched_sign_in_mints_nothing(browser: Browser) -> None:
    answer = browser.get("/auth/sign-in", sec_purpose="prefetch")
    assert (answer.status, answer.set_cookies) == (403, [])
    assert browser.fetch("/auth/sign-in", method="HEAD").set_cookies == []


def test_on_the_other_name_of_this_machine_sign_in_changes_over_first() -> None:
    browser = open_browser(redirect_uri="http://localhost:8000/auth/callback")
    answer = browser.get("http://127.0.0.1:8000/auth/sign-in?return_to=/me")
    assert (answer.status, answer.set_cookies) == (303, [])
    assert answer.location == "http://localhost:8000/auth/sign-in?return_to=/me"
    assert "authorize" in browser.get(answer.location).location


@pytest.mark.parametrize(
    "host", ["localhost:8000", "127.0.0.1:9000", "app.internal:8000", "[::1", "127.0.0.1:x"]
)
def test_a_proxy_s_idea_of_the_host_makes_no_loop(host: str) -> None:
    browser = open_browser(redirect_uri="http://localhost:8000/auth/callback")
    visit = browser.visit(url="/auth/sign-in")
    incoming = Incoming(method="GET", path="/auth/sign-in", scheme="http", host=host)
    visit = browser.core.visit(incoming)
    reply = browser.run(browser.core.answer(visit, "sign_in"))
    assert not hasattr(reply, "session")
    assert "authorize" in dict(reply.headers)["Location"]  # type: ignore[union-attr]


def test_posting_signs_out_here_and_at_the_server(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies())
    answer = browser.post("/auth/sign-out", "return_to=/bye")
    assert answer.status == 303
    assert answer.location.startswith(
        "https://id.example.com/user_management/sessions/logout?session_id=session_"
    )
    assert answer.query["return_to"] == "http://testserver/bye"
    assert browser.jar == {}
    assert browser.codes == ["session.signed_out"]


@pytest.mark.parametrize("site", ["same-origin", "none", None])
def test_a_link_of_this_site_or_a_typed_address_signs_out(browser: Browser, site: str | None) -> None:
    browser.jar.update(browser.issuer.cookies())
    headers = {"sec_fetch_site": site} if site else {}
    assert (
        browser.get("/auth/sign-out?return_to=/bye", **headers).query["return_to"] == "http://testserver/bye"
    )
    assert browser.jar == {}


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_purpose": "prefetch"},
        {"referer": "https://evil.example/"},
    ],
)
def test_a_link_on_another_site_only_asks(browser: Browser, headers: dict[str, str]) -> None:
    browser.jar.update(browser.issuer.cookies())
    answer = browser.get("/auth/sign-out?return_to=/bye%22><script>", **headers)
    assert answer.status == 200
    assert 'method="post" action="/auth/sign-out"' in answer.body
    assert "<script>" not in answer.body
    assert "wos-session" in browser.jar
    assert browser.codes == []


def test_head_signs_nobody_out(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies())
    assert browser.fetch("/auth/sign-out", method="HEAD").status == 204
    assert "wos-session" in browser.jar


def test_a_script_gets_the_address_to_go_to(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies())
    answer = browser.fetch(
        "/auth/sign-out", method="POST", body='{"return_to":"/bye"}', content_type="application/json"
    )
    assert answer.status == 200
    assert "return_to=http%3A%2F%2Ftestserver%2Fbye" in json.loads(answer.body)["url"]
    assert browser.jar == {}


def test_htmx_is_told_where_to_go(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies())
    answer = browser.fetch("/auth/sign-out", method="POST", hx_request="true")
    assert (answer.header("hx-redirect") or "").startswith("https://id.example.com/")


def test_OR_3_an_unregistered_target_after_sign_out_is_ignored(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies())
    assert "return_to" not in browser.post("/auth/sign-out?return_to=https://evil.example/").query


def test_the_session_route_tells_pages_what_they_may_know(browser: Browser) -> None:
    browser.jar.update(
        browser.issuer.cookies(
            organization_id="org_1", permissions=["b", "a"], impersonator="admin@example.com"
        )
    )
    answer = browser.fetch("/auth/session")
    session = json.loads(answer.body)["session"]
    assert session["user"]["email"] == "ada@example.com"
    assert session["permissions"] == ["a", "b"]
    assert session["impersonator"]["email"] == "admin@example.com"
    assert session["expires_at"] == "2026-01-01T12:05:00.000Z"
    assert "token" not in answer.body
    assert answer.header("cache-control") == "private, no-store"


def test_the_session_route_says_why_there_is_none(browser: Browser) -> None:
    assert json.loads(browser.fetch("/auth/session").body) == {"session": None, "reason": "no_cookie"}


def test_a_form_switches_the_organization_and_goes_back(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(organization_id="org_1"))
    answer = browser.post("/auth/organization", "organization_id=org_2&return_to=/reports")
    assert (answer.status, answer.location, len(answer.set_cookies)) == (303, "/reports", 1)
    session = browser.session()
    assert session is not None
    assert session.organization_id == "org_2"


def test_a_script_switches_the_organization_and_gets_the_session(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies())
    body = json.dumps({"organization_id": "org_2"})
    answer = browser.fetch("/auth/organization", method="POST", body=body, content_type="application/json")
    assert json.loads(answer.body)["session"]["organization_id"] == "org_2"


def test_htmx_switches_the_organization(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies())
    answer = browser.post(
        "/auth/organization", "organization_id=org_2&return_to=//evil.example/x", hx_request="true"
    )
    assert (answer.status, answer.header("hx-redirect")) == (200, "/x")


@pytest.mark.parametrize(
    ("kind", "body", "status", "code"),
    [
        ("application/x-www-form-urlencoded", "", 400, "organization_id_missing"),
        ("application/json", "[]", 415, "unsupported_media_type"),
        ("text/plain", "organization_id=org_2", 415, "unsupported_media_type"),
    ],
)
def test_CS_4_only_a_form_or_json_switches(
    browser: Browser, kind: str, body: str, status: int, code: str
) -> None:
    browser.jar.update(browser.issuer.cookies())
    answer = browser.fetch("/auth/organization", method="POST", body=body, content_type=kind)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (status, code)


def test_signed_out_there_is_nothing_to_switch(browser: Browser) -> None:
    answer = browser.post("/auth/organization", "organization_id=org_2")
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (401, "signed_out")


@pytest.mark.parametrize(
    "error",
    ["sso_required", "mfa_enrollment", "mfa_challenge", "organization_authentication_methods_required"],
)
def test_an_organization_that_wants_more_is_entered_through_the_server(browser: Browser, error: str) -> None:
    browser.jar.update(browser.issuer.cookies())
    browser.issuer.refuse(error)
    answer = browser.post("/auth/organization", "organization_id=org_2&return_to=/reports")
    assert answer.query["organization_id"] == "org_2"
    assert browser.get(browser.issuer.authorize(answer.location)).location == "/reports"

    browser.issuer.refuse(error)
    told = browser.fetch(
        "/auth/organization",
        method="POST",
        body='{"organization_id":"org_2"}',
        content_type="application/json",
    )
    assert (told.status, json.loads(told.body)["error"]["code"]) == (400, error)
    assert (
        json.loads(told.body)["error"]["sign_in_url"] == "/auth/sign-in?organization_id=org_2&return_to=%2F"
    )

    browser.issuer.refuse(error)
    htmx = browser.post("/auth/organization", "organization_id=org_2", hx_request="true")
    assert htmx.header("hx-redirect") == "/auth/sign-in?organization_id=org_2&return_to=%2F"


def test_an_organization_one_is_no_member_of_is_refused(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies())
    before = dict(browser.jar)
    browser.issuer.refuse("organization_membership_not_found", status=403)
    answer = browser.post("/auth/organization", "organization_id=org_2")
    assert answer.status == 403
    assert "organization_membership_not_found" in answer.body
    assert browser.jar == before
