"""Coming back from the identity server: every failure names its cause."""

import json
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.session.browser import Answer, Browser, open_browser
from vestibule.crypto.seal import seal, unseal
from vestibule.session.model import SignIn
from vestibule.testing import Clock


def changed(url: str, **params: str | None) -> str:
    """The callback URL with other parameters; None leaves one out."""
    parts = urlsplit(url)
    query = {**dict(parse_qsl(parts.query)), **params}
    return parts._replace(query=urlencode({k: v for k, v in query.items() if v is not None})).geturl()


def error_of(answer: Answer) -> dict[str, str]:
    error = json.loads(answer.body)["error"]
    assert isinstance(error, dict)
    return error


def callback(browser: Browser, url: str) -> Answer:
    """Asked for as JSON, which spells the hint plainly."""
    return browser.fetch(url)


def exchanges(browser: Browser) -> int:
    return len(browser.issuer.requests_to("authenticate"))


def test_a_sign_in_ends_where_it_began(browser: Browser) -> None:
    begun = browser.get("/auth/sign-in?return_to=/invoices%3Fpage%3D2%23last")
    assert begun.status == 303
    assert begun.query["screen_hint"] == "sign-in"
    done = browser.get(browser.issuer.authorize(begun.location, permissions=["a"]))
    assert (done.status, done.location) == (303, "/invoices?page=2#last")
    assert browser.verifiers == []
    session = browser.session()
    assert session is not None
    assert session.permissions == {"a"}
    assert browser.codes == ["session.signed_in"]
    assert done.header("cache-control") == "private, no-store"


def test_the_session_written_is_the_one_javascript_writes(browser: Browser) -> None:
    browser.sign_in()
    payload = unseal(browser.jar["wos-session"], browser.issuer.config.cookie_passwords)
    assert isinstance(payload, dict)
    assert list(payload) == ["accessToken", "refreshToken", "user", "authenticationMethod"]


def test_custom_state_and_the_answer_reach_the_hook(browser: Browser) -> None:
    seen: list[SignIn] = []
    browser.hook = seen.append
    visit = browser.visit()
    url = visit.begin(state='{"plan":"pro"}', return_path="/welcome")
    browser.keep(visit.headers())
    browser.get(browser.issuer.authorize(url))
    assert seen[0].state == '{"plan":"pro"}'
    assert seen[0].return_path == "/welcome"
    assert seen[0].response.user == seen[0].session.user
    assert "plan" not in repr(seen[0])


def test_a_hook_that_raises_leaves_nobody_signed_in(browser: Browser) -> None:
    def refuse(sign_in: SignIn) -> None:
        raise RuntimeError("not today")

    browser.hook = refuse
    begun = browser.get("/auth/sign-in")
    visit = browser.visit(url=browser.issuer.authorize(begun.location))
    with pytest.raises(RuntimeError, match="not today"):
        browser._answer(visit)
    browser.keep(visit.headers())
    assert (browser.jar, browser.codes) == ({}, [])


def test_a_redirect_uri_of_its_own_travels_with_the_state() -> None:
    browser = open_browser(redirect_uri="http://testserver/auth/callback")
    visit = browser.visit()
    url = visit.begin(redirect_uri="https://preview.example.com/auth/callback")
    assert "Secure" in visit.headers()[0][1]
    browser.keep(visit.headers())
    done = browser.get(browser.issuer.authorize(url))
    assert done.status == 303
    assert next(line for line in done.set_cookies if "verifier" in line).endswith(
        "HttpOnly; Secure; SameSite=Lax"
    )


def test_PS_1_a_state_changed_by_one_character_is_a_mismatch(browser: Browser) -> None:
    begun = browser.get("/auth/sign-in")
    url = browser.issuer.authorize(begun.location)
    state = begun.query["state"]
    answer = callback(browser, changed(url, state="G" + state[1:]))
    assert (answer.status, error_of(answer)["code"]) == (400, "state_mismatch")
    assert "another tab" in error_of(answer)["hint"]
    assert exchanges(browser) == 0
    assert browser.session() is None


