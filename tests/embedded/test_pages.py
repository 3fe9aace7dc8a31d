"""Whatever the server inside the app shows or answers leads below its path, or back to the app."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx2

from tests.embedded.apps import ORIGIN, Built
from tests.embedded.people import FETCH, PASSWORD, link, me, sign_in, sign_up
from tests.server.hosted import follow, submit
from vestibule.server.identity.environment import update_environment
from vestibule.server.identity.invitations import create_invitation
from vestibule.server.identity.memberships import create_membership
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.users import create_user, find_user_by_email

ADA = "ada@example.com"
ADDRESSES = {"href", "src", "action", "formaction", "data-options"}
OF_THE_APP = {"/", "/callback", "/auth/sign-in", "/me"}
PUBLIC = [
    "/id/device",
    "/id/forgot-password",
    "/id/reset-password?token=none",
    "/id/invite?invitation_token=none",
]


class Links(HTMLParser):
    def __init__(self, page: httpx2.Response) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {value for name, value in attrs if name in ADDRESSES and value}


@contextmanager
def watched(built: Built) -> Iterator[tuple[httpx2.Client, list[httpx2.Response]]]:
    """A browser, and everything the server answered it."""
    seen: list[httpx2.Response] = []

    def look(response: httpx2.Response) -> None:
        if response.request.url.path.startswith("/id"):
            seen.append(response)

    with built.browser() as browser:
        browser.event_hooks["response"] = [look]
        yield browser, seen


def strays(responses: list[httpx2.Response]) -> list[str]:
    """Addresses of this origin that are neither below `/id` nor the app's own."""
    found = []
    for response in responses:
        address = str(response.request.url)
        targets = {response.headers["location"]} if "location" in response.headers else set()
        if response.headers.get("content-type", "").startswith("text/html"):
            targets |= Links(response).found
        for target in targets:
            parts = urlsplit(urljoin(address, target))
            if parts.scheme == "mailto":
                continue
            own = parts.path.startswith("/id/") or parts.path in OF_THE_APP
            if f"{parts.scheme}://{parts.netloc}" != ORIGIN or not own:
                found.append(f"{address} -> {target}")
    return found


def join(built: Built, *names: str) -> None:
    user = find_user_by_email(built.auth.identity, ADA)
    assert user is not None
    for name in names:
        organization = create_organization(built.auth.identity, name=name)
        create_membership(built.auth.identity, user_id=user.id, organization_id=organization.id)


def test_no_page_redirect_or_file_leaves_the_path(built: Built) -> None:
    with watched(built) as (browser, seen):
        sign_up(browser, ADA)
        join(built, "Analytical Engines", "Difference Engines")
        browser.cookies.clear()
        page = follow(browser, browser.get("/auth/sign-in"))
        follow(browser, browser.get(link(page, "Create an account")))
        named = submit(browser, page, email=ADA)
        follow(browser, browser.get(link(named, "Forgot password?")))
        submit(browser, page, email=ADA, password="wrong-" + PASSWORD)
        chosen = submit(browser, page, email=ADA, password=PASSWORD)
        assert "Difference Engines" in chosen.text
        submit(browser, follow(browser, browser.get("/id/forgot-password")), email=ADA)
        for path in (*PUBLIC, "/id/sign-out", "/id/sign-in?login=none", "/id/continue", "/id/nothing-here"):
            follow(browser, browser.get(path))
        inbox = browser.get("/id/dev/inbox")
        for address in Links(inbox).found:
            mail = browser.get(address)
            if mail.headers["content-type"].startswith("text/html"):
                browser.get(f"{address}/as-sent")
        for address in {each for response in seen for each in Links(response).found if "/assets/" in each}:
            assert browser.get(address).status_code == 200, address
    assert strays(seen) == []
    assert len({response.request.url.path for response in seen}) >= 15
    assert not any(response.status_code >= 500 for response in seen)


