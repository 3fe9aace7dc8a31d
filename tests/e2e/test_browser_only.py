"""Apps without a server: the official browser packages, unmodified, sign in and stay signed in.

App and server are on localhost with different ports: two origins of one site, as app.example.com and
id.example.com are.
"""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visits
from tests.e2e.people import PASSWORD, heading, identify, prove
from tests.interop.peers import node
from tests.servers import Running, running_server

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

JS = Path(__file__).parents[1] / "js"
ADA = "ada@example.com"
TOKEN_SECONDS = 40  # the shortest there are
SEED = {
    "redirect_uris": [{"uri": "http://localhost/callback"}],
    "cors_origins": [{"origin": "http://localhost:1"}],  # any port, on a loopback address in staging
    "organizations": [{"id": "org_engines", "name": "Analytical Engines"}],
    "users": [{"email": ADA, "password": PASSWORD, "email_verified": True}],
    "memberships": [{"email": ADA, "organization_id": "org_engines"}],
}


@dataclass(frozen=True, slots=True)
class App:
    url: str
    server: Running


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    built = tmp_path_factory.mktemp("bundle") / "page.js"
    options = [
        "--bundle",
        "--jsx=automatic",
        '--define:process.env.NODE_ENV="production"',
        "--log-level=warning",
    ]
    esbuild = JS / "node_modules/esbuild/bin/esbuild"  # a script for Node, which need not be on the path
    subprocess.run([node(), esbuild, JS / "page.jsx", *options, f"--outfile={built}"], check=True)
    return built.read_bytes()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    directory = tmp_path_factory.mktemp("browser-only")
    with running_server(directory, seed=SEED, access_token_seconds=TOKEN_SECONDS) as running:
        yield running


class Handler(BaseHTTPRequestHandler):
    """One page for every address, and its script."""

    def __init__(self, *arguments: Any, pages: dict[str, bytes], **more: Any) -> None:
        self.pages = pages
        super().__init__(*arguments, **more)

    def do_GET(self) -> None:
        script = self.path == "/page.js"
        content = self.pages["script" if script else "page"]
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if script else "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def serving(server: Running, bundle: bytes, **settings: Any) -> Iterator[App]:
    told = {"server": server.url, "clientId": server.client_id} | settings
    html = (
        "<!doctype html><title>An app</title><link rel=icon href=data:,><div id=root></div>"
        f"<script>window.PAGE = {json.dumps(told)}</script><script src=/page.js></script>"
    )
    pages = {"page": html.encode(), "script": bundle}
    http = ThreadingHTTPServer(("localhost", 0), partial(Handler, pages=pages))
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield App(f"http://localhost:{http.server_port}", server)
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


@pytest.fixture(params=[True, False], ids=["development", "production"])
def app(request: pytest.FixtureRequest, server: Running, bundle: bytes) -> Iterator[App]:
    with serving(server, bundle, devMode=request.param) as app:
        with server.client() as api:
            api.put("/environments/current", json={"sign_out_redirect": app.url + "/"})
        yield app


def sign_in(page: Page, app: App) -> None:
    page.goto(app.url)
    page.get_by_role("button", name="Sign in").click()
    identify(page, ADA)
    prove(page)
    heading(page, ADA)


def cookies(page: Page) -> dict[str, Any]:
    return {cookie["name"]: cookie for cookie in page.context.cookies()}


def readable(page: Page) -> str:
    """Everything a script of the page can get at."""
    stores = "document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)"
    return str(page.evaluate(stores))


def test_pitfall_5_sign_in_reload_refresh_and_sign_out(app: App, visits: Visits) -> None:
    with visits.page() as page:
        sign_in(page, app)
        assert page.url == app.url + "/callback"
        assert page.evaluate("window.returned") == {"from": "here"}
        production = page.evaluate("window.PAGE.devMode") is False
        assert ("vestibule-refresh" in cookies(page)) is production
        assert ("workos-has-session" in cookies(page)) is production
        assert ("workos:refresh-token" in readable(page)) is not production
        if production:
            assert cookies(page)["vestibule-refresh"]["httpOnly"]
            assert cookies(page)["vestibule-refresh"]["sameSite"] == "Strict"
            assert cookies(page)["vestibule-refresh"]["value"] not in readable(page)
            assert f"workos-has-session={app.server.client_id}" in readable(page)

        page.reload()
        heading(page, ADA)
        page.get_by_role("button", name="Refresh").click()
        expect(page.locator("pre")).to_contain_text('"sid"')
        claims = json.loads(page.locator("pre").inner_text())
        assert claims["exp"] - claims["iat"] == TOKEN_SECONDS
        page.get_by_role("button", name="Switch").click()
        expect(page.locator("#organization")).to_have_text("org_engines")

        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        assert not {"vestibule", "vestibule-refresh", "workos-has-session"} & cookies(page).keys()
        page.reload()
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        assert sessions(app)[0]["status"] == "revoked"


def test_a_token_that_ends_is_replaced_without_anybody_asking(
    server: Running, bundle: bytes, visits: Visits
) -> None:
    almost_all = TOKEN_SECONDS - 2  # the package begins that long before the end, in every second it looks
    with (
        serving(server, bundle, devMode=False, refreshBufferInterval=almost_all) as app,
        visits.page() as page,
    ):
        sign_in(page, app)
        page.wait_for_function("window.refreshes > 1", timeout=60_000)
        heading(page, ADA)


@pytest.mark.verify
def test_two_tabs_of_one_session_do_not_sign_each_other_out(
    server: Running, bundle: bytes, visits: Visits
) -> None:
    with serving(server, bundle, devMode=False) as app, visits.page() as page:
        sign_in(page, app)
        tabs = [page.context.new_page() for _ in range(3)]
        for tab in tabs:
            tab.goto(app.url, wait_until="commit")
        for tab in [*tabs, page]:
            heading(tab, ADA)
            tab.get_by_role("button", name="Refresh").click()
        for tab in [*tabs, page]:
            expect(tab.locator("pre")).to_contain_text('"sid"')


def sessions(app: App) -> list[dict[str, Any]]:
    with app.server.client() as api:
        (user,) = api.get("/user_management/users", params={"email": ADA}).json()["data"]
        found = api.get(f"/user_management/users/{user['id']}/sessions").json()["data"]
    return list(found)
