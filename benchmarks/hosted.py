"""The hosted sign-in page: what a process spends on one, from request to last byte, on filling it; and what
it weighs on its way.

Nothing is hashed on the way to it. Processor time of all threads of the server counts, as for other pages.
"""

import asyncio
import re
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import httpx2

from benchmarks.identity import Served, per_processor_second, serving
from benchmarks.load import keep_busy, request
from benchmarks.pages import processor_seconds
from benchmarks.rounds import Pace, Timer, take_turns
from benchmarks.table import Row
from tests.server.hosted import CHALLENGE, follow
from vestibule.server import pages
from vestibule.server.branding import ANYBODY
from vestibule.server.identity.branding import Branding
from vestibule.server.settings import Settings

GOAL = 5.0
MOST_KILOBYTES = 30.0
FIRST_FLIGHT = 10 * 1460 / 1024
"""What a server may send before it hears from the browser again: ten segments (RFC 6928)."""
BESIDE = re.compile(r'(?:href|src)="(/[^"]+\.(?:css|js|svg)[^"]*)"')
CALLBACK = "http://localhost/callback"
BRANDING = Branding(name="Northwind", accent="#635bff", terms_url="https://northwind.example/terms")


def rows(pace: Pace) -> Iterator[Row]:
    waited: list[float] = []
    with TemporaryDirectory() as directory, serving("sqlite:///bench.db", Path(directory)) as server:
        rounds = take_turns({"page": page(server, waited), "filling": filling()}, pace)
        first, others = weight(server)
    yield Row(
        metric="sign-in page, SQLite",
        peer=f"its template alone, {rounds['filling']:.2f} ms",
        ours=f"{rounds['page']:.2f} ms of the processor; {median(waited):.2f} ms until it is there",
        measured=rounds["page"],
        unit=" ms",
        at_most=GOAL,
    )
    yield Row(
        metric="sign-in page, weight on its way",
        peer=f"its {len(others)} files, {sum(others) / 1024:.1f} KB",
        ours=f"{(first + sum(others)) / 1024:.1f} KB with them, headers and all, compressed",
        measured=(first + sum(others)) / 1024,
        unit=" KB",
        at_most=MOST_KILOBYTES,
    )
    yield Row(
        metric="sign-in page, first flight",
        peer=f"ten segments, {FIRST_FLIGHT:.1f} KB",
        ours=f"{first / 1024:.1f} KB until the page can be painted",
        measured=first / 1024,
        unit=" KB",
        at_most=round(FIRST_FLIGHT, 1),
    )


def weight(server: Served) -> tuple[int, list[int]]:
    """Bytes of the page, and of each file that it loads, for a browser that was never here."""
    path, cookie = sign_in_under_way(server)
    headers = {"cookie": cookie, "accept": "text/html", "accept-encoding": "gzip"}
    with httpx2.Client(base_url=f"http://localhost:{server.port}", headers=headers) as browser:
        page = browser.get(path).raise_for_status()
        files = dict.fromkeys(BESIDE.findall(page.text))
        return _bytes(page), [_bytes(browser.get(file).raise_for_status()) for file in files]


def _bytes(response: httpx2.Response) -> int:
    head = sum(len(name) + len(value) + 4 for name, value in response.headers.raw)
    return response.num_bytes_downloaded + head + len("HTTP/1.1 200 OK\r\n\r\n")


def filling() -> Timer:
    settings = Settings(public_url="https://id.example.com", secret="nothing-in-this-benchmark-is-a-secret")
    given = {**ANYBODY, "script": "forms.js passkeys.js"}

    def fill() -> object:
        return pages.render("login/sign-in.html", settings=settings, branding=BRANDING, **given)

    timer = per_processor_second(fill)
    return lambda seconds: 1000 / timer(seconds)


def page(server: Served, waited: list[float]) -> Timer:
    path, cookie = sign_in_under_way(server)
    asked = request("GET", path, cookie=cookie, accept="text/html")

    def timer(seconds: float) -> float:
        before = processor_seconds(server.pid)
        tally = asyncio.run(keep_busy(server.port, seconds, [repeat(asked)]))
        if tally.refused:
            raise RuntimeError(f"{tally.refused} pages were refused")
        waited.append(tally.percentile(0.5) * 1000)
        return (processor_seconds(server.pid) - before) * 1000 / len(tally.latencies)

    return timer


def sign_in_under_way(server: Served) -> tuple[str, str]:
    """The path of its page, and the cookies of the browser that it belongs to."""
    asked = {
        "client_id": server.client_id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        **CHALLENGE,
    }
    with httpx2.Client(base_url=f"http://localhost:{server.port}") as browser:
        shown = follow(browser, browser.get("/user_management/authorize", params=asked))
        shown.raise_for_status()
        cookies = "; ".join(f"{each.name}={each.value}" for each in browser.cookies.jar)
    parts = urlsplit(str(shown.url))
    return f"{parts.path}?{parts.query}", cookies