def test_PS_1_a_cookie_that_holds_another_flow_s_state_is_deleted(browser: Browser) -> None:
    first = browser.get("/auth/sign-in")
    second = browser.get("/auth/sign-in")
    one, two = browser.verifiers
    browser.jar[one] = second.query["state"]
    answer = callback(browser, browser.issuer.authorize(first.location))
    assert error_of(answer)["code"] == "state_mismatch"
    assert browser.verifiers == [two]
    assert exchanges(browser) == 0


def test_PS_2_a_missing_cookie_names_what_may_have_kept_it(browser: Browser) -> None:
    begun = browser.get("/auth/sign-in")
    browser.jar.clear()
    answer = callback(browser, browser.issuer.authorize(begun.location))
    assert (answer.status, error_of(answer)["code"]) == (400, "verifier_cookie_missing")
    hint = error_of(answer)["hint"]
    for word in (
        "no cookies at all",
        "proxy",
        "Set-Cookie",
        "SameSite",
        "localhost and 127.0.0.1",
        "ten minutes",
    ):
        assert word in hint
    assert exchanges(browser) == 0


def test_PS_2_the_hint_shows_what_can_be_seen_from_here() -> None:
    browser = open_browser(redirect_uri="https://app.example.com/auth/callback", cookie_domain="example.com")
    begun = browser.visit(url="https://app.example.com/")
    url = browser.issuer.authorize(begun.begin())
    browser.jar["other"] = "1"
    hint = error_of(callback(browser, url.replace("https://app.example.com", "http://10.0.0.7")))["hint"]
    assert "10.0.0.7, but VESTIBULE_REDIRECT_URI names app.example.com" in hint
    assert "over http while VESTIBULE_REDIRECT_URI is https" in hint
    assert "VESTIBULE_COOKIE_DOMAIN is example.com" in hint
    assert "no cookies at all" not in hint


@pytest.mark.parametrize(
    ("age", "code"), [(599, None), (600, None), (601, "state_expired"), (700, "state_expired")]
)
def test_PS_3_a_sign_in_lasts_ten_minutes(browser: Browser, age: int, code: str | None) -> None:
    begun = browser.get("/auth/sign-in")
    url = browser.issuer.authorize(begun.location)
    clock = browser.issuer.clock
    assert isinstance(clock, Clock)
    clock.advance(seconds=age)
    answer = callback(browser, url)
    assert (error_of(answer)["code"] if answer.status == 400 else None) == code
    assert browser.verifiers == []


@pytest.mark.parametrize(("ahead", "status"), [(60, 303), (61, 400)])
def test_PS_3_a_state_from_the_future_is_refused(browser: Browser, ahead: int, status: int) -> None:
    clock = browser.issuer.clock
    assert isinstance(clock, Clock)
    clock.advance(seconds=ahead)
    begun = browser.get("/auth/sign-in")
    url = browser.issuer.authorize(begun.location)
    clock.advance(seconds=-ahead)
    assert callback(browser, url).status == status


def test_PS_4_the_server_s_own_words_are_shown_escaped(browser: Browser) -> None:
    begun = browser.get("/auth/sign-in")
    said = "<script>alert(1)</script>"
    query = urlencode({"error": "access_denied", "error_description": said, "state": begun.query["state"]})
    answer = browser.get(f"http://testserver/auth/callback?{query}")
    assert answer.status == 400
    assert "<script" not in answer.body
    assert "&lt;script&gt;" in answer.body
    assert "access_denied" in answer.body
    assert browser.verifiers == []
    assert exchanges(browser) == 0
    assert browser.events[-1].data == {"reason": "access_denied"}


def test_PS_4_nobody_else_can_put_words_on_the_error_page(browser: Browser) -> None:
    answer = browser.get("/auth/callback?error=server_error&error_description=Call+0900+12345&state=x")
    assert answer.status == 400
    assert "0900" not in answer.body
    assert "provider_error" in answer.body
    assert "server_error" in answer.body


def test_PS_5_a_callback_opened_again_goes_to_the_return_path_of_the_live_session(browser: Browser) -> None:
    begun = browser.get("/auth/sign-in?return_to=/invoices")
    url = browser.issuer.authorize(begun.location)
    browser.get(url)
    before = dict(browser.jar)
    again = browser.get(url)
    assert (again.status, again.location) == (303, "/invoices")
    assert exchanges(browser) == 1
    assert browser.jar == before


