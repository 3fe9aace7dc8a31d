"""What no hosted page accepts: forms from elsewhere, forms without their token, and what is no form."""

from urllib.parse import urlencode

import httpx2
import pytest

from tests.server.login.conftest import PASSWORD, App
from vestibule.server.identity.environment import update_environment
from vestibule.server.identity.organizations import update_organization

FORMS = [
    "/sign-in",
    "/sign-in/password",
    "/step-up",
    "/magic-code",
    "/second-factor",
    "/sign-up",
    "/verify-email",
    "/forgot-password",
    "/reset-password",
    "/select-organization",
]
TYPED = {"email": "ada@example.com", "password": PASSWORD}


def form_of(app: App, client: httpx2.Client) -> tuple[str, str]:
    """Where a sign-in's form goes, and its token."""
    begun = client.get(
        "/user_management/authorize",
        params={
            "client_id": app.server.client_id,
            "redirect_uri": "http://localhost:8000/callback",
            "response_type": "code",
        },
        follow_redirects=True,
    )
    return str(begun.url), begun.text.split('name="csrf" value="')[1].split('"')[0]


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
    ],
    ids=["cross-site", "same-site", "origin"],
)
def test_CS_1_forms_from_other_sites_are_refused(app: App, headers: dict[str, str]) -> None:
    with app.server.browser() as client:
        url, csrf = form_of(app, client)
        for path in FORMS:
            answer = client.post(path, data={"csrf": csrf}, headers=headers)
            assert answer.status_code == 403
            assert "form_not_trusted" in answer.text
        assert client.post(url, data={"csrf": csrf, **TYPED}).status_code == 303


def test_CS_2_looking_at_the_last_step_finishes_nothing(app: App) -> None:
    with app.server.browser() as client:
        url, csrf = form_of(app, client)
        last = client.post(url, data={"csrf": csrf, **TYPED}).headers["location"]
        looked = client.head(last)
        assert (looked.status_code, looked.headers.get("location")) == (200, None)
        assert "code=" in client.get(last).headers["location"]


def test_CS_2_nothing_changes_by_other_methods(app: App) -> None:
    with app.server.browser() as client:
        url, csrf = form_of(app, client)
        for method in ("PUT", "PATCH", "DELETE"):
            assert client.request(method, url, data={"csrf": csrf, **TYPED}).status_code == 405
        answer = client.get(f"{url}&{urlencode({'csrf': csrf, **TYPED})}")
        assert (answer.status_code, client.cookies.get("vestibule")) == (200, None)


@pytest.mark.parametrize("token", ["", "x" * 43, "é"])
def test_CS_3_a_form_without_its_own_token_is_refused(app: App, token: str) -> None:
    with app.server.browser() as client:
        url, _ = form_of(app, client)
        answer = client.post(url, data={"csrf": token, **TYPED})
        assert answer.status_code == 403


def test_CS_3_the_token_of_another_browser_is_refused(app: App) -> None:
    with app.server.browser() as mine, app.server.browser() as other:
        url, _ = form_of(app, mine)
        _, foreign = form_of(app, other)
        assert mine.post(url, data={"csrf": foreign, **TYPED}).status_code == 403
        assert mine.post(f"{url}&csrf={foreign}", data=TYPED).status_code == 403


def test_CS_4_other_kinds_of_body_are_refused(app: App) -> None:
    with app.server.browser() as client:
        url, csrf = form_of(app, client)
        assert client.post(url, json={"csrf": csrf, **TYPED}).status_code == 415
        plain = {"content-type": "text/plain"}
        assert client.post(url, content=f"csrf={csrf}", headers=plain).status_code == 415
        assert client.post(url, files={"csrf": csrf.encode()}).status_code == 415


def test_SZ_1_very_many_fields_are_refused(app: App) -> None:
    with app.server.browser() as client:
        url, csrf = form_of(app, client)
        answer = client.post(url, data={"csrf": csrf} | {f"f{n}": "" for n in range(1_000)})
        assert answer.status_code == 400


@pytest.mark.parametrize("text", ["\x00", "a\x00b@example.com", "\udcff", "%ff%fe", "\ufeff"])
def test_SZ_4_odd_characters_never_reach_the_database(app: App, text: str) -> None:
    with app.server.browser() as client:
        url, csrf = form_of(app, client)
        typed = {"csrf": csrf, "email": text, "password": text, "first_name": text}
        content = urlencode(typed, errors="surrogateescape")
        form = {"content-type": "application/x-www-form-urlencoded"}
        for path in (url, url.replace("/sign-in", "/sign-up"), "/forgot-password"):
            assert client.post(path, content=content, headers=form).status_code == 422


@pytest.mark.parametrize("path", [*FORMS, "/continue"])
def test_a_made_up_sign_in_is_explained_on_every_page(app: App, path: str) -> None:
    page = app.browser().get(path, login="x" * 43, token="\x00é")
    assert page.status in (200, 400)
    assert page.response.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in page.response.headers["content-security-policy"]


@pytest.mark.parametrize("email", ["ada@example.com\r\nBcc: eve@example.com", "ada@example.com\neve"])
def test_HI_1_a_line_break_in_the_address_to_sign_in_with_is_refused(app: App, email: str) -> None:
    browser = app.browser()
    page = browser.identify(app.begin(browser), email)
    assert page.status == 422
    there = page.url.replace("/sign-in", "/magic-code")
    sent = browser.post(there, page.forms[0].hidden | {"action": "send", "email": email})
    assert sent.status == 422
    assert app.mails("ada@example.com") == []


@pytest.mark.parametrize("ending", ["/x.css", "/password/x.js", ";.js", "%2fme.png", "/password;x.png"])
def test_CA_2_a_page_dressed_up_as_a_file_is_not_there_or_not_kept(app: App, ending: str) -> None:
    browser = app.browser()
    page = app.begin(browser)
    found = browser.get(page.url.replace("/sign-in", "/sign-in" + ending))
    assert found.status == 404 or found.response.headers["cache-control"] == "no-store"


def test_AD_1_markup_in_names_is_text_on_every_page_that_shows_them(app: App) -> None:
    identity, markup = app.server.identity, "<img src=x onerror=alert(1)>{{7*7}}"
    for organization_id in ("org_engines", "org_society"):
        update_organization(identity, organization_id, changes={"name": markup})
    update_environment(identity, name=markup)
    browser = app.browser()
    page = app.begin(browser)
    chosen = browser.sign_in(page, "grace@example.com", PASSWORD)
    assert chosen.heading == "Choose an organization"
    for each in (page, chosen):
        assert "<img src=x" not in each.response.text
        assert "{{7*7}}" in each.text


def test_cookies_are_out_of_reach_of_scripts(app: App) -> None:
    with app.server.browser() as client:
        url, csrf = form_of(app, client)
        answer = client.post(url, data={"csrf": csrf, **TYPED})
        answer = client.get(answer.headers["location"])
        for line in answer.headers.get_list("set-cookie"):
            assert "HttpOnly" in line
            assert "SameSite=lax" in line
            assert "Path=/;" in line
