"""The browser client without a bundler: a plain page of a FastAPI app imports it from the app itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.responses import HTMLResponse, PlainTextResponse
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visits
from tests.e2e.people import heading
from tests.embedded.apps import build
from tests.embedded.real import listen, serving
from vestibule.server.identity.users import create_user

pytestmark = pytest.mark.e2e

EMAIL, PASSWORD = "mary@example.com", "orbit-lantern-cascade"
ONLY_OURS = {"Content-Security-Policy": "default-src 'self'"}
PAGE = """<!doctype html><title>Plain</title><h1 id="who">one moment</h1>
<button id="in">Sign in</button><button id="out">Sign out</button>
<script type="module" src="/page.js"></script>"""
SCRIPT = """import { createClient } from "/auth/client.js";
const auth = window.auth = createClient();
auth.subscribe(() => {
  const { session, loading } = auth.getSnapshot();
  if (!loading) document.querySelector("#who").textContent = session?.user.email ?? "nobody";
});
document.querySelector("#in").onclick = () => auth.signIn();
document.querySelector("#out").onclick = () => auth.signOut();
await auth.getSession();"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[str]:
    listener = listen()
    origin = f"http://localhost:{listener.getsockname()[1]}"
    built = build("fastapi", tmp_path, redirect_uri=f"{origin}/callback")
    built.app.add_api_route("/plain", lambda: HTMLResponse(PAGE, headers=ONLY_OURS))
    built.app.add_api_route("/page.js", lambda: PlainTextResponse(SCRIPT, media_type="text/javascript"))
    create_user(built.auth.identity, email=EMAIL, password=PASSWORD, email_verified=True)
    with serving(built, listener):
        yield origin


def test_a_plain_page_knows_who_is_there_and_follows_a_sign_out(app: str, visits: Visits) -> None:
    with visits.page() as page:
        page.goto(f"{app}/plain?page=2#top")
        heading(page, "nobody")
        assert page.evaluate("auth.getAccessToken()") is None
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("Email address").fill(EMAIL)
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(f"{app}/plain?page=2#top")
        heading(page, EMAIL)

        tokens = page.evaluate(
            "Promise.all([auth.getAccessToken(), auth.getAccessToken()]).then(async ([one, two]) =>"
            " [one === two, await auth.refresh() && await auth.getAccessToken() !== one])"
        )
        assert tokens == [True, True]
        assert stored(page) == [0, 0, ""]

        other = page.context.new_page()
        other.goto(f"{app}/plain")
        heading(other, EMAIL)
        page.get_by_role("button", name="Sign out").click()
        expect(other.get_by_role("heading", level=1)).to_have_text("nobody")
        other.reload()
        heading(other, "nobody")


def stored(page: Page) -> object:
    """What a script that does not belong there would find."""
    return page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
