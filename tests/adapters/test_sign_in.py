"""From the sign-in link to the protected page, in every framework."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.adapters.conftest import Build
from tests.adapters.rigs import FETCH, HTMX, Rig, build
from vestibule.errors import LoginError, VestibuleError


def test_a_visitor_signs_in_and_lands_where_they_wanted_to_go(rig: Rig) -> None:
    turned_away = rig.open("/me?tab=2")
    assert turned_away.status == 303
    assert turned_away.location == "/auth/sign-in?return_to=%2Fme%3Ftab%3D2"
    back = rig.follow_sign_in(turned_away.location, email="ada@example.com")
    assert (back.status, back.location) == (303, "/me?tab=2")
    assert len(back.session_cookies()) == 1
    assert rig.open("/me?tab=2").json["email"] == "ada@example.com"


def test_sign_in_begins_at_the_authorization_url_with_a_verifier_cookie(rig: Rig) -> None:
    begun = rig.open("/auth/sign-in?login_hint=ada%40example.com")
    url = urlsplit(begun.location)
    query = parse_qs(url.query)
    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://id.example.com/user_management/authorize"
    assert query["screen_hint"] == ["sign-in"]
    assert query["login_hint"] == ["ada@example.com"]
    assert query["code_challenge_method"] == ["S256"]
    (cookie,) = begun.set_cookies
    assert cookie.startswith("wos-auth-verifier-")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_sign_up_shows_the_sign_up_page(rig: Rig) -> None:
    assert "screen_hint=sign-up" in rig.open("/auth/sign-up").location


def test_the_verifier_cookie_goes_when_the_sign_in_is_finished(rig: Rig) -> None:
    back = rig.follow_sign_in()
    (gone,) = [line for line in back.set_cookies if line.startswith("wos-auth-verifier-")]
    assert "Max-Age=0" in gone


def test_the_callback_path_comes_from_the_redirect_uri(make: Build) -> None:
    rig = make(settings={"redirect_uri": "http://localhost/api/auth/callback"})
    back = rig.follow_sign_in()
    assert back.status == 303
    assert rig.get("/me").status == 200


def test_other_prefix_other_paths(make: Build) -> None:
    rig = make(settings={"prefix": "/account", "redirect_uri": "http://localhost/account/callback"})
    assert rig.open("/me").location.startswith("/account/sign-in?")
    assert rig.open("/auth/sign-in").status == 404
    assert rig.follow_sign_in("/account/sign-in").status == 303


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/x", "/\\evil.example"])
def test_a_sign_in_never_ends_at_another_site(rig: Rig, target: str) -> None:
    back = rig.follow_sign_in(f"/auth/sign-in?return_to={target}")
    assert back.location.startswith("/")
    assert not back.location.startswith("//")


def test_a_callback_that_began_elsewhere_explains_itself(rig: Rig) -> None:
    begun = rig.open("/auth/sign-in")
    callback = rig.issuer.authorize(begun.location).removeprefix("http://localhost")
    stranger = build(rig.name).get(callback)
    assert stranger.status == 400
    assert stranger.json["error"]["code"] == "verifier_cookie_missing"
    assert stranger.json["error"]["hint"]
    assert stranger.session_cookies() == []
    assert rig.issuer.requests_to("authenticate") == []


def test_an_error_of_the_identity_server_is_understood(rig: Rig) -> None:
    begun = rig.open("/auth/sign-in")
    state = parse_qs(urlsplit(begun.location).query)["state"][0]
    answer = rig.open(f"/auth/callback?error=access_denied&error_description=%3Cscript%3E&state={state}")
    assert answer.status in (400, 403)
    assert "access_denied" in answer.text
    assert "<script>" not in answer.text
    assert any("Max-Age=0" in line for line in answer.set_cookies)


def test_a_replayed_callback_leads_on_when_there_is_a_session(rig: Rig) -> None:
    begun = rig.open("/auth/sign-in?return_to=/me")
    callback = rig.issuer.authorize(begun.location).removeprefix("http://localhost")
    assert rig.open(callback).location == "/me"
    again = rig.open(callback)
    assert (again.status, again.location) == (303, "/me")
    assert rig.get("/me").status == 200
    assert len(rig.issuer.requests_to("authenticate")) == 1


def test_a_prefetched_link_starts_nothing(rig: Rig) -> None:
    assert rig.open("/auth/sign-in", **{"Sec-Purpose": "prefetch"}).set_cookies == []


def test_the_session_route_tells_the_apps_pages_who_is_there(rig: Rig) -> None:
    assert rig.get("/auth/session").json == {"session": None, "reason": "no_cookie"}
    rig.follow_sign_in(email="ada@example.com", permissions=["a"])
    told = rig.get("/auth/session")
    assert told.json["session"]["user"]["email"] == "ada@example.com"
    assert told.json["session"]["permissions"] == ["a"]
    assert "eyJ" not in told.text


def test_an_outage_during_the_callback_is_a_503_and_nobody_is_signed_in(rig: Rig) -> None:
    begun = rig.open("/auth/sign-in")
    callback = rig.issuer.authorize(begun.location).removeprefix("http://localhost")
    rig.issuer.drop(only=rig.issuer.TOKENS)
    answer = rig.open(callback)
    assert answer.status == 503
    assert int(answer["Retry-After"]) > 0
    assert answer.session_cookies() == []


# --- hooks ---


@pytest.mark.parametrize("kind", ["blocking", "async"])
def test_the_hook_learns_who_signs_in_before_anybody_is_signed_in(make: Build, kind: str) -> None:
    seen: list[object] = []

    def blocking(sign_in: object) -> None:
        seen.append(sign_in)

    async def waiting(sign_in: object) -> None:
        seen.append(sign_in)

    rig = make(on_sign_in=blocking if kind == "blocking" else waiting)
    rig.follow_sign_in(email="ada@example.com", organization_id="org_1")
    (sign_in,) = seen
    assert sign_in.session.user.email == "ada@example.com"  # type: ignore[attr-defined]
    assert sign_in.response.organization_id == "org_1"  # type: ignore[attr-defined]


def test_a_hook_that_crashes_leaves_nobody_signed_in(make: Build) -> None:
    def crash(sign_in: object) -> None:
        raise RuntimeError("the database is away")

    rig = make(on_sign_in=crash)
    answer = rig.follow_sign_in()
    assert answer.status == 500
    assert answer.session_cookies() == []
    assert any(line.startswith("wos-auth-verifier-") for line in answer.set_cookies)
    assert rig.get("/me").status == 401


def test_a_hook_can_refuse_with_a_page_that_says_why(make: Build) -> None:
    def refuse(sign_in: object) -> None:
        raise LoginError("Your company has no contract with us.", code="no_contract")

    rig = make(on_sign_in=refuse)
    answer = rig.follow_sign_in()
    assert answer.status == 400
    assert "no contract with us" in answer.text
    assert rig.get("/me").status == 401


def test_the_error_hook_may_answer_in_its_own_way(make: Build) -> None:
    seen: list[VestibuleError] = []

    def custom(error: VestibuleError) -> object:
        seen.append(error)
        if rig.name == "flask":
            return "our own page", 418
        if rig.name.startswith("django"):
            from django.http import HttpResponse

            return HttpResponse("our own page", status=418)
        from starlette.responses import PlainTextResponse

        return PlainTextResponse("our own page", 418)

    rig = make(on_sign_in_error=custom)
    begun = rig.open("/auth/sign-in")
    state = parse_qs(urlsplit(begun.location).query)["state"][0]
    answer = rig.open(f"/auth/callback?error=access_denied&state={state}")
    assert (answer.status, answer.text) == (418, "our own page")
    assert any("Max-Age=0" in line for line in answer.set_cookies)
    assert [error.code for error in seen] == ["access_denied"]


def test_the_error_hook_may_leave_it_to_the_page(make: Build) -> None:
    seen: list[VestibuleError] = []
    rig = make(on_sign_in_error=seen.append)
    answer = rig.open("/auth/callback?error=server_error&state=x")
    assert answer.status >= 400
    assert len(seen) == 1


def test_events_reach_the_app(make: Build) -> None:
    codes: list[str] = []
    rig = make(on_event=lambda event: codes.append(event.code))
    rig.follow_sign_in()
    rig.post("/leave")
    assert codes == ["session.signed_in", "session.signed_out"]


# --- organizations ---


def test_the_organization_route_switches(rig: Rig) -> None:
    rig.follow_sign_in(organization_id="org_1")
    answer = rig.post("/auth/organization", "organization_id=org_2&return_to=/me", {"Accept": "text/html"})
    assert (answer.status, answer.location) == (303, "/me")
    assert rig.get("/me").json["organization_id"] == "org_2"


def test_the_organization_route_takes_json(rig: Rig) -> None:
    rig.follow_sign_in(organization_id="org_1")
    answer = rig.post(
        "/auth/organization", '{"organization_id":"org_2"}', {**FETCH, "Content-Type": "application/json"}
    )
    assert answer.status == 200
    assert rig.get("/me").json["organization_id"] == "org_2"


def test_an_endless_body_is_not_read(rig: Rig) -> None:
    rig.follow_sign_in(organization_id="org_1")
    answer = rig.post("/auth/organization", "x" * 300_000 + "&organization_id=org_2")
    assert answer.status == 400
    assert rig.get("/me").json["organization_id"] == "org_1"


def test_an_organization_that_wants_single_sign_on_leads_there(rig: Rig) -> None:
    rig.follow_sign_in(organization_id="org_1")
    rig.issuer.refuse("sso_required")
    answer = rig.post("/auth/organization", "organization_id=org_2", {"Accept": "text/html"})
    assert answer.status == 303
    assert "organization_id=org_2" in answer.location
    assert rig.get("/me").json["organization_id"] == "org_1"


def test_htmx_is_told_where_sign_in_is(rig: Rig) -> None:
    answer = rig.get("/me", HTMX)
    assert answer.status == 401
    assert answer["HX-Redirect"].startswith("/auth/sign-in")
