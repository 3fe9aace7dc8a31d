"""The browser client: what it weighs on its way, and how long a click on *Sign in* takes in a real browser.

Whoever is signed in at the server needs no form, so the click is what the machines need: three redirects, the
callback, the page and its script's question.
"""

import gzip
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from fastapi.responses import HTMLResponse
from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.rounds import Pace
from benchmarks.table import Row
from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.embedded.apps import build
from tests.embedded.real import listen, serving
from vestibule.server.identity.users import create_user
from vestibule.session.scripts import CLIENT

MOST_KILOBYTES = 6.0
CLICKS = 15
EMAIL, PASSWORD = "mary@example.com", "orbit-lantern-cascade"
PAGE = """<!doctype html><title>Plain</title><h1>one moment</h1><button>Sign in</button>
<script type="module">import { createClient } from "/auth/client.js";
const auth = window.auth = createClient();
document.querySelector("button").onclick = () => auth.signIn();
document.querySelector("h1").textContent = (await auth.getSession())?.user.email ?? "nobody";</script>"""


def rows(pace: Pace) -> Iterator[Row]:
    size = len(gzip.compress(CLIENT.read_bytes())) / 1024
    yield Row(
        metric="browser client, weight on its way",
        peer="none",
        ours=f"{size:.1f} KB compressed, {CLIENT.stat().st_size / 1024:.1f} KB as it is",
        measured=size,
        unit=" KB",
        at_most=MOST_KILOBYTES,
    )
    taken = clicks(max(3, min(CLICKS, int(pace.seconds * CLICKS))))
    yield Row(
        metric="browser client, from the click to signed in",
        peer="none",
        ours=f"{median(taken) * 1000:.0f} ms ({min(taken) * 1000:.0f} to {max(taken) * 1000:.0f}), "
        "in Chromium, by somebody whom the server knows",
    )


def clicks(count: int) -> list[float]:
    listener = listen()
    origin = f"http://localhost:{listener.getsockname()[1]}"
    with ExitStack() as stack:
        directory = stack.enter_context(TemporaryDirectory())
        built = build("fastapi", Path(directory), redirect_uri=f"{origin}/callback")
        built.app.add_api_route("/plain", lambda: HTMLResponse(PAGE))
        create_user(built.auth.identity, email=EMAIL, password=PASSWORD, email_verified=True)
        stack.enter_context(serving(built, listener))
        chromium = stack.enter_context(sync_playwright()).chromium
        browser = chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        stack.callback(browser.close)
        page = browser.new_page()
        sign_in(page, origin)
        return [click(page, origin) for _ in range(count)]


def sign_in(page: Page, origin: str) -> None:
    page.goto(f"{origin}/plain")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(EMAIL)


def click(page: Page, origin: str) -> float:
    page.context.clear_cookies(name="wos-session")
    page.goto(f"{origin}/plain")
    expect(page.get_by_role("heading", level=1)).to_have_text("nobody")
    began = time.perf_counter()
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name=EMAIL).wait_for()
    return time.perf_counter() - began
