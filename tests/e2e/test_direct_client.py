"""The browser client on an app of direct mode with a provider and passwords of its own."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visits
from tests.e2e.people import heading
from tests.embedded.apps import Built
from tests.embedded.real import listen, serving
from vestibule.direct import Credentials
from vestibule.fastapi import Auth
from vestibule.testing import TestProvider

pytestmark = pytest.mark.e2e

PASSWORD = "orbit lantern cascade"
COOKIE_PASSWORD = "one password for the cookies of a test"
WITH_CLIENT = """async (act) => {
  const { createAuthClient } = await import("/api/auth/client.js");
  window.auth ??= createAuthClient({ basePath: "/api/auth", baseURL: location.origin });
  try { return await new Function("auth", `return ${act}`)(window.auth); }
  catch (error) { return { code: error.code, said: error.message }; }
}"""


def authorize(credentials: Credentials) -> dict[str, str] | None:
    known = (credentials.username, credentials.password) == ("mary", PASSWORD)
    return {"id": "u1", "email": "mary@example.com", "name": "Mary"} if known else None


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    listener, provider, fastapi = listen(), TestProvider("github"), FastAPI()
    origin = f"http://localhost:{listener.getsockname()[1]}"
    with provider.serving():
        auth = Auth.direct(
            fastapi,
            provider.client(),
            authorize=authorize,
            prefix="/api/auth",
            base_url=origin,
            cookie_passwords=(COOKIE_PASSWORD,),
        )
        fastapi.add_api_route("/", lambda: HTMLResponse("<!doctype html><title>A</title><h1>Any</h1>"))
        with serving(Built(fastapi, auth, "asgi", "fastapi"), listener):
            yield origin


def asked(page: Page, act: str) -> dict[str, object]:
    answer: dict[str, object] = page.evaluate(WITH_CLIENT, act)
    return answer


def test_a_page_signs_in_by_password_and_connects_an_account(app: str, visits: Visits) -> None:
    calls: list[str] = []
    with visits.page() as page:
        page.on("request", lambda each: calls.append(each.url))
        page.goto(app + "/")
        nobody = asked(page, "auth.getSession()")
        assert (nobody["session"], nobody["user"], nobody["reason"]) == (None, None, "no_cookie")
        wrong = asked(page, "auth.signIn({ username: 'mary', password: 'x' }).then((a) => ({ ...a.error }))")
        assert (wrong["code"], wrong["status"]) == ("credentials_wrong", 401)
        right = asked(page, f"auth.signInCredentials({{ username: 'mary', password: '{PASSWORD}' }})")
        assert right["success"] is True
        assert page.url == app + "/"
        assert asked(page, "auth.getAccessToken()")["code"] == "browser_tokens_off"
        assert asked(page, "auth.refresh()")["accounts"] == []

        page.evaluate(WITH_CLIENT, "auth.linkAccount('github', { returnTo: '/?linked' })")
        heading(page, "Sign in with GitHub")
        page.get_by_role("button", name="ada@example.com").click()
        page.wait_for_url(app + "/?linked")
        found = asked(page, "auth.getSession()")
        assert (found["accounts"], found["authenticationMethod"]) == (["github"], "Password")
        assert asked(page, "auth.unlinkAccount('github')")["accounts"] == []
        assert not [url for url in calls if url.endswith("/access-token")]


def test_a_provider_is_known_before_anybody_leaves(app: str, visits: Visits) -> None:
    with visits.page() as page:
        page.goto(app + "/")
        listed = [{"id": "github", "name": "GitHub", "signInUrl": "/api/auth/sign-in/github"}]
        assert asked(page, "auth.providers()") == {"providers": listed, "password": True}
        where = asked(page, "auth.signIn('github', { redirectTo: '/', redirect: false })")
        assert where["signInURL"] == f"{app}/api/auth/sign-in/github?return_to=%2F"
        unknown = asked(page, "auth.signIn('gitlab')")
        assert unknown["code"] == "provider_unknown"
        assert "this app has github." in str(unknown["said"])
        page.goto(str(where["signInURL"]))
        page.get_by_role("button", name="ada@example.com").click()
        heading(page, "Any")
        assert asked(page, "auth.signOut({ redirect: false })") == {"success": True, "redirectURL": "/"}
        expect(page).to_have_url(app + "/")
        assert page.context.cookies() == []