def test_PS_5_a_replayed_callback_without_a_session_gets_the_error(browser: Browser) -> None:
    begun = browser.get("/auth/sign-in")
    url = browser.issuer.authorize(begun.location)
    browser.get(url)
    browser.jar.clear()
    assert error_of(callback(browser, url))["code"] == "verifier_cookie_missing"
    assert exchanges(browser) == 1


def test_PS_5_with_a_live_session_and_an_unreadable_state_home_will_do(browser: Browser) -> None:
    browser.sign_in()
    assert browser.get("/auth/callback?code=c&state=rubbish").location == "/"


def test_PS_5_the_same_callback_twice_at_once_is_one_exchange(browser: Browser) -> None:
    begun = browser.get("/auth/sign-in")
    url = browser.issuer.authorize(begun.location)
    shares = []
    for _ in range(2):
        flow = browser.visit(url=url).finish()
        shares.append(next(flow).share)
        flow.close()
    assert shares[0] is not None
    assert shares[0] == shares[1]
    assert dict(parse_qsl(urlsplit(url).query))["code"] not in shares[0]


def test_PS_6_three_tabs_finish_in_reverse_order(browser: Browser) -> None:
    begun = [browser.get(f"/auth/sign-in?return_to=/tab{n}") for n in range(3)]
    urls = [browser.issuer.authorize(each.location) for each in begun]
    assert [browser.get(url).location for url in reversed(urls)] == ["/tab2", "/tab1", "/tab0"]
    assert browser.verifiers == []


def test_PS_7_abandoned_sign_ins_do_not_pile_up(browser: Browser) -> None:
    for _ in range(12):
        browser.get("/auth/sign-in?return_to=/somewhere/deep/inside")
        assert len(browser.verifiers) <= 5
        assert len("; ".join(f"{name}={value}" for name, value in browser.jar.items())) < 8192
    assert browser.sign_in("/done").location == "/done"


def test_CK_3_a_session_is_no_state_and_a_state_is_no_session(browser: Browser) -> None:
    begun = browser.get("/auth/sign-in")
    state = begun.query["state"]
    browser.jar["wos-session"] = state
    assert browser.session() is None

    password = browser.issuer.config.cookie_passwords[0]
    sealed = browser.issuer.cookies()["wos-session"]
    visit = browser.visit()
    visit._pending._remember(sealed, "http://testserver/auth/callback")
    browser.keep(visit.headers())
    assert isinstance(unseal(sealed, password), dict)
    answer = callback(browser, f"http://testserver/auth/callback?{urlencode({'code': 'c', 'state': sealed})}")
    assert error_of(answer)["code"] == "state_unreadable"
    assert exchanges(browser) == 0


def test_another_cookie_password_is_named_as_the_cause(browser: Browser) -> None:
    begun = browser.get("/auth/sign-in")
    other = open_browser()
    other.jar.update(browser.jar)
    answer = callback(other, browser.issuer.authorize(begun.location))
    assert error_of(answer)["code"] == "state_unreadable"
    assert "same cookie password" in error_of(answer)["hint"]


def test_a_sign_in_begun_at_the_server_begins_again_here(browser: Browser) -> None:
    answer = browser.get("/auth/callback?code=from-nowhere")
    assert (answer.status, answer.location) == (303, "/auth/sign-in")
    assert exchanges(browser) == 0


def test_a_state_given_twice_is_none(browser: Browser) -> None:
    begun = browser.get("/auth/sign-in")
    url = browser.issuer.authorize(begun.location)
    assert browser.get(f"{url}&state=x").location == "/auth/sign-in"
    assert exchanges(browser) == 0


def test_a_callback_without_a_code_says_so(browser: Browser) -> None:
    begun = browser.get("/auth/sign-in")
    answer = callback(browser, changed(browser.issuer.authorize(begun.location), code=None))
    assert error_of(answer)["code"] == "code_missing"
    assert browser.verifiers == []


