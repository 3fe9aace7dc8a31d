"""What every framework does alike in direct mode."""

from typing import Any

from tests.direct.conftest import Make
from tests.direct.world import SESSION, query_of
from vestibule import Forbidden
from vestibule.direct import Credentials, DirectSignIn, Link

DOORS = ("/auth/sign-in/nobody", "/auth/sign-in/", "/auth/sign-in?provider=nobody", "/auth/callback")


def test_a_day_with_one_provider(make: Make) -> None:
    world = make("github")
    browser = world.browser()
    turned_away = browser.open("/me")
    assert turned_away.location == "/auth/sign-in?return_to=%2Fme"
    off = browser.open(turned_away.location)
    asked = query_of(off.location)
    assert off.location.startswith("https://github.com/login/oauth/authorize?")
    assert asked["redirect_uri"] == "http://localhost/auth/callback/github"
    assert asked["code_challenge_method"] == "S256"
    back = browser.open(browser.agree(off.location), site="cross-site")
    assert back.location == "/me"
    assert browser.pending == []
    me = browser.get("/me").json
    assert me["id"] == f"github:{world.providers['github'].people[0].subject}"
    assert (me["email"], me["provider"], me["accounts"]) == ("ada@example.com", "github", ["github"])
    assert me["access_token"] == ""
    assert browser.get("/invoices").json["error"]["missing"] == {"permission": ["invoices:read"]}
    assert browser.open("/recent").status == 200
    world.clock.advance(minutes=11)
    assert browser.open("/recent").location == "/auth/sign-in?return_to=%2Frecent&max_age=600"
    session = browser.get("/auth/session").json["session"]
    assert (session["user"]["email"], session["provider"]) == ("ada@example.com", "github")
    assert session["authentication_method"] == "GitHubOAuth"
    assert browser.post("/auth/sign-out").location == "/"
    assert browser.cookies == {}
    assert browser.get("/auth/session").json == {"session": None, "reason": "no_cookie"}


def test_a_day_with_several_ways_in(make: Make) -> None:
    accounts: dict[Any, list[str]] = {("google", "g-1"): ["invoices:read"]}
    linked: list[Link] = []

    def on_sign_in(sign_in: DirectSignIn) -> None:
        if sign_in.profile is not None:
            sign_in.grant(user_id="u1", permissions=accounts.get(sign_in.profile.identity))

    def authorize(credentials: Credentials) -> dict[str, str] | None:
        known = credentials.username == "ada" and credentials.password == "pass word"
        return {"id": "u1", "email": "ada@example.com"} if known else None

    hooks = {"on_sign_in": on_sign_in, "authorize": authorize, "on_link": linked.append}
    world = make("github", "google", **hooks)
    world.providers["google"].person("ada@example.com", subject="g-1")
    browser = world.browser()
    page = browser.open("/auth/sign-in?return_to=/invoices")
    assert page.status == 200
    for href in ("/auth/sign-in/github?return_to=%2Finvoices", "/auth/sign-in/google?return_to=%2Finvoices"):
        assert f'href="{href}"' in page.text
    assert "Continue with GitHub" in page.text
    assert 'action="/auth/sign-in/credentials"' in page.text
    browser.sign_in("google", return_to="/invoices")
    assert browser.open("/invoices").status == 200
    assert browser.get("/me").json["id"] == "u1"
    assert browser.connect("github", return_to="/").location == "/"
    assert browser.get("/me").json["accounts"] == ["github", "google"]
    assert [(link.provider, link.session.user.id) for link in linked] == [("github", "u1")]
    assert browser.post("/auth/unlink/github", return_to="/").location == "/"
    assert browser.get("/me").json["accounts"] == ["google"]

    other = world.browser()
    assert other.post("/auth/sign-in/credentials", username="ada", password="wrong").status == 422
    entered = other.post("/auth/sign-in/credentials", username="ada", password="pass word", return_to="/me")
    assert entered.location == "/me"
    assert other.get("/me").json["provider"] is None
    assert other.get("/auth/session").json["session"]["authentication_method"] == "Password"