def test_links_in_mails_work(make: Callable[..., Built]) -> None:
    built = make("flask")
    create_user(built.auth.identity, email=ADA, password=PASSWORD, email_verified=True)
    create_invitation(built.auth.identity, email="grace@example.com")
    with watched(built) as (browser, seen):
        submit(browser, browser.get("/id/forgot-password"), email=ADA)
        inbox = browser.get("/id/dev/inbox")
        for email, heading in ((ADA, "Choose a new password"), ("grace@example.com", "Create your account")):
            mail = browser.get(link(inbox, email))
            found = re.search(rf"{ORIGIN}/id/[a-z-]+\?[^\s<\"]+", mail.text)
            assert found is not None, mail.text
            page = follow(browser, browser.get(found[0].replace("&amp;", "&")))
            assert heading in page.text
    assert strays(seen) == []


def test_standard_clients_find_everything_below_the_issuer(built: Built) -> None:
    issuer = f"{ORIGIN}/id"
    with built.browser() as browser:
        found = browser.get("/id/.well-known/openid-configuration").json()
        assert found["issuer"] == issuer
        addresses = [value for name, value in found.items() if name.endswith(("_endpoint", "_uri"))]
        assert len(addresses) >= 7
        assert all(each.startswith(f"{issuer}/oauth2/") for each in addresses)
        assert browser.get(found["jwks_uri"]).json()["keys"]
        assert browser.get(f"/id/sso/jwks/{built.auth.config.client_id}").json()["keys"]
    assert built.auth.config.url == issuer


def test_the_cookies_of_server_and_app_do_not_meet(built: Built) -> None:
    with watched(built) as (browser, seen):
        sign_up(browser, ADA)
        assert me(browser).status_code == 200
        set_by_server = {
            line.partition("=")[0].strip()
            for response in seen
            for line in response.headers.get_list("set-cookie")
        }
        ours = {name for name in browser.cookies if name.startswith("wos-")}
    assert set_by_server >= {"vestibule", "vestibule-browser"}
    assert ours == {"wos-session"}
    assert set_by_server.isdisjoint(ours)


def test_several_cookies_of_one_answer_all_arrive(built: Built) -> None:
    invited = create_invitation(built.auth.identity, email=ADA)
    with built.browser() as browser:
        answer = browser.get("/id/invite", params={"invitation_token": invited.token})
        lines = answer.headers.get_list("set-cookie")
        assert [line.partition("=")[0].strip() for line in lines] == [
            "vestibule-invitation",
            "vestibule-browser",
        ]
        assert set(browser.cookies) == {"vestibule-invitation", "vestibule-browser"}


def test_the_management_api_is_closed(built: Built) -> None:
    key = {"authorization": f"Bearer {built.auth.config.api_key}", **FETCH}
    with built.browser() as browser:
        for path in (
            "/user_management/users",
            "/organizations",
            "/openapi.json",
            "/metrics",
            "/events?events=x",
        ):
            assert browser.get(f"/id{path}", headers=key).status_code == 404, path
        assert browser.get("/id/healthz").status_code == 200


def test_the_management_api_opens_when_it_is_asked_for(make: Callable[..., Built]) -> None:
    built = make("fastapi", management_api=True)
    user = create_user(built.auth.identity, email=ADA)
    with built.browser() as browser:
        assert browser.get("/id/user_management/users").status_code == 401
        key = {"authorization": f"Bearer {built.auth.config.api_key}"}
        listed = browser.get("/id/user_management/users", headers=key).json()
        assert [each["id"] for each in listed["data"]] == [user.id]
        described = browser.get("/id/openapi.json").json()
        assert described["servers"] == [{"url": f"{ORIGIN}/id"}]


def test_what_is_not_there_is_the_servers_404(built: Built) -> None:
    with built.browser() as browser:
        for path in ("/id", "/id/", "/id//", "/id/%2e%2e/me", "/id/nothing", "/id/n%C3%A9ant"):
            answer = browser.get(path)
            assert (answer.status_code, "There is nothing here" in answer.text) == (404, True), path


def test_another_path_may_be_chosen(make: Callable[..., Built]) -> None:
    built = make("starlette", server_path="/account/door")
    update_environment(built.auth.identity, name="Engines & Co")
    with built.browser() as browser:
        page = follow(browser, browser.get("/auth/sign-in"))
        assert page.url.path == "/account/door/sign-in"
        assert {urlsplit(each).path for each in Links(page).found} >= {"/account/door/sign-up"}
        sign_up(browser, ADA)
        assert me(browser).status_code == 200
        assert built.auth.config.url == f"{ORIGIN}/account/door"
        browser.cookies.clear()
        assert sign_in(browser, ADA).status_code == 200
