"""Every page, light and dark, wide and narrow: readable by everybody, inside the window, and pictured.

Pictures go to docs/screens. Existing ones are taken anew only when VESTIBULE_SCREENS is set, so that a
test run leaves the checkout as it was.
"""

import base64
import os
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import Visits
from tests.e2e.stack import ROOT, Stack
from tests.e2e.tour import walk

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

AXE = (ROOT / "tests" / "js" / "node_modules" / "axe-core" / "axe.min.js").read_text()
SCREENS = ROOT / "docs" / "screens"
PICTURES = bool(os.environ.get("VESTIBULE_SCREENS"))
GUESTS = {
    ("light", "wide"): "mary.s@example.com",
    ("dark", "wide"): "hypatia@example.com",
    ("light", "narrow"): "katherine@example.com",
    ("dark", "narrow"): "emmy@example.com",
}


# Both schemes and both sizes in two walks; all four when pictures are taken.
WALKS = list(GUESTS) if PICTURES else [("dark", "wide"), ("light", "narrow")]


@pytest.mark.parametrize(("scheme", "size"), WALKS, ids=["-".join(each) for each in WALKS])
def test_nobody_is_kept_out_of_any_page(stack: Stack, visits: Visits, scheme: str, size: str) -> None:
    seen: list[str] = []
    problems: list[str] = []

    def stop(page: Page, name: str) -> None:
        seen.append(name)
        problems.extend(f"{name}: {problem}" for problem in [*axe_problems(page), *layout_problems(page)])
        take_picture(page, f"{name}-{scheme}" + ("-narrow" if size == "narrow" else ""))

    # axe is put into the page, which the pages' own policy rightly forbids to everybody else.
    with visits.page(scheme=scheme, size=size, bypass_csp=True) as page:
        walk(page, stack, GUESTS[scheme, size], stop)
    assert problems == []
    assert len(seen) == len(set(seen)) >= 20


def test_the_overview_picture_shows_sign_in_and_app(chromium: Browser) -> None:
    picture = SCREENS / "overview.png"
    if PICTURES or not picture.exists():
        page = chromium.new_page(viewport={"width": 1600, "height": 900}, color_scheme="light")
        page.set_content(overview())
        page.screenshot(path=picture)
        page.close()
    assert picture.stat().st_size > 20_000


def axe_problems(page: Page) -> list[str]:
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:120]} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def layout_problems(page: Page) -> list[str]:
    """Nothing to scroll sideways, one main heading, and a label for each input."""
    facts: dict[str, Any] = page.evaluate(
        """() => ({
            overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
            headings: document.querySelectorAll('h1').length,
            unlabelled: [...document.querySelectorAll('input:not([type=hidden])')]
                .filter(input => input.labels.length !== 1).map(input => input.outerHTML),
        })"""
    )
    expected = {"overflow": 0, "headings": 1, "unlabelled": []}
    return [f"{name} is {facts[name]}" for name in expected if facts[name] != expected[name]]


def take_picture(page: Page, name: str) -> None:
    picture = SCREENS / f"{name}.png"
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
