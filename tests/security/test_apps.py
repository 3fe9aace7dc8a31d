"""The cases that end in an app, on each framework, through a real server: what a browser sees."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
import pytest

from tests.adapters.rigs import FETCH
from tests.security.sites import Site
from vestibule.crypto.seal import seal
from vestibule.crypto.strict_json import Json

EVIL = "https://evil.example"
LEAVING = [
    "//evil.example",
    "/\\evil.example",
    "/%09/evil.example",
    "https:evil.example",
    "///evil.example",
    "/..//evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://evil.example/",
    "\\\\evil.example",
]


@pytest.fixture
def browser(site: Site) -> Iterator[httpx2.Client]:
    with site.browser() as browser:
        yield browser


def good_cookie(site: Site) -> str:
    (value,) = site.issuer.cookies(email="ada@example.com").values()
    return str(value)


def ask(site: Site, value: str, path: str = "/me") -> httpx2.Response:
    headers = {**FETCH, "Cookie": f"wos-session={value}"}
    return httpx2.get(site.url + path, headers=headers, timeout=20)


def sealed(site: Site, content: Json) -> str:
    return seal(content, site.issuer.config.cookie_passwords[0])


def test_CK_1_a_changed_seal_is_nobody_and_tells_nothing(site: Site) -> None:
    good = good_cookie(site)
    assert ask(site, good).status_code == 200
    bodies = set()
    for place in range(7, len(good), max(1, len(good) // 40)):
        other = "A" if good[place] != "A" else "B"
        answer = ask(site, good[:place] + other + good[place + 1 :])
        assert answer.status_code == 401
        bodies.add(answer.content)
    assert len(bodies) == 1


@pytest.mark.parametrize(
    "shape",
    ["", "Fe26.2", "{0}{0}", "{0}~1", "{0}~2~2", "Fe26.1{1}", "{0}*x", "Fe26.2**********~2", "%ff%00"],
)
def test_CK_2_another_shape_is_nobody(site: Site, shape: str) -> None:
    good = good_cookie(site)
    assert ask(site, shape.format(good, good[6:])).status_code == 401


@pytest.mark.parametrize("name", ["__proto__", "constructor", "9", "k" * 3_000, "../../x", "%00"])
def test_CK_5_another_password_id_is_nobody(site: Site, name: str) -> None:
    parts = good_cookie(site).split("*")
    parts[1] = name
    assert ask(site, "*".join(parts)).status_code == 401


def test_CK_3_a_state_is_no_session_and_a_session_no_state(site: Site, browser: httpx2.Client) -> None:
    begun = browser.get("/auth/sign-in")
    state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
    assert ask(site, state).status_code == 401
    session = good_cookie(site)
    name = begun.headers["set-cookie"].partition("=")[0]
    exchanges = len(site.issuer.requests_to("authenticate"))
    for cookies in (f"{name}={session}", f"wos-auth-verifier={session}"):
        answer = httpx2.get(
            f"{site.url}/auth/callback",
            params={"code": "c", "state": session},
            headers={**FETCH, "Cookie": cookies},
        )
        assert answer.status_code == 400
    assert len(site.issuer.requests_to("authenticate")) == exchanges


@pytest.mark.parametrize(
    "content", [{}, [], "x", None, {"accessToken": 1}, {"accessToken": "a.b.c", "user": []}]
)
def test_CK_3_what_is_sealed_but_no_session_is_nobody(site: Site, content: Json) -> None:
    assert ask(site, sealed(site, content)).status_code == 401


@pytest.mark.parametrize("target", LEAVING)
def test_OR_1_a_sign_in_ends_on_the_app_s_own_origin(site: Site, browser: httpx2.Client, target: str) -> None:
    begun = browser.get("/auth/sign-in", params={"return_to": target})
    done = browser.get(site.issuer.authorize(begun.headers["location"]))
    landed = urlsplit(urljoin(site.url, done.headers["location"]))
    assert f"{landed.scheme}://{landed.netloc}" == site.url
    assert done.headers["location"].startswith("/")
    assert not done.headers["location"].startswith(("//", "/\\"))


@pytest.mark.parametrize("target", ["/\u2028x", "/%00", "/a%0d%0aSet-Cookie:%20x=1", "/" + "a" * 8_000])
def test_OR_4_odd_return_paths_lead_to_the_front_page(
    site: Site, browser: httpx2.Client, target: str
) -> None:
    begun = browser.get("/auth/sign-in", params={"return_to": target})
    done = browser.get(site.issuer.authorize(begun.headers["location"]))
    assert done.headers["location"] == "/"


def test_PS_1_a_state_of_another_sign_in_is_refused_before_any_exchange(
    site: Site, browser: httpx2.Client
) -> None:
    begun = browser.get("/auth/sign-in")
    callback = site.issuer.authorize(begun.headers["location"])
    exchanges = len(site.issuer.requests_to("authenticate"))
    assert browser.get(callback.replace("~2", "~3")).status_code == 400
    with site.browser() as other:
        other.get("/auth/sign-in")
        assert other.get(callback).status_code == 400
    assert len(site.issuer.requests_to("authenticate")) == exchanges


def test_PS_1_the_cookie_must_hold_the_very_state_that_comes_back(site: Site) -> None:
    """An attacker who can set a cookie (a sibling domain can) knows its name, but not what to put in it."""
    with site.browser() as attacker:
        theirs = attacker.get("/auth/sign-in")
    with site.browser() as victim:
        own = victim.get("/auth/sign-in").headers["set-cookie"].partition("=")[2].partition(";")[0]
    name = theirs.headers["set-cookie"].partition("=")[0]
    callback = site.issuer.authorize(theirs.headers["location"], email="attacker@example.com")
    for value in (own, own[:-1], "x"):
        answer = httpx2.get(callback, headers={**FETCH, "Cookie": f"{name}={value}"})
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "state_mismatch"


def test_PS_2_reg_CVE_2025_68158_without_its_cookie_a_callback_signs_nobody_in(site: Site) -> None:
    with site.browser() as attacker:
        callback = site.issuer.authorize(attacker.get("/auth/sign-in").headers["location"])
    with site.browser() as victim:
        answer = victim.get(callback)
        assert answer.status_code == 400
        assert "verifier_cookie_missing" in answer.text
        assert "wos-session" not in victim.cookies


def test_PS_4_words_of_others_are_not_shown_and_the_server_s_are_escaped(
    site: Site, browser: httpx2.Client
) -> None:
    state = parse_qs(urlsplit(browser.get("/auth/sign-in").headers["location"]).query)["state"][0]
    words = {"error": "access_denied", "error_description": "<script>alert(1)</script>"}
    with site.browser() as stranger:
        assert "alert(1)" not in stranger.get("/auth/callback", params=words).text
    answer = browser.get("/auth/callback", params={**words, "state": state})
    assert answer.status_code == 400
    assert "<script>" not in answer.text
    assert "Max-Age=0" in answer.headers["set-cookie"]


@pytest.mark.parametrize("path", ["/auth/sign-out", "/auth/organization", "/note"])
@pytest.mark.parametrize("origin", [{"Origin": EVIL}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}])
def test_CS_1_a_change_from_another_site_is_refused(site: Site, path: str, origin: dict[str, str]) -> None:
    headers = {"Cookie": f"wos-session={good_cookie(site)}", **origin}
    answer = httpx2.post(site.url + path, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_CS_2_only_post_switches_organizations(site: Site, method: str) -> None:
    headers = {**FETCH, "Cookie": f"wos-session={good_cookie(site)}", "X-HTTP-Method-Override": "POST"}
    query = {"organization_id": "org_2", "_method": "POST"}
    asked = len(site.issuer.requests_to("authenticate"))
    answer = httpx2.request(method, f"{site.url}/auth/organization", params=query, headers=headers)
    assert answer.status_code == (200 if method == "GET" else 405)  # a GET asks for the name of one's own
    assert "set-cookie" not in answer.headers
    assert "org_2" not in answer.text
    assert len(site.issuer.requests_to("authenticate")) == asked


def test_LO_1_a_cookie_kept_from_before_a_sign_out_dies_with_its_token(
    site: Site, browser: httpx2.Client
) -> None:
    site.sign_in(browser, email="ada@example.com")
    browser.post("/auth/sign-out", headers=FETCH)
    assert browser.get("/me", headers=FETCH).status_code == 401
    (kept,) = site.issuer.cookies(email="ada@example.com", expires_in=-1).values()
    site.issuer.refuse("invalid_grant")
    try:
        answer = ask(site, str(kept))
    finally:
        site.issuer.recover()
    assert answer.status_code == 401
    assert "Max-Age=0" in answer.headers["set-cookie"]


def test_JK_2_a_key_set_that_fails_signs_nobody_out(site: Site) -> None:
    good = good_cookie(site)
    assert ask(site, good).status_code == 200
    site.issuer.fail(500)
    try:
        assert ask(site, good).status_code == 200
    finally:
        site.issuer.recover()


def test_every_reason_to_be_nobody_reads_the_same_but_for_its_name(site: Site) -> None:
    answers = [ask(site, value) for value in ("", "x", sealed(site, {}), good_cookie(site)[:-9])]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.json()["error"]["code"] for answer in answers} == {"signed_out"}
