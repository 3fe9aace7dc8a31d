"""The identity server's own pages, over HTTP: what they give away, what they take, what they keep apart."""

import base64
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.security.conftest import PASSWORD
from tests.servers import Running
from vestibule.server.identity.outbox import list_mails
from vestibule.server.identity.users import find_user_by_email

CALLBACK = "http://localhost:3000/callback"
MORE = {
    "email_verified": "true",
    "id": "user_chosen",
    "user_id": "user_chosen",
    "role": "admin",
    "roles": "admin",
    "permissions": "*",
    "organization_id": "org_chosen",
    "external_id": "chosen",
    "metadata": '{"plan":"pro"}',
    "created_at": "2000-01-01T00:00:00Z",
}
OWN = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def browser(server: Running) -> Iterator[httpx2.Client]:
    with server.browser(follow_redirects=False) as browser:
        yield browser


def asked(server: Running, **more: str) -> dict[str, str]:
    return {
        "client_id": server.client_id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "state": "plain-state-canary",
        "login_hint": "canary@example.com",
        "nonce": "nonce-canary",
        **more,
    }


def follow(browser: httpx2.Client, answer: httpx2.Response) -> httpx2.Response:
    """Redirects on the server itself."""
    while answer.is_redirect and answer.headers["location"].startswith("/"):
        answer = browser.get(answer.headers["location"])
    return answer


def begin(browser: httpx2.Client, server: Running, **more: str) -> httpx2.Response:
    return follow(browser, browser.get("/user_management/authorize", params=asked(server, **more)))


def send(browser: httpx2.Client, page: httpx2.Response, **typed: str) -> httpx2.Response:
    hidden = dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', page.text))
    return follow(browser, browser.post(str(page.url), data={**hidden, **typed}, headers=OWN))


def sign_in(browser: httpx2.Client, page: httpx2.Response, **more: str) -> httpx2.Response:
    return send(browser, page, email="ada@example.com", password=PASSWORD, **more)


def test_reg_CVE_2026_7571_nothing_sent_later_changes_what_was_asked(
    server: Running, browser: httpx2.Client
) -> None:
    page = begin(browser, server)
    url = f"{page.url}&response_type=token&response_mode=fragment&redirect_uri=https://evil.example/&state=x"
    answer = sign_in(browser, browser.get(url), response_type="token", redirect_uri="https://evil.example/")
    location = urlsplit(answer.headers["location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == CALLBACK
    assert location.fragment == ""
    query = parse_qs(location.query)
    assert set(query) == {"code", "state"}
    assert query["state"] == ["plain-state-canary"]


def test_reg_CVE_2024_4540_no_cookie_holds_what_was_asked(server: Running, browser: httpx2.Client) -> None:
    sign_in(browser, begin(browser, server))
    cookies = [str(cookie.value) for cookie in browser.cookies.jar]
    assert len(cookies) >= 2
    for value in cookies:
        read = {value, *(_decoded(part) for part in re.split(r"[.:|]", value))}
        for text in read:
            for word in ("canary", "ada@", "localhost", server.client_id, "response_type"):
                assert word not in text


def _decoded(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("latin-1")
    except ValueError:
        return text


def test_reg_CVE_2022_39222_the_sign_in_of_one_browser_cannot_be_finished_in_another(
    server: Running, browser: httpx2.Client
) -> None:
    page = begin(browser, server)
    token = parse_qs(urlsplit(str(page.url)).query)["login"][0]
    with server.browser() as thief:
        before = thief.get(f"/continue?login={token}")
        sign_in(browser, page)
        after = thief.get(f"/continue?login={token}")
    for answer in (before, after):
        assert "code=" not in answer.headers.get("location", "")
        assert answer.status_code in (303, 400, 404, 410)


def test_reg_CVE_2026_27946_a_form_takes_what_it_asks_for_and_nothing_else(
    server: Running, browser: httpx2.Client
) -> None:
    page = begin(browser, server, screen_hint="sign-up")
    send(browser, page, email="mass@example.com", password="four purple umbrellas", **MORE)
    user = find_user_by_email(server.identity, "mass@example.com")
    assert user is not None
    assert user.id != "user_chosen"
    assert not user.email_verified
    assert user.external_id is None
    assert user.metadata == {}
    assert user.created_at.year > 2000


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/user_management/users", {"email": "free@example.com", "user_id": "user_1", "owner": "user_1"}),
        ("/user_management/organization_memberships", {"user_id": "user_1", "organization_id": "org_1"}),
        ("/organizations", {"name": "Free", "userId": "user_1"}),
        ("/user_management/password_reset", {"email": "ada@example.com", "user_id": "user_1"}),
    ],
)
def test_AK_1_reg_CVE_2025_61928_naming_a_user_is_no_key(
    server: Running, path: str, body: dict[str, str]
) -> None:
    with httpx2.Client(base_url=server.url) as stranger:
        for headers in ({}, {"authorization": "Bearer"}, {"authorization": "Bearer user_1"}):
            assert stranger.post(path, json=body, headers=headers).status_code == 401
    assert find_user_by_email(server.identity, "free@example.com") is None


@pytest.mark.parametrize("path", ["/oauth2/token", "/user_management/authenticate"])
@pytest.mark.parametrize("name", ["grant_type", "client_id", "code", "refresh_token", "redirect_uri"])
def test_reg_CVE_2026_9689_a_field_sent_twice_is_refused(server: Running, path: str, name: str) -> None:
    fields = [
        ("grant_type", "authorization_code"),
        ("client_id", server.client_id),
        ("code", "c"),
        ("redirect_uri", CALLBACK),
        ("code_verifier", "v" * 43),
    ]
    body = "&".join(f"{key}={value}" for key, value in [*fields, (name, "other"), (name, "another")])
    answer = httpx2.post(
        server.url + path,
        content=body,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code in (400, 401, 422)
    assert "access_token" not in answer.text


def test_reg_CVE_2026_42561_CVE_2024_47874_no_endpoint_reads_multipart(server: Running) -> None:
    part = b"--x\r\nContent-Disposition: form-data; name=grant_type\r\n\r\npassword\r\n"
    for path in ("/user_management/authenticate", "/oauth2/token", "/sign-in", "/sign-up"):
        answer = httpx2.post(
            server.url + path,
            content=part * 500 + b"--x--",
            headers={"content-type": "multipart/form-data; boundary=x", **OWN},
        )
        assert answer.status_code in (400, 403, 413, 415), path


def test_reg_CVE_2022_31127_what_somebody_typed_is_text_in_a_mail(server: Running) -> None:
    name = "<a href=https://evil.example>click</a>"
    with server.client() as api:
        user = api.post("/user_management/users", json={"email": "html@example.com", "first_name": name})
        api.post(f"/user_management/users/{user.json()['id']}/email_verification/send")
    (mail, *_) = list_mails(server.identity, recipient="html@example.com")
    assert "evil.example" not in mail.html
    assert "<a href=https" not in mail.html


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/forgot-password", "/reset-password", "/nothing"])
def test_AD_2_every_page_forbids_what_it_does_not_need(server: Running, path: str) -> None:
    with server.browser() as browser:
        answer = follow(browser, browser.get(path))
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"


def test_AK_4_a_key_is_shown_once_and_kept_as_a_hash(server: Running) -> None:
    with server.identity.store.read() as tx:
        rows = [str(tuple(row)) for row in tx.connection.exec_driver_sql("SELECT * FROM api_keys").all()]
    assert rows
    assert not any(server.api_key in row or server.api_key[8:] in row for row in rows)
