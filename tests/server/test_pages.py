"""What all pages share: where their forms may lead, and files that browsers may keep."""

import re
from pathlib import Path

import pytest

from tests.servers import running_server
from vestibule.server import pages, theme
from vestibule.server.pages import form_target
from vestibule.server.settings import Settings

SETTINGS = Settings(public_url="https://id.example.com", secret="a-secret-that-only-these-tests-know")


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("https://app.example.com/callback?x=1", "https://app.example.com"),
        ("http://localhost:8000/callback", "http://localhost:8000"),
        ("http://localhost:*", "http://localhost:*"),
        ("https://*.example.com/callback", "https://*.example.com"),
        ("http://[::1]:8000/callback", "http://[::1]:8000"),
        ("com.example.app:/callback", "com.example.app:"),
        ("https://app.example.com;script-src *", ""),
        ("https://app.example.com, https://evil.example", ""),
        ("/callback", ""),
        ("", ""),
    ],
)
def test_a_form_leads_to_origins_and_never_out_of_its_directive(url: str, source: str) -> None:
    assert form_target(url) == source


def test_what_people_typed_is_text_and_nothing_else() -> None:
    page = pages.render("error.html", settings=SETTINGS, title="<script>alert(1)</script>", message="'\"><b>")
    text = bytes(page.body).decode()
    assert "<script>" not in text
    assert "<b>" not in text


def test_a_page_allows_nothing_that_it_does_not_need() -> None:
    page = pages.render("error.html", settings=SETTINGS, title="Nothing here")
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "style-src": theme.source_of(bytes(page.body).decode().split("style>")[1].removesuffix("</")),
        "img-src": "'self' data:",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }


def test_a_page_with_a_script_names_that_one_and_lets_it_ask_this_server() -> None:
    given = {"settings": SETTINGS, "title": "Nothing here", "script": "passkeys.js"}
    first, second = (pages.render("error.html", **given) for _ in range(2))
    nonces = []
    for page in (first, second):
        policy = page.headers["content-security-policy"]
        nonce = policy.split("script-src 'nonce-")[1].split("'")[0]
        assert f"; script-src 'nonce-{nonce}'; connect-src 'self'; " in policy
        assert f'passkeys.js?v={pages.asset("passkeys.js")[-12:]}" nonce="{nonce}" defer>' in str(page.body)
        nonces.append(nonce)
    assert nonces[0] != nonces[1]
    assert len(nonces[0]) >= 22


def hosted_templates() -> dict[str, str]:
    folder = Path(pages.__file__).parent / "templates"
    found = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.html")}
    return {name: text for name, text in found.items() if not name.startswith("mail/")}


def test_every_address_in_a_template_has_what_the_server_is_mounted_under_in_front_of_it() -> None:
    bare = re.compile(r"""(?:href|src|action)="/|(?<![~=] )(?<!crumb\()"/[a-z]|href="{{ asset""")
    for name, text in hosted_templates().items():
        assert bare.findall(text) == [], name


def test_no_template_holds_a_script_or_an_inline_style() -> None:
    hosted = hosted_templates()
    assert len(hosted) >= 12
    ours = re.compile(
        r"<script src=\"{{ base }}{{ asset\([a-z'.]+\) }}\"( nonce=\"{{ nonce }}\")? defer></script>"
    )
    for name, text in hosted.items():
        assert text.count("<script") == len(ours.findall(text)), name
        assert "style=" not in text, name


def test_files_are_kept_for_ever_under_an_address_that_changes_with_them(tmp_path: Path) -> None:
    with running_server(tmp_path) as server, server.browser() as browser:
        address = pages.asset("vestibule.css")
        sheet = browser.get(address)
        assert sheet.headers["content-type"].startswith("text/css")
        assert "immutable" in sheet.headers["cache-control"]
        assert browser.get("/assets/vestibule.css").headers["cache-control"] == "no-cache"
        assert browser.get("/assets/..%2Fpages.py").status_code == 404
        assert browser.get("/assets/nothing.css").status_code == 404
