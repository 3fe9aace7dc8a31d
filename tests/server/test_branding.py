"""Branding over HTTP: pages in an operator's colors and words, their pictures, and templates of one's own."""

import base64
import hashlib
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.hosted import CHALLENGE, follow
from tests.servers import SECRET, Running, running_server
from vestibule.errors import ConfigError
from vestibule.server import pages, theme
from vestibule.server.app import create_app
from vestibule.server.branding import PREVIEWS, preview
from vestibule.server.identity.branding import PLAIN, Branding, draft_branding, store_logo, update_branding
from vestibule.server.identity.palettes import CARD, SOFT
from vestibule.server.languages import available
from vestibule.server.settings import Settings

CALLBACK = "http://localhost:3000/callback"
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path style="fill:#fff" d="M0 0h1v1z"/></svg>'
)
SEED = {"redirect_uris": [{"uri": CALLBACK, "default": True}]}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with running_server(tmp_path, seed=SEED) as server:
        yield server


def sign_in_page(server: Running, **headers: str) -> tuple[str, str]:
    """What it says, and its policy."""
    asked = {"client_id": server.client_id, "response_type": "code", "redirect_uri": CALLBACK, **CHALLENGE}
    with server.browser(headers=headers) as browser:
        page = follow(browser, browser.get("/user_management/authorize", params=asked))
    assert page.status_code == 200
    return page.text, page.headers["content-security-policy"]


def style_of(text: str) -> str:
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.S)
    return str(style)


def test_a_page_is_in_the_operators_name_colors_and_words(server: Running) -> None:
    update_branding(
        server.identity,
        name="Northwind & Co",
        accent="#635bff",
        radius="12px",
        terms_url="https://northwind.example/terms",
        credit=False,
        copy={"en": {"sign_in_title": "Hello <again>", "sign_in_footer": "By going on you agree."}},
    )
    text, _ = sign_in_page(server)
    assert "<title>Sign in · Northwind &amp; Co</title>" in text
    assert "<h1>Hello &lt;again&gt;</h1>" in text
    assert "By going on you agree." in text
    assert '<a href="https://northwind.example/terms">Terms</a>' in text
    assert "Protected by" not in text
    assert "--accent:#635bff" in style_of(text)
    assert "--round:12px" in style_of(text)
    german, _ = sign_in_page(server, **{"accept-language": "de"})
    assert "Hello" not in german
    with server.browser() as browser:
        assert "Northwind &amp; Co" in browser.get("/no-such-page").text


