"""Who is let in, and what those get who are not."""

import pytest

from tests.adapters.conftest import Build
from tests.adapters.rigs import FETCH, HTMX, NAVIGATE, Rig
from vestibule.testing import sign_in


def test_pages_of_no_concern_stay_open(rig: Rig) -> None:
    assert rig.open("/public").text == "public"
    assert rig.open("/").json == {"email": None}


@pytest.mark.parametrize(
    "headers",
    [
        FETCH,
        {},
        {"Accept": "application/json"},
        {**NAVIGATE, "Sec-Fetch-Mode": "cors"},
        {"Accept": "text/html", "HX-Request": "true"},
    ],
    ids=["fetch", "bare", "json", "mode-beats-accept", "htmx"],
)
def test_a_program_that_is_signed_out_gets_a_401_with_a_code(rig: Rig, headers: dict[str, str]) -> None:
    answer = rig.get("/me", headers)
    assert answer.status == 401
    assert answer.json["error"]["code"] == "signed_out"
    assert answer.json["error"]["reason"] == "no_cookie"
    assert answer.json["error"]["sign_in_url"].startswith("/auth/sign-in")
    assert "Location" not in answer


@pytest.mark.parametrize("headers", [NAVIGATE, {"Accept": "text/html"}], ids=["navigate", "old-browser"])
def test_a_browser_that_is_signed_out_goes_to_sign_in(rig: Rig, headers: dict[str, str]) -> None:
    answer = rig.get("/invoices?page=2", headers)
    assert answer.status == 303
    assert answer.location == "/auth/sign-in?return_to=%2Finvoices%3Fpage%3D2"
    assert answer.set_cookies == []


def test_htmx_gets_a_401_and_the_way_to_sign_in(rig: Rig) -> None:
    answer = rig.get("/invoices", {**HTMX, "HX-Current-URL": "http://localhost/list?x=1"})
    assert answer.status == 401
    assert answer["HX-Redirect"] == "/auth/sign-in?return_to=%2Flist%3Fx%3D1"


def test_a_403_names_what_is_missing(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, permissions=["other"])
    answer = rig.get("/invoices")
    assert answer.status == 403
    assert answer.json["error"]["code"] == "forbidden"
    assert answer.json["error"]["missing"] == {"permission": ["invoices:read"]}
    page = rig.open("/invoices")
    assert page.status == 403
    assert "invoices:read" in page.text


def test_a_guard_lets_in_who_has_what_it_takes(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, permissions=["invoices:read"])
    assert rig.get("/invoices").text == "invoices"
    assert rig.open("/invoices").text == "invoices"


def test_all_of_a_guard_is_needed(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, permissions=["invoices:read"], roles=["owner"])
    missing = rig.get("/both").json["error"]["missing"]
    assert missing == {"role": ["admin"]}
    sign_in(rig.client, auth=rig.auth, permissions=["invoices:read"], roles=["owner", "admin"])
    assert rig.get("/both").text == "both"


def test_alternatives_combine(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth)
    assert rig.get("/either").status == 403
    sign_in(rig.client, auth=rig.auth, role="admin")
    assert rig.get("/either").text == "either"
    sign_in(rig.client, auth=rig.auth, permissions=["invoices:read"])
    assert rig.get("/either").text == "either"


def test_a_group_of_routes_has_one_guard(rig: Rig) -> None:
    assert rig.open("/group/x").status == 303
    sign_in(rig.client, auth=rig.auth)
    assert rig.get("/group/x").status == 403
    sign_in(rig.client, auth=rig.auth, role="admin")
    assert rig.get("/group/x").text == "public"


def test_a_stale_sign_in_steps_up(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, authenticated_at=rig.clock() - 3600)
    page = rig.open("/recent")
    assert page.status == 303
    assert "max_age=600" in page.location
    program = rig.get("/recent")
    assert program.status == 403
    assert program.json["error"]["code"] == "reauthentication_required"
    begun = rig.open(page.location)
    assert "max_age=600" in begun.location
    sign_in(rig.client, auth=rig.auth)
    assert rig.get("/recent").text == "recent"


def test_a_damaged_cookie_is_nobody(rig: Rig) -> None:
    for value in ("garbage", "Fe26.2*1*x", "", "%ff%00", "Fe26.2**********~2"):
        answer = rig.get("/me", {**FETCH, "Cookie": f"wos-session={value}"})
        assert answer.status == 401


def test_headers_of_other_middlewares_sign_nobody_in(rig: Rig) -> None:
    (cookie,) = rig.issuer.cookies().values()
    for name in ("X-WorkOS-Session", "X-Vestibule-Session", "Authorization"):
        assert rig.get("/me", {**FETCH, name: cookie}).status == 401


# --- cross-site ---


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://other.localhost"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
    ],
    ids=["old-browser", "both", "no-origin", "sibling", "null", "lookalike"],
)
@pytest.mark.parametrize("path", ["/note", "/leave", "/auth/sign-out", "/auth/organization"])
def test_CS_1_changes_from_other_sites_are_refused(rig: Rig, path: str, headers: dict[str, str]) -> None:
    sign_in(rig.client, auth=rig.auth)
    answer = rig.post(path, "organization_id=org_2", headers)
    assert answer.status == 403
    assert "cross_site" in answer.text
    assert answer.session_cookies() == []
    assert rig.get("/me").status == 200


def test_the_same_site_and_programs_may_change_things(rig: Rig) -> None:
    assert rig.post("/note", "hello", FETCH).text == "hello"
    assert rig.post("/note", "hello", {}).text == "hello"
    assert rig.post("/note", "hello", {"Origin": "http://localhost"}).text == "hello"


def test_a_trusted_origin_may_change_things(make: Build) -> None:
    rig = make(settings={"trusted_origins": ("https://app.example.com",)})
    headers = {"Origin": "https://app.example.com", "Sec-Fetch-Site": "cross-site"}
    assert rig.post("/note", "hello", headers).text == "hello"
    assert rig.post("/note", "hello", {**headers, "Origin": "https://evil.example"}).status == 403


def test_reading_from_other_sites_is_not_refused(rig: Rig) -> None:
    assert rig.open("/public", **{"Sec-Fetch-Site": "cross-site"}).status == 200


def test_a_strange_host_opens_no_door(rig: Rig) -> None:
    answer = rig.get("/me", {"Host": "localhost/public?", "Accept": "application/json"})
    assert answer.status in (400, 401)
    assert "@" not in answer.text


def test_a_trusted_origin_may_ask_for_the_session(make: Build) -> None:
    rig = make(settings={"trusted_origins": ("https://app.example.com",)})
    headers = {"Origin": "https://app.example.com", "Sec-Fetch-Site": "cross-site"}
    answer = rig.get("/auth/session", headers)
    assert answer["Access-Control-Allow-Origin"] == "https://app.example.com"
    assert answer["Access-Control-Allow-Credentials"] == "true"
    assert "Access-Control-Allow-Origin" not in rig.get("/auth/session", FETCH)
