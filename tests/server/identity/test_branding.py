"""Branding: what may be chosen, what becomes of it, and what a file decides."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.clocks import Clock
from vestibule.errors import ConfigError
from vestibule.server.identity import branding as rules
from vestibule.server.identity import palettes
from vestibule.server.identity.branding import (
    PLAIN,
    draft_branding,
    find_branding,
    find_picture,
    last_branding,
    remove_logo,
    store_logo,
    update_branding,
)
from vestibule.server.identity.colors import TEXT, contrast
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import ensure_environment
from vestibule.server.identity.errors import Conflict, Invalid
from vestibule.server.identity.events import list_events
from vestibule.server.identity.keyring import Keyring
from vestibule.server.identity.paging import Page
from vestibule.server.identity.palettes import CARD, Scheme

PNG = b"\x89PNG\r\n\x1a\n" + b"rest of the picture"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path fill="url(#a)" d="M0 0h1v1z"/></svg>'


@pytest.fixture(autouse=True)
def _environment(identity: Identity) -> None:
    ensure_environment(identity, name="Example")


def by_file(identity: Identity, path: Path) -> Identity:
    return replace(identity, settings=replace(identity.settings, branding=str(path)), keyring=Keyring())


def test_what_is_chosen_is_in_effect_at_once_and_told_once(identity: Identity) -> None:
    assert find_branding(identity) == replace(PLAIN, product="Example")
    update_branding(identity, name="Acme", accent="#1B5", terms_url="https://acme.com/terms#x")
    found = find_branding(identity)
    assert (found.name, found.product, found.accent) == ("Acme", "Acme", "#11bb55")
    assert last_branding(identity) == found
    update_branding(identity, name="Acme")  # as it is already
    update_branding(identity, name="", accent=None)
    assert find_branding(identity) == replace(PLAIN, product="Example", terms_url="https://acme.com/terms#x")
    told = list_events(identity, Page(order="asc"), events=["branding.updated"]).data
    assert [event.data["changed"] for event in told] == [
        ["accent", "name", "terms_url"],
        ["accent", "name"],
    ]


def test_another_process_asks_once_in_a_while_and_learns_of_it_within_seconds(
    identity: Identity, clock: Clock
) -> None:
    other = replace(identity, keyring=Keyring())
    assert find_branding(other).name is None
    update_branding(identity, name="Acme")
    assert find_branding(other).name is None  # as it was remembered: no page has to ask
    clock.advance(seconds=6)
    assert find_branding(other).name == "Acme"


def test_a_draft_changes_nothing(identity: Identity) -> None:
    assert (
        draft_branding(identity, accent="#ffcc00", copy={"en": {"sign_in_title": "Hello"}}).accent
        == "#ffcc00"
    )
    assert find_branding(identity).accent is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"accent": "red"}, "invalid_color"),
        ({"accent": "#12345g"}, "invalid_color"),
        ({"accent": "#123;}body{"}, "invalid_color"),
        ({"appearance": "blue"}, "invalid_appearance"),
        ({"radius": "99px"}, "invalid_radius"),
        ({"radius": "1px;x"}, "invalid_radius"),
        ({"terms_url": "javascript:alert(1)"}, "invalid_link"),
        ({"privacy_url": "https://acme.com/ x"}, "invalid_link"),
        ({"support_url": "mailto:nobody"}, "invalid_link"),
        ({"name": "two\nlines"}, "invalid_text"),
        ({"name": "x" * 81}, "invalid_text"),
        ({"credit": "yes"}, "invalid_switch"),
        ({"copy": {"en": {"title": "x"}}}, "invalid_copy"),
        ({"copy": {"../en": {}}}, "invalid_copy"),
        ({"colour": "#fff"}, "unknown_field"),
    ],
)
def test_what_cannot_be_is_refused_by_field_with_a_sentence(
    identity: Identity, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        update_branding(identity, **changes)
    (problem,) = refused.value.errors
    assert (problem["field"], problem["code"]) == (*changes, code)
    assert problem["message"].endswith(".")


def test_everything_that_is_wrong_is_said_at_once(identity: Identity) -> None:
    with pytest.raises(Invalid) as refused:
        update_branding(identity, accent="red", radius="round", name="Acme")
    assert [each["field"] for each in refused.value.errors] == ["accent", "radius"]
    assert find_branding(identity).name is None


def test_sentences_of_a_language_hold_for_its_regions_too(identity: Identity) -> None:
    said = {"pt": {"sign_in_title": "Olá", "sign_in_lead": ""}, "pt-BR": {"sign_up_title": "Oi"}}
    branding = update_branding(identity, copy=said)
    assert branding.words("pt-BR") == {"sign_in_title": "Olá", "sign_up_title": "Oi"}
    assert branding.words("pt-PT") == {"sign_in_title": "Olá"}
    assert branding.words("en") == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_color_there_is_can_be_read(scheme: Scheme) -> None:
    for color in (f"#{number:06x}" for number in range(0, 1 << 24, 41_999)):
        made, page = palettes.accent(color, scheme), palettes.paper(color, scheme)
        pairs = [
            (made.ink, made.fill),
            (made.ink, made.fill_deep),
            (made.link, CARD[scheme]),
            (made.link_deep, CARD[scheme]),
            (made.link_deep, made.wash),
            *((page.ink, behind) for behind in (page.paper, *page.arches)),
        ]
        assert min(contrast(*pair) for pair in pairs) >= TEXT, color
        assert contrast(palettes.dark_of(color), CARD["dark"]) >= TEXT, color


def test_contrast_is_counted_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#1b5e4f", "#1b5e4f") == 1


def test_what_became_of_a_color_is_said(identity: Identity) -> None:
    yellow = draft_branding(identity, accent="#ffcc00").advice
    assert len(yellow) == 2
    assert "links are #" in yellow[0]
    assert draft_branding(identity, accent="#1b5e4f", accent_dark="#83d3b8").advice == ()


def test_a_picture_is_known_by_its_bytes_and_kept(identity: Identity) -> None:
    store_logo(identity, PNG)
    store_logo(identity, SVG, place="logo_dark")
    store_logo(identity, b"\x00\x00\x01\x00icon", place="favicon")
    found = find_branding(identity)
    kinds = [each.media_type for each in (found.logo, found.logo_dark, found.favicon) if each]
    assert kinds == ["image/png", "image/svg+xml", "image/x-icon"]
    assert find_picture(identity, "logo") == (found.logo, PNG)
    remove_logo(identity, place="logo_dark")
    assert find_branding(identity).logo_dark is None
    assert find_picture(identity, "logo_dark") is None
    told = list_events(identity, Page(order="asc"), events=["branding.updated"]).data
    assert [event.data["changed"] for event in told] == [["logo"], ["logo_dark"], ["favicon"], ["logo_dark"]]
    assert str(PNG) not in str(told)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"GIF89a", "invalid_image"),
        (b"\x00\x00\x01\x00icon", "invalid_image"),
        (b"<html><svg></svg></html>", "invalid_image"),
        (PNG + bytes(256 * 1024), "image_too_large"),
        (SVG.replace(b"<path", b"<script/><path"), "invalid_image"),
        (SVG.replace(b"<path", b"<foreignObject/><path"), "invalid_image"),
        (SVG.replace(b"<path", b"<path ONLOAD='x'"), "invalid_image"),
        (SVG.replace(b"url(#a)", b"url(https://evil.example/x)"), "invalid_image"),
        (SVG.replace(b"<path", b"<style>@import 'x';</style><path"), "invalid_image"),
        (SVG.replace(b"<path", b"<use href='https://evil.example/#x'/><path"), "invalid_image"),
        (b"<!DOCTYPE svg [<!ENTITY a 'b'>]>" + SVG, "invalid_image"),
        (SVG.decode().encode("utf-16"), "invalid_image"),
        (SVG[:-4], "invalid_image"),
    ],
)
def test_a_picture_that_might_do_more_than_show_is_refused(
    identity: Identity, content: bytes, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        store_logo(identity, content)
    assert [(each["field"], each["code"]) for each in refused.value.errors] == [("logo", code)]


def test_a_file_wins_and_is_left_alone(identity: Identity, tmp_path: Path) -> None:
    update_branding(identity, name="Acme", accent="#123456")
    store_logo(identity, PNG)
    (tmp_path / "logo.svg").write_bytes(SVG)
    file = tmp_path / "branding.toml"
    file.write_text('name = "File"\nlogo = "logo.svg"\n[copy.de]\nsign_in_title = "Hallo"\n')
    filed = by_file(identity, file)
    found = find_branding(filed)
    assert (found.product, found.accent, found.from_file) == ("File", "#123456", {"name", "logo", "copy"})
    assert find_picture(filed, "logo") == (found.logo, SVG)
    assert found.words("de") == {"sign_in_title": "Hallo"}
    for change in (
        lambda: update_branding(filed, name="Other", accent="#654321"),
        lambda: draft_branding(filed, name="Other"),
        lambda: store_logo(filed, PNG),
        lambda: remove_logo(filed),
    ):
        with pytest.raises(Conflict) as refused:
            change()
        assert refused.value.code == "set_by_file"
    assert update_branding(filed, accent="#654321").accent == "#654321"


def test_a_file_with_mistakes_says_all_of_them(identity: Identity, tmp_path: Path) -> None:
    file = tmp_path / "branding.toml"
    file.write_text('accent = "red"\nlogo = "nowhere.png"\ncolour = "#fff"\n')
    with pytest.raises(ConfigError) as refused:
        rules.check_file(by_file(identity, file))
    assert len(refused.value.problems) == 3
    assert all("branding.toml" in problem for problem in refused.value.problems)
    file.write_text("accent = ")
    with pytest.raises(ConfigError, match="cannot be read"):
        rules.check_file(by_file(identity, file))