def test_hooks_that_are_async_are_awaited(make: Make) -> None:
    async def on_sign_in(sign_in: DirectSignIn) -> None:
        sign_in.grant(permissions=["invoices:read"])

    async def authorize(credentials: Credentials) -> dict[str, str] | None:
        return {"id": "7", "email": credentials.username}

    async def on_link(link: Link) -> None:
        raise Forbidden("Somebody else has it.", missing={"account": link.provider})

    world = make("github", "google", on_sign_in=on_sign_in, authorize=authorize, on_link=on_link)
    browser = world.browser()
    assert browser.post_json("/auth/sign-in/credentials", email="a@b.c", password="x").json == {"url": "/"}
    assert browser.get("/invoices").status == 200
    assert browser.connect("google").status == 403
    assert browser.get("/me").json["accounts"] == []


def test_when_on_sign_in_raises_nobody_is_signed_in(make: Make) -> None:
    def on_sign_in(sign_in: DirectSignIn) -> None:
        if sign_in.session.user.email != "ada@example.com":
            raise Forbidden("Employees only.", missing={"email": "@example.com"})

    world = make("github", on_sign_in=on_sign_in)
    browser = world.browser()
    refused = browser.sign_in(email="mallory@example.net")
    assert refused.status == 403
    assert refused.session_cookies(SESSION) == []
    assert browser.cookies == {}
    assert browser.email is None
    browser.sign_in()
    assert browser.email == "ada@example.com"


def test_a_provider_that_is_not_there_is_answered_with_those_that_are(make: Make) -> None:
    browser = make("github", "google").browser()
    for path in DOORS:
        answer = browser.get(path)
        assert (answer.status, answer.json["error"]["code"]) == (400, "provider_unknown")
        assert "github, google" in answer.json["error"]["message"]
        page = browser.open(path)
        assert page.status == 400
        assert "github, google" in page.text
        assert page["Content-Type"].startswith("text/html")


def test_the_app_asks_auth_direct(make: Make) -> None:
    world = make("github", "google")
    browser = world.browser()
    nobody = {"authenticated": False, "reason": "no_cookie", "email": None}
    assert browser.do("session").json == nobody
    assert browser.do("update", name="Ada").json["error"]["code"] == "signed_out"
    begun = browser.do("sign_in", provider="google", return_to="/me").json
    assert (begun["success"], begun["provider"]) == (True, "google")
    assert browser.open(browser.agree(begun["url"], "google"), site="cross-site").location == "/me"
    assert browser.do("session").json == {"authenticated": True, "reason": None, "email": "ada@example.com"}
    assert browser.do("update", name="Ada L.", permissions="invoices:read").json["name"] == "Ada L."
    assert browser.get("/me").json["name"] == "Ada L."
    assert browser.get("/invoices").status == 200
    later = browser.do("sign_in", redirect="no", return_to="/me").json
    assert later["url"] == "/auth/sign-in/github?return_to=%2Fme"
    assert browser.pending == []
    assert browser.do("sign_in", provider="nobody").json["error"]["code"] == "provider_unknown"
    assert browser.do("sign_out", return_to="/bye").json == {"url": "/bye", "success": True}
    assert browser.do("session").json == nobody


def test_provider_tokens_are_for_the_app_and_not_for_its_pages(make: Make) -> None:
    world = make("github", keep_tokens=True)
    browser = world.sign_in()
    tokens = browser.do("tokens").json
    assert tokens["access_token"]
    asked = world.providers["github"].requests_to("api.github.com/user")
    assert asked[0].headers["Authorization"] == f"Bearer {tokens['access_token']}"
    assert tokens["access_token"] not in browser.get("/auth/session").text
    assert browser.get("/auth/provider-tokens/github").status == 404
    assert browser.get("/auth/access-token").status == 404
    browser.do("update", name="Somebody Else")
    assert browser.do("refresh_user").json["name"] == "Ada"
    assert browser.do("revoke_tokens").json == {"result": False}
    assert browser.do("tokens").json["error"]["code"] == "provider_tokens_missing"
    assert browser.email == "ada@example.com"


def test_the_apps_own_data_goes_on(make: Make) -> None:
    world = make("github")
    browser = world.browser()
    assert browser.get("/data?seen=one").json == {"seen": "one"}
    browser.sign_in()
    assert browser.get("/data").json == {"seen": "one"}
    assert browser.email == "ada@example.com"


def test_what_needs_a_server_says_that_there_is_none(make: Make) -> None:
    world = make("github")
    browser = world.sign_in()
    assert browser.post("/auth/organization", page=False, organization_id="org_1").status == 404
    assert browser.post("/auth/refresh", page=False).json["session"]["user"]["email"] == "ada@example.com"
