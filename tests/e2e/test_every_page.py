"""Every page, by day and night, of every size and direction: readable by everybody, and pictured.

Pictures go to docs/screens. Existing ones are taken anew only when VESTIBULE_SCREENS is set, so that a
test run leaves the checkout as it was. Nothing else is looked at then: that is what the tests are for.
"""

import base64
import os
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import SIZES, Visits
from tests.e2e.stack import ROOT, Stack
from tests.e2e.tour import walk, walk_in_arabic

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

AXE = (ROOT / "tests" / "js" / "node_modules" / "axe-core" / "axe.min.js").read_text()
SCREENS = ROOT / "docs" / "screens"
PICTURES = bool(os.environ.get("VESTIBULE_SCREENS"))
GUEST = "mary.s@example.com"
ARAB = "fatima@example.com"
LOOKS = {"light": ("light", "desk"), "dark-narrow": ("dark", "phone")}
_taken: set[str] = set()


def test_nobody_is_kept_out_of_any_page(stack: Stack, visits: Visits) -> None:
    seen: list[str] = []
    problems: list[str] = []

    def stop(page: Page, name: str) -> None:
        seen.append(name)
        problems.extend(f"{name}: {problem}" for problem in look_at(page, name))

    # axe is put into the page, which the pages' own policy rightly forbids to everybody else.
    with visits.page(size="desk", bypass_csp=True) as page:
        walk(page, stack, GUEST, stop)
    assert problems == []
    assert len(seen) == len(set(seen)) >= 20


def test_the_pages_turn_around_for_who_reads_from_right_to_left(stack: Stack, visits: Visits) -> None:
    problems: list[str] = []
    with visits.page(size="tablet", locale="ar", bypass_csp=True) as page:
        for name in walk_in_arabic(page, stack, ARAB):
            assert page.locator("html[lang=ar][dir=rtl]").count() == 1
            found = [
                *axe_problems(page),
                *(each for size in SIZES for each in layout_problems(page, size=size)),
            ]
            problems.extend(f"{name}: {problem}" for problem in found)
            page.set_viewport_size(SIZES["tablet"])
            take_picture(page, f"{name}-rtl")
    assert problems == []


def test_the_overview_picture_shows_sign_in_and_app(chromium: Browser) -> None:
    picture = SCREENS / "overview.png"
    if PICTURES or not picture.exists():
        page = chromium.new_page(viewport={"width": 1600, "height": 900}, color_scheme="light")
        page.set_content(overview())
        page.screenshot(path=picture)
        page.close()
    assert picture.stat().st_size > 20_000


def look_at(page: Page, name: str) -> list[str]:
    """In both lights, at every size, and turned around; pictured on a desk by day and on a phone by night."""
    problems: list[str] = []
    for suffix, (scheme, size) in LOOKS.items():
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size(SIZES[size])
        problems += axe_problems(page)
        take_picture(page, f"{name}-{suffix}")
    written = page.evaluate("document.documentElement.dir")
    for direction in () if PICTURES else ("rtl", written):
        page.evaluate("direction => document.documentElement.dir = direction", direction)
        problems += [each for size in SIZES for each in layout_problems(page, size=size)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(SIZES["desk"])
    return problems


def axe_problems(page: Page) -> list[str]:
    if PICTURES:
        return []
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:120]} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def layout_problems(page: Page, *, size: str = "") -> list[str]:
    """Nothing to scroll sideways, one main heading, and a label for each input."""
    if size:
        page.set_viewport_size(SIZES[size])
    facts: dict[str, Any] = page.evaluate(
        """() => ({
            overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
            headings: document.querySelectorAll('h1').length,
            unlabelled: [...document.querySelectorAll('input:not([type=hidden])')]
                .filter(input => input.labels.length !== 1).map(input => input.outerHTML),
        })"""
    )
    expected = {"overflow": 0, "headings": 1, "unlabelled": []}
    where = f" ({size})" if size else ""
    return [f"{name} is {facts[name]}{where}" for name in expected if facts[name] != expected[name]]


def take_picture(page: Page, name: str) -> None:
    picture = SCREENS / f"{name}.png"
    if PICTURES:
        assert name not in _taken, f"two pages are pictured as {name}"
        _taken.add(name)
    if PICTURES or not picture.exists():
        SCREENS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=picture, full_page=True, animations="disabled", caret="hide")


def overview() -> str:
    """One picture of both: the sign-in page in front of the app it leads to."""

    def image(name: str, style: str) -> str:
        data = base64.b64encode((SCREENS / f"{name}.png").read_bytes()).decode()
        return f'<img src="data:image/png;base64,{data}" style="{style}">'

    shadow = (
        "position:absolute;border-radius:14px;"
        "box-shadow:0 24px 70px rgb(40 30 15/28%),0 0 0 1px rgb(0 0 0/8%)"
    )
    return (
        '<body style="margin:0;background:linear-gradient(135deg,#e9f0ec,#f5ead9);overflow:hidden">'
        + image("sign-in-light", f"{shadow};width:820px;left:170px;top:70px")
        + image("app-account-light", f"{shadow};width:800px;right:50px;top:230px")
        + image("sign-in-dark-narrow", f"{shadow};width:220px;left:60px;top:390px")
    )
