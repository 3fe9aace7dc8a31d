"""Branding: how the pages for people look, with a look at one of them before it counts."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from vestibule.server import branding as shown
from vestibule.server import languages
from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk, explain
from vestibule.server.identity.branding import (
    PLACES,
    Branding,
    Place,
    draft_branding,
    find_branding,
    remove_logo,
    store_logo,
    update_branding,
)
from vestibule.server.identity.branding_choices import APPEARANCES, RADII, SENTENCES
from vestibule.server.identity.environment import get_environment
from vestibule.server.identity.errors import Conflict, Invalid, NotFound
from vestibule.server.identity.palettes import CARD, SOFT

PATH: Final = "/dashboard/branding"
PICTURE: Final = f"{PATH}/pictures/{{place}}"
MOST_FIELDS: Final = 200
COPY: Final = "copy:"
TEXTS: Final = (
    *("name", "accent", "accent_dark", "background", "background_dark", "appearance", "radius"),
    *("terms_url", "privacy_url", "support_url"),
)
PIXELS: Final = ("4px", "6px", "10px", "16px", "24px")
PAGES: Final = (
    ("sign-in", "Sign-in"),
    ("password", "Password"),
    ("sign-up", "Sign-up"),
    ("problem", "With a problem"),
)
PICTURES: Final[Sequence[tuple[Place, str, str]]] = (
    ("logo", "Logo", "On light pages, and on dark ones without a logo of their own."),
    ("logo_dark", "Logo on dark pages", "Where the first one cannot be seen on a dark card."),
    ("favicon", "Favicon", "In the tab of the browser; ICO will do as well."),
)
WORDS: Final[Mapping[str, str]] = {
    "sign_in_title": "Title of the sign-in",
    "sign_in_lead": "Below that title",
    "sign_in_footer": "At the foot of the sign-in",
    "sign_up_title": "Title of the sign-up",
    "sign_up_lead": "Below that title",
    "sign_up_footer": "At the foot of the sign-up",
}
LINKS, WRITING = "Links are made readable.", "What is written on it is made readable."
CONTRASTS: Final = {
    "accent": (CARD["light"], LINKS),
    "accent_dark": (CARD["dark"], LINKS),
    "background": (SOFT["light"], WRITING),
    "background_dark": (SOFT["dark"], WRITING),
}
"""What each color is read with, and what is done where that is too near."""
SAID: Final = {
    "saved": "Saved: people see it from now on.",
    "uploaded": "The picture is there: people see it from now on.",
    "removed": "The picture is removed.",
}


def show(desk: Desk) -> Response:
    return _page(desk, find_branding(desk.identity))


def save(desk: Desk) -> Response:
    try:
        update_branding(desk.identity, **_typed(desk, find_branding(desk.identity)))
    except (Invalid, Conflict) as error:
        return _refused(desk, error)
    return desk.go(PATH, done="saved")


def show_preview(desk: Desk) -> Response:
    """As it is saved."""
    return _preview(desk, desk.path("page"), find_branding(desk.identity))


def preview(desk: Desk) -> Response:
    """As it is typed: into the frame beside the form. What cannot be used is as it was saved."""
    present = find_branding(desk.identity)
    typed = dict(_typed(desk, present))
    try:
        drafted = draft_branding(desk.identity, **typed)
    except Invalid as error:
        wrong = {each["field"] for each in error.errors}
        left = {name: value for name, value in typed.items() if name not in wrong}
        drafted = draft_branding(desk.identity, **left)
    return _preview(desk, desk.form.get("preview_page", "sign-in"), drafted)


def upload(desk: Desk) -> Response:
    place, content = _place(desk), desk.visitor.upload
    try:
        if content is None:
            raise Invalid.field(place, "image_missing", "Choose a file first.")
        store_logo(desk.identity, content, place=place)
    except (Invalid, Conflict) as error:
        return _refused(desk, error)
    return desk.go(PATH, done="uploaded")


def remove(desk: Desk) -> Response:
    try:
        remove_logo(desk.identity, place=_place(desk))
    except Conflict as error:
        return _refused(desk, error)
    return desk.go(PATH, done="removed")


def _place(desk: Desk) -> Place:
    for place in PLACES:
        if place == desk.path("place"):
            return place
    raise NotFound.of("Picture", desk.path("place"))


def _typed(desk: Desk, present: Branding) -> Mapping[str, Any]:
    """Every choice that the form has, as the rules take them. Those of a file are left alone."""
    form = desk.form
    typed: dict[str, Any] = {name: form[name].strip() for name in TEXTS if name in form}
    if form.get("whole") == "yes":
        typed["credit"] = form.get("credit") == "on"
        typed["copy"] = _copy(form)
    return {name: value for name, value in typed.items() if name not in present.from_file}


def _copy(form: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
    said: dict[str, dict[str, str]] = {}
    for name, text in form.items():
        if name.startswith(COPY):
            tag, _, sentence = name.removeprefix(COPY).partition(":")
            said.setdefault(tag, {})[sentence] = text.strip()
    return said


def _preview(desk: Desk, name: str, branding: Branding) -> Response:
    if name not in shown.PREVIEWS:
        raise NotFound.of("Page", name)
    asked = desk.form.get("preview_language") or desk.query("language")
    language = languages.find_language(asked)
    return shown.preview(desk.identity, branding, page=name, language=language)


def _refused(desk: Desk, error: Invalid | Conflict) -> Response:
    errors, problem = explain(error) if isinstance(error, Invalid) else ({}, error.message)
    return _page(desk, find_branding(desk.identity), errors=errors, problem=problem, typed=desk.form)


def _page(
    desk: Desk,
    present: Branding,
    *,
    errors: Mapping[str, str] | None = None,
    problem: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    kept = {name: getattr(present, name) or "" for name in TEXTS}
    said = {f"{COPY}{tag}:{key}": text for tag, texts in present.copy.items() for key, text in texts.items()}
    values = {**kept, **said, **(typed or {})}
    radii = [*RADII, *sorted({*PIXELS, *(() if values["radius"] in RADII else (values["radius"],))})]
    return desk.page(
        "branding.html",
        status=422 if errors or problem else 200,
        present=present,
        place_name=get_environment(desk.identity).name,
        tongues=_tongues(present),
        sentences=[(key, WORDS[key]) for key in SENTENCES],
        appearances=[
            (each, {"system": "As the device is set"}.get(each, each.title())) for each in APPEARANCES
        ],
        radii=[(each, each.title() if each in RADII else each) for each in radii],
        pictures=PICTURES,
        contrasts=CONTRASTS,
        pages=PAGES,
        fixed=present.from_file,
        credit=values.get("credit") == "on" if typed and "whole" in typed else present.credit,
        values=values,
        errors=errors or {},
        problem=problem,
    )


def _tongues(present: Branding) -> Sequence[tuple[str, str]]:
    """Those of the pages, and any that has sentences of its own already."""
    known = {each.tag.lower(): each.name for each in languages.available()}
    return [*known.items(), *((tag, tag) for tag in present.copy if tag not in known)]


DEEDS: Final = (
    page(PATH, show, said=SAID),
    deed(PATH, save, right="manage", back=PATH, most_fields=MOST_FIELDS),
    page(f"{PATH}/preview/{{page}}", show_preview),
    deed(f"{PATH}/preview", preview, right="manage", back=PATH, most_fields=MOST_FIELDS),
    deed(PICTURE, upload, right="manage", back=PATH, upload="file"),
    deed(f"{PICTURE}/remove", remove, right="manage", back=PATH),
)
