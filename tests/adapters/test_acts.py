"""What handlers can do with the session of their request, in every framework."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.adapters.acts import ANSWERS
from tests.adapters.conftest import Build
from tests.adapters.rigs import FETCH, HTMX, NAVIGATE, Answer, Rig
from vestibule.testing import sign_in


def query_of(answer: Answer) -> dict[str, list[str]]:
    return parse_qs(urlsplit(answer.json["url"]).query)


def answered(rig: Rig, **rights: object) -> dict[str, object]:
    """What the token endpoint says to somebody who signed in elsewhere."""
    grant = rig.issuer._grant("grace@example.com", rights)
    return {
        "user": grant.user.to_api(),
        "access_token": rig.issuer.access_token(grant),
        "refresh_token": rig.issuer.refresh_token(grant),
        "authentication_method": "SSO",
    }


# --- beginning ---

EVERYTHING = {
    "screen_hint": "sign-up",
    "organization_id": "org_1",
    "login_hint": "ada@example.com",
    "domain_hint": "example.com",
    "connection_id": "conn_1",
    "invitation_token": "inv_1",
    "prompt": "consent",
    "max_age": "0",
}


def test_a_handler_begins_a_sign_in_with_every_parameter(rig: Rig) -> None:
    query = "&".join(f"{name}={value}" for name, value in EVERYTHING.items())
    answer = rig.open(f"/act?do=authorize&return_to=/me&state=my+own&{query}")
    sent = query_of(answer)
    assert {name: sent[name] for name in EVERYTHING} == {name: [value] for name, value in EVERYTHING.items()}
    (cookie,) = answer.set_cookies
    assert cookie.startswith("wos-auth-verifier-")


def test_the_state_of_the_app_comes_back_to_its_hook(make: Build) -> None:
    seen: list[object] = []
    rig = make(on_sign_in=lambda sign_in: seen.append(sign_in.state))
    begun = rig.open("/act?do=authorize&return_to=/me&state=my+own")
    callback = rig.issuer.authorize(begun.json["url"]).removeprefix("http://localhost")
    assert rig.open(callback).location == "/me"
    assert seen == ["my own"]


def test_P25_sign_in_ends_where_the_app_says_whatever_it_was_begun_with(make: Build) -> None:
    rig = make(return_path="/welcome")
    assert rig.follow_sign_in("/auth/sign-in?return_to=/me").location == "/welcome"


def test_no_sign_in_can_be_finished_after_the_app_forgot_them(rig: Rig) -> None:
    begun = rig.open("/auth/sign-in")
    callback = rig.issuer.authorize(begun.location).removeprefix("http://localhost")
    forgotten = rig.post("/act?do=forget")
    assert [line.partition("=")[0] for line in forgotten.set_cookies if "Max-Age=0" in line] == [
        line.partition("=")[0] for line in begun.set_cookies
    ]
    assert rig.get(callback).json["error"]["code"] == "verifier_cookie_missing"


def test_a_sign_in_that_failed_leads_to_the_apps_own_page(make: Build) -> None:
    rig = make(error_redirect_url="/oops?x=1")
    answer = rig.open("/auth/callback?error=access_denied&state=x")
    assert (answer.status, answer.location) == (303, "/oops?x=1&error=access_denied")
    assert rig.get("/auth/callback?error=access_denied&state=x").status == 400


# --- saving and clearing ---


def test_a_session_that_was_got_elsewhere_is_saved(rig: Rig) -> None:
    ANSWERS["grace"] = answered(rig, permissions=["invoices:read"])
    saved = rig.post("/act?do=save&answer=grace")
    assert saved.json == {"email": "grace@example.com"}
    assert len(saved.session_cookies()) == 1
    assert rig.get("/invoices").text == "invoices"


@pytest.mark.parametrize("change", ["user", "token", "nothing"])
def test_E16_nobody_is_signed_in_with_tokens_that_are_not_theirs(rig: Rig, change: str) -> None:
    answer = answered(rig)
    if change == "user":
        answer["user"] = {"id": "user_admin", "email": "admin@example.com"}
    elif change == "token":
        answer["access_token"] = f"{answer['access_token']}"[:-4] + "AAAA"
    else:
        answer = {}
    ANSWERS["forged"] = answer
    refused = rig.post("/act?do=save&answer=forged")
    assert refused.status == 400
    assert refused.json["error"]["code"] in ("token_invalid", "answer_invalid")
    assert refused.session_cookies() == []


def test_clearing_forgets_the_session_here_only(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, expires_in=-1)
    (cookie,) = rig.post("/act?do=clear").session_cookies()
    assert "Max-Age=0" in cookie
    assert rig.issuer.requests == []
    assert rig.get("/me").status == 401


# --- switching ---


def test_a_handler_switches_the_organization(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, organization_id="org_1")
    assert rig.post("/act?do=switch&to=org_2").json == {"organization_id": "org_2"}
    assert rig.get("/me").json["organization_id"] == "org_2"


@pytest.mark.parametrize("error", ["sso_required", "mfa_enrollment"])
@pytest.mark.parametrize("path", ["/act?do=switch&to=org_2&return_to=/me", "/auth/organization"])
def test_an_organization_that_wants_more_sends_a_browser_to_sign_in_for_it(
    rig: Rig, path: str, error: str
) -> None:
    sign_in(rig.client, auth=rig.auth, organization_id="org_1")
    rig.issuer.refuse(error)
    answer = rig.post(
        path, "organization_id=org_2&return_to=/me", NAVIGATE | {"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status == 303
    sent = parse_qs(urlsplit(answer.location).query)
    assert sent["organization_id"] == ["org_2"]
    callback = rig.issuer.authorize(answer.location).removeprefix("http://localhost")
    assert rig.open(callback).location == "/me"
    assert rig.get("/me").json["organization_id"] == "org_2"


def test_a_program_and_htmx_learn_where_to_sign_in_for_it(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, organization_id="org_1")
    path = "/auth/sign-in?organization_id=org_2&return_to=%2Fme"
    rig.issuer.refuse("sso_required", times=2)
    program = rig.post("/act?do=switch&to=org_2&return_to=/me")
    assert 400 <= program.status < 500
    assert (program.json["error"]["code"], program.json["error"]["sign_in_url"]) == ("sso_required", path)
    assert rig.post("/act?do=switch&to=org_2&return_to=/me", "", HTMX)["HX-Redirect"] == path
    assert rig.get("/me").json["organization_id"] == "org_1"


def test_the_address_the_server_names_for_it_is_followed(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, organization_id="org_1")
    rig.issuer.refuse("policy_denied", authkit_redirect_url="https://id.example.com/enroll?x=1")
    answer = rig.post("/act?do=switch&to=org_2", "", NAVIGATE | {"Sec-Fetch-Site": "same-origin"})
    assert (answer.status, answer.location) == (303, "https://id.example.com/enroll?x=1")


# --- recent authentication ---


def test_recent_authentication_is_told_without_a_redirect(rig: Rig) -> None:
    assert rig.open("/act?do=recent&max_age=600").json == {"known": False, "is_stale": True}
    sign_in(rig.client, auth=rig.auth, authenticated_at=rig.clock() - 599)
    assert rig.open("/act?do=recent&max_age=600").json == {"known": True, "is_stale": False}
    rig.clock.advance(seconds=2)
    assert rig.open("/act?do=recent&max_age=600").json == {"known": True, "is_stale": True}


# --- refreshing ---


def test_callbacks_learn_of_refreshes_and_of_those_that_failed(make: Build) -> None:
    refreshed: list[object] = []
    failed: list[object] = []
    rig = make(
        on_refresh=lambda session: refreshed.append(session.user.email), on_refresh_error=failed.append
    )
    sign_in(rig.client, auth=rig.auth, email="ada@example.com", expires_in=-1)
    rig.get("/me")
    assert refreshed == ["ada@example.com"]
    rig.clock.advance(minutes=6)
    rig.issuer.drop(only=rig.issuer.TOKENS)
    rig.get("/me")
    rig.issuer.recover()
    rig.issuer.end_sessions()
    rig.get("/me")
    assert [type(error).__name__ for error in failed] == ["Unreachable", "Refused"]


def test_a_refresh_can_be_forced(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth)
    before = len(rig.issuer.requests_to("authenticate"))
    assert rig.post("/act?do=refresh").session_cookies()
    assert len(rig.issuer.requests_to("authenticate")) == before + 1


# --- the access token for scripts ---


def token_lines(answer: Answer) -> list[str]:
    return [line for line in answer.set_cookies if line.startswith("workos-access-token=")]


def test_the_access_token_goes_to_scripts_only_when_asked_for(make: Build, rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth)
    assert token_lines(rig.open("/me")) == []
    eager = make(settings={"eager_access_token": True})
    sign_in(eager.client, auth=eager.auth)
    assert token_lines(eager.get("/me")) == []
    assert token_lines(eager.open("/me", **{"Sec-Purpose": "prefetch"})) == []
    (line,) = token_lines(eager.open("/me"))
    assert line.startswith("workos-access-token=eyJ")
    assert "HttpOnly" not in line
    assert "Path" not in line
    assert "Max-Age=30" in line
    assert "SameSite=Lax" in line


def test_the_access_token_of_scripts_goes_with_the_session(make: Build) -> None:
    rig = make(settings={"eager_access_token": True})
    (cookie,) = rig.issuer.cookies().values()
    held = {**NAVIGATE, "Cookie": f"wos-session={cookie}; workos-access-token=old"}
    assert "Max-Age=0" in token_lines(rig.post("/act?do=clear", "", {**FETCH, "Cookie": held["Cookie"]}))[0]


# --- whole-app protection ---

PROTECTED = {"protect": True, "public_paths": ("/", "/public", "/shop/:path*"), "sign_up_paths": ("/both",)}


def test_a_protected_app_is_closed_but_for_what_is_named(make: Build) -> None:
    rig = make(settings=PROTECTED)
    assert rig.open("/note-that-nobody-has").location == "/auth/sign-in?return_to=%2Fnote-that-nobody-has"
    assert rig.open("/greeting").location == "/auth/sign-in?return_to=%2Fgreeting"
    assert rig.open("/both").location == "/auth/sign-up?return_to=%2Fboth"
    assert rig.get("/greeting").status == 401
    assert rig.post("/note").status == 401
    assert rig.get("/greeting", HTMX)["HX-Redirect"].startswith("/auth/sign-in")
    for path in ("/", "/public", "/shop/x"):
        assert rig.open(path).status == 200
    for path in ("/favicon.ico", "/healthz", "/static/x.css"):
        assert rig.open(path).status == 404


def test_P34_the_way_in_is_open_in_a_protected_app(make: Build) -> None:
    rig = make(settings=PROTECTED)
    assert rig.follow_sign_in("/auth/sign-in?return_to=/greeting").location == "/greeting"
    assert rig.open("/greeting").status == 200
    assert rig.post("/note").text == "noted"


@pytest.mark.parametrize(
    "path", ["/shop/../me", "/shop/%2e%2e/me", "/shop//x", "/SHOP/x", "/shop/x%2f..%2fme"]
)
def test_a_path_that_two_readers_may_read_in_two_ways_is_not_public(make: Build, path: str) -> None:
    rig = make(settings=PROTECTED)
    assert rig.get(path).status in (308, 400, 401, 404)
    assert "public" not in rig.get(path).text


def test_an_outage_in_a_protected_app_is_a_503(make: Build) -> None:
    rig = make(settings=PROTECTED)
    sign_in(rig.client, auth=rig.auth, expires_in=-1)
    rig.issuer.drop()
    assert rig.open("/greeting").status == 503


# --- templates ---


def test_a_template_knows_who_is_there_and_where_to_sign_in(rig: Rig) -> None:
    stranger = rig.open("/greeting")
    assert 'href="/auth/sign-in?return_to=%2Fme%3Fx%3D1"' in stranger.text
    assert "no invoices" in stranger.text
    assert "somebody" not in stranger.text
    assert stranger.set_cookies == []
    sign_in(rig.client, auth=rig.auth, email="ada@example.com", permissions=["invoices:read"], role="admin")
    assert "Hello ada@example.com" in rig.get("/greeting", HTMX).text
    page = rig.open("/greeting")
    assert "Hello ada@example.com" in page.text
    assert "no invoices" not in page.text
    assert "somebody" in page.text
    assert "vestibule-impersonation" not in page.text
    assert page["Cache-Control"] == "private, no-store"


def test_everybody_sees_an_impersonation(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, email="ada@example.com", impersonator="<b>@example.com")
    page = rig.open("/greeting").text
    assert "&lt;b&gt;@example.com" in page
    assert "<b>" not in page
    assert 'action="/auth/sign-out"' in page