@pytest.mark.parametrize(
    ("error", "status", "word"),
    [
        ("invalid_grant", 400, "VESTIBULE_REDIRECT_URI"),
        ("invalid_client", 401, "VESTIBULE_API_KEY"),
        ("unauthorized_client", 400, "VESTIBULE_CLIENT_ID"),
        ("something_new", 400, "something_new"),
    ],
)
def test_a_refused_code_names_the_setting(browser: Browser, error: str, status: int, word: str) -> None:
    begun = browser.get("/auth/sign-in")
    browser.issuer.refuse(error, status=status)
    answer = callback(browser, browser.issuer.authorize(begun.location))
    assert (answer.status, error_of(answer)["code"]) == (400, "code_refused")
    assert word in error_of(answer)["hint"]
    assert browser.verifiers == []
    assert browser.events[-1].data == {"reason": "code_refused"}


@pytest.mark.parametrize(
    ("claims", "word"),
    [
        ({"iss": "https://other.example"}, "VESTIBULE_ISSUER"),
        ({"aud": "client_other"}, "VESTIBULE_CLIENT_ID"),
        ({"exp": 5}, "clock"),
        ({"sub": "user_OTHER"}, ""),
        ({"sid": ""}, "VESTIBULE_URL"),
    ],
)
def test_an_unacceptable_token_signs_nobody_in(
    browser: Browser, claims: dict[str, object], word: str
) -> None:
    begun = browser.get("/auth/sign-in")
    answer = callback(browser, browser.issuer.authorize(begun.location, claims=claims))
    assert (answer.status, error_of(answer)["code"]) == (400, "token_invalid")
    assert word in error_of(answer).get("hint", "")
    assert browser.session() is None


def test_an_outage_during_the_exchange_is_503_and_leads_back_to_sign_in(browser: Browser) -> None:
    begun = browser.get("/auth/sign-in")
    browser.issuer.fail(502)
    answer = browser.get(browser.issuer.authorize(begun.location))
    assert answer.status == 503
    assert answer.header("retry-after") == "5"
    assert 'href="/auth/sign-in"' in answer.body
    assert browser.verifiers == []


def test_the_second_try_still_ends_where_the_first_was_to_end(browser: Browser) -> None:
    begun = browser.get("/auth/sign-in?return_to=/invoices")
    browser.issuer.refuse("invalid_grant")
    answer = browser.get(browser.issuer.authorize(begun.location))
    assert 'href="/auth/sign-in?return_to=%2Finvoices"' in answer.body


def test_the_verifier_is_deleted_with_the_attributes_it_was_set_with() -> None:
    browser = open_browser(redirect_uri="https://app.example.com/auth/callback", cookie_domain="example.com")
    begun = browser.get("https://app.example.com/auth/sign-in")
    done = browser.get(browser.issuer.authorize(begun.location))
    name = begun.set_cookies[0].partition("=")[0]
    assert (
        done.set_cookies[-1]
        == f"{name}=; Path=/; Domain=example.com; Max-Age=0; HttpOnly; Secure; SameSite=Lax"
    )


def test_CK_8_a_session_that_does_not_fit_ends_on_a_page_that_says_why(browser: Browser) -> None:
    begun = browser.get("/auth/sign-in")
    permissions = [f"department-{n}:invoices:read" for n in range(200)]
    answer = browser.get(browser.issuer.authorize(begun.location, permissions=permissions))
    assert answer.status == 400
    assert "session_too_large" in answer.body
    assert "accessToken: " in answer.body
    assert "wos-session" not in browser.jar
    assert browser.verifiers == []


def test_nothing_secret_is_on_an_error_page(browser: Browser) -> None:
    begun = browser.get("/auth/sign-in")
    url = browser.issuer.authorize(begun.location)
    browser.issuer.refuse("invalid_grant")
    answer = browser.get(url)
    config = browser.issuer.config
    secrets = [
        dict(parse_qsl(urlsplit(url).query))["code"],
        begun.query["state"],
        config.api_key,
        *config.cookie_passwords,
    ]
    for secret in secrets:
        assert str(secret) not in answer.body


def test_a_seal_of_another_shape_under_the_right_name_is_unreadable(browser: Browser) -> None:
    password = browser.issuer.config.cookie_passwords[0]
    state = seal({"hello": "world"}, password)
    visit = browser.visit()
    visit._pending._remember(state, "http://testserver/auth/callback")
    browser.keep(visit.headers())
    answer = callback(browser, f"http://testserver/auth/callback?{urlencode({'code': 'c', 'state': state})}")
    assert error_of(answer)["code"] == "state_unreadable"
