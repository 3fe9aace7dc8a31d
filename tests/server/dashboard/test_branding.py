"""Branding in the dashboard: looked at before it is kept, told what was done to it, and its pictures."""

from pathlib import Path
from typing import Any

import pytest

from tests.server.dashboard.conftest import Operators
from tests.server.dashboard.office import SAME_ORIGIN, Office, Seat
from vestibule.server.identity.branding import find_branding

PATH = "/dashboard/branding"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="4"/></svg>'


@pytest.fixture
def server_settings(tmp_path: Path) -> dict[str, Any]:
    file = tmp_path / "branding.toml"
    file.write_text('support_url = "https://help.example.com"\n')
    return {"branding": str(file)}


def upload(seat: Seat, place: str, content: bytes) -> Any:
    return seat.client.post(
        f"{PATH}/pictures/{place}",
        data={"csrf": seat.csrf},
        files={"file": ("logo", content, "application/octet-stream")},
        headers=SAME_ORIGIN,
    )


def test_what_is_typed_is_seen_in_the_frame_and_nowhere_else(office: Office, operator: Operators) -> None:
    admin = operator("admin")
    typed = {"whole": "yes", "name": "Acme Works", "accent": "#ff7a00", "copy:en:sign_in_title": "Welcome in"}
    seen = admin.post(f"{PATH}/preview", **typed, preview_page="sign-in", preview_language="en")
    assert seen.status_code == 200
    for text in ("Acme Works", "Welcome in", "#ff7a00"):
        assert text in seen.text
    policy = seen.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    half = admin.post(f"{PATH}/preview", name="Acme Works", accent="#ff7")
    assert "Acme Works" in admin.post(f"{PATH}/preview", name="Acme Works", accent="orange").text
    assert "#ffff77" in half.text
    assert find_branding(office.identity).name is None
    assert "Acme Works" not in admin.read(f"{PATH}/preview/sign-in")


def test_it_is_kept_with_a_word_about_contrast(office: Office, operator: Operators) -> None:
    admin = operator("admin")
    said = admin.done(
        PATH, whole="yes", accent="#ff7a00", radius="12px", terms_url="https://example.com/terms"
    )
    assert "text needs 4.5" in said
    found = find_branding(office.identity)
    assert (found.accent, found.radius, found.credit) == ("#ff7a00", "12px", False)
    event = office.events("branding.updated")[0]
    assert event.data["changed"] == ["accent", "credit", "radius", "terms_url"]
    assert event.context is not None
    assert event.context["actor"]["name"] == "admin@example.com"
    wrong = admin.post(PATH, whole="yes", accent="reddish", terms_url="nowhere", name="Kept as typed")
    assert wrong.status_code == 422
    for text in ("A color is written like", "A link begins with", "Kept as typed", "reddish"):
        assert text in wrong.text


def test_what_a_file_sets_is_shown_and_left_alone(office: Office, operator: Operators) -> None:
    admin = operator("admin")
    shown = admin.read(PATH)
    assert "https://help.example.com" in shown
    assert "A file sets support url" in shown
    admin.done(PATH, whole="yes", support_url="https://elsewhere.example.com", name="Acme")
    assert find_branding(office.identity).support_url == "https://help.example.com"


def test_a_logo_is_uploaded_refused_and_removed(office: Office, operator: Operators) -> None:
    admin = operator("admin")
    large = SVG + b" " * 100_000
    assert upload(admin, "logo", large).status_code == 303
    assert find_branding(office.identity).logo is not None
    for content, text in (
        (b"<html></html>", "must be PNG"),
        (b"", "Choose a file first"),
        (SVG + b" " * 270_000, "256 are the most"),
    ):
        refused = upload(admin, "logo", content)
        assert (refused.status_code, text in refused.text) == (422, True)
    assert upload(admin, "logo", b"x" * 400_000).status_code == 413
    assert upload(operator("support"), "logo", SVG).status_code == 403
    admin.done(f"{PATH}/pictures/logo/remove")
    assert find_branding(office.identity).logo is None


def test_CS_1_an_upload_needs_the_token_of_the_form(operator: Operators) -> None:
    admin = operator("admin")
    answer = admin.client.post(f"{PATH}/pictures/logo", files={"file": ("logo", SVG)}, headers=SAME_ORIGIN)
    assert (answer.status_code, "form_not_trusted" in answer.text) == (403, True)