def test_AD_2_a_page_may_have_its_own_sheet_and_no_other(server: Running) -> None:
    for changes in ({}, {"accent": "#635bff", "background": "#0b1f4b"}, {"appearance": "dark"}):
        update_branding(server.identity, **changes)
        text, policy = sign_in_page(server)
        digest = base64.b64encode(hashlib.sha256(style_of(text).encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}';" in policy


def test_AD_2_a_page_is_given_no_power_that_it_does_not_need(server: Running) -> None:
    with server.browser() as browser:
        headers = browser.get("/no-such-page").headers
    assert "publickey-credentials-get=(self)" in headers["permissions-policy"]
    assert "geolocation=()" in headers["permissions-policy"]
    assert headers["cross-origin-opener-policy"] == "same-origin"


def test_a_page_that_is_always_light_or_dark_has_the_colors_of_one_only() -> None:
    light, dark = (
        theme.sheet_of(Branding(appearance=each, accent="#635bff")).text for each in ("light", "dark")
    )
    for text, scheme in ((light, "light"), (dark, "dark")):
        assert "prefers-color-scheme" not in text
        assert f"color-scheme:{scheme};" in text
    assert "--accent:#635bff" in light
    assert "--accent:#635bff" not in dark


def test_colors_are_checked_against_those_of_the_sheet() -> None:
    light, dark = theme.stripped("vestibule.css").split("@media (prefers-color-scheme:dark)")[:2]
    for text, scheme in ((light, "light"), (dark.partition("}")[0], "dark")):
        assert f"--card:{CARD[scheme]}" in text  # type: ignore[index]
        assert f"--soft:{SOFT[scheme]}" in text  # type: ignore[index]


def test_a_sheet_loses_its_blanks_and_nothing_else() -> None:
    text = theme.stripped("vestibule.css")
    assert "/*" not in text
    assert ".form+.passkey" in text or ".form + .passkey" in text
    assert 'input[aria-invalid="true"]:focus-visible{' in text
    assert "calc(5rem + 1px)" in text
    assert text.count("{") == text.count("}")


def test_a_page_has_the_rules_of_what_is_on_it() -> None:
    head = f"<title>{theme.HERE}</title><style>{theme.HERE}</style>"
    html = f'{head}<p class="hint"><a class="button button-quiet">x</a></p>'
    dressed, sheet = theme.dress(html, Branding(accent="#635bff"))
    assert f"<title>{theme.HERE}</title><style>{sheet.text}</style>" in dressed
    assert ".hint{" in sheet.text
    assert ".button-quiet:hover{" in sheet.text
    assert ".input" not in sheet.text
    assert ".mark" not in sheet.text
    assert "--accent:#635bff" in sheet.text
    every = frozenset(theme.CLASS_IN_SELECTOR.findall(theme.stripped("vestibule.css")))
    assert theme.sheet_of(PLAIN, every) == theme.sheet_of(PLAIN)


def test_a_picture_is_kept_for_ever_and_harmless_by_itself(server: Running) -> None:
    with server.browser() as browser:
        assert browser.get("/branding/logo").status_code == 404
        assert browser.get("/branding/secret").status_code == 404
        made = store_logo(server.identity, SVG)
        assert made.logo is not None
        address = pages.picture(made.logo)
        text, policy = sign_in_page(server)
        assert f'src="{address}"' in text
        assert "img-src 'self' data:;" in policy
        shown = browser.get(address)
    assert (shown.content, shown.headers["content-type"]) == (SVG, "image/svg+xml")
    assert "immutable" in shown.headers["cache-control"]
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert "sandbox" in shown.headers["content-security-policy"]
    assert "script" not in shown.headers["content-security-policy"]


@pytest.mark.parametrize("name", PREVIEWS)
def test_a_preview_shows_what_nobody_has_saved_and_does_nothing(server: Running, name: str) -> None:
    draft = draft_branding(server.identity, name="Draft", accent="#ffcc00")
    for language in available():
        page = preview(server.identity, draft, page=name, language=language)
        text = bytes(page.body).decode()
        assert "Draft" in text
        assert "--accent:#ffcc00" in text
        assert "<script" not in text
    policy = page.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy
    assert policy.endswith("; sandbox")
    assert "Draft" not in sign_in_page(server)[0]


def test_a_template_of_ones_own_wins_and_may_extend_ours(tmp_path: Path) -> None:
    own = tmp_path / "pages"
    (own / "login").mkdir(parents=True)
    (own / "layout.html").write_text(
        '{% extends "vestibule/layout.html" %}{% block foot %}{{ super() }}<p>Since 1999</p>{% endblock %}'
    )
    (own / "login" / "sign-in.html").write_text(
        '{% extends "vestibule/login/sign-in.html" %}{% block title %}Come in{% endblock %}'
    )
    with running_server(tmp_path, seed=SEED, page_templates=str(own)) as server:
        text, _ = sign_in_page(server)
        with server.browser() as browser:
            elsewhere = browser.get("/no-such-page").text
    assert "<title>Come in · Vestibule</title>" in text
    assert 'name="email"' in text
    assert "Since 1999" in text
    assert "Since 1999" in elsewhere


def test_templates_that_cannot_be_are_found_at_the_start(tmp_path: Path) -> None:
    own = tmp_path / "pages"
    (own / "login").mkdir(parents=True)
    (own / "layout.html").write_text('<html>\n{% include "parts-of-ours.html" %}')
    (own / "parts-of-ours.html").write_text("<p>{{ product }}</p>")
    (own / "error.html").write_text("<html>\n{% if product %}\n")
    (own / "login" / "sign_in.html").write_text("<html>")
    (own / "form-post.html").write_text('{% extends "vestibule/nothing.html" %}')
    branding = tmp_path / "branding.toml"
    branding.write_text('accent = "red"')
    settings = Settings(
        public_url="https://id.example.com",
        secret=SECRET,
        database=f"sqlite:///{tmp_path / 'never.db'}",
        page_templates=str(own),
        branding=str(branding),
    )
    with pytest.raises(ConfigError) as refused:
        create_app(settings)
    problems = "\n".join(refused.value.problems)
    assert len(refused.value.problems) == 4
    assert re.search(r"error\.html, line \d: Unexpected end of template", problems)
    assert (
        "login/sign_in.html is no page of ours, and no template uses it; did you mean login/sign-in.html?"
        in problems
    )
    assert "form-post.html uses vestibule/nothing.html, which does not exist" in problems
    assert "accent: A color is written like #1b5e4f." in problems


def test_a_template_of_ones_own_that_fails_keeps_nobody_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "error.html").write_text("{{ nothing.at.all }}")
    settings = Settings(public_url="https://id.example.com", secret=SECRET, page_templates=str(tmp_path))
    with caplog.at_level(logging.ERROR, "vestibule.server.pages"):
        page = pages.render("error.html", settings=settings, title="Nothing here", branding=PLAIN)
    assert "<h1>Nothing here</h1>" in bytes(page.body).decode()
    assert "page_template_failed: error.html" in caplog.text
